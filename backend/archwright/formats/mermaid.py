"""Mermaid: a flowchart with nested subgraphs."""

import re
from collections.abc import Iterator, Mapping

from archwright.diagram.model import Diagram, Edge, Node

_SHAPES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("database", "vectordb", "warehouse", "cache", "storage"), ("[(", ")]")),
    **dict.fromkeys(("client", "web", "mobile", "user"), ("([", "])")),
    **dict.fromkeys(("queue", "stream"), ("[[", "]]")),
    **dict.fromkeys(("gateway", "loadbalancer", "cdn", "dns", "network"), ("{{", "}}")),
    **dict.fromkeys(("external",), ("[/", "/]")),
}
_ARROWS: Mapping[str, str] = {
    "request": "-->", "async": "-.->", "data": "==>", "replication": "-.->", "depends": "-.->",
}  # fmt: skip
_LIST = re.compile(r"\s*(\d+[.)]|[-+])")
_PLAIN = ".,:-_/'+()?!"


def write(diagram: Diagram, theme: str = "auto") -> bytes:
    """Return the diagram as Mermaid text; ids are numbered, so that none is a word of the language."""
    names = {node_id: f"n{number}" for number, node_id in enumerate(diagram.nodes, start=1)}
    lines = ["---", f"title: {_yaml(diagram.title or 'Architecture')}", "---", "flowchart LR"]
    lines += _inside(diagram, None, names, "  ")
    lines += [_edge(edge, names) for edge in diagram.edges.values()]
    return ("\n".join(lines) + "\n").encode()


def _inside(diagram: Diagram, parent: str | None, names: Mapping[str, str], indent: str) -> Iterator[str]:
    for node in diagram.children(parent):
        if node.type != "group":
            yield indent + _node(node, names[node.id])
            continue
        yield f'{indent}subgraph {names[node.id]}["{_text(node)}"]'
        yield from _inside(diagram, node.id, names, indent + "  ")
        yield f"{indent}end"


def _node(node: Node, name: str) -> str:
    opening, closing = _SHAPES.get(node.type, ("[", "]"))
    return f'{name}{opening}"{_text(node)}"{closing}'


def _text(node: Node) -> str:
    technology = f"<br/><small>{_escaped(node.technology)}</small>" if node.technology else ""
    return _escaped(node.label) + technology


def _edge(edge: Edge, names: Mapping[str, str]) -> str:
    label = f'|"{_escaped(edge.label)}"|' if edge.label else ""
    return f"  {names[edge.source]} {_ARROWS[edge.kind]}{label} {names[edge.target]}"


def _escaped(text: str) -> str:
    """Everything that means something to Mermaid or HTML, as its number; a list's mark at the start too."""
    mark = _LIST.match(text)
    plain = 0 if mark is None else mark.end()
    return "".join(
        char if char == " " or char.isalnum() or (char in _PLAIN and place >= plain) else f"#{ord(char)};"
        for place, char in enumerate(text)
    )


def _yaml(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
