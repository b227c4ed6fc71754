"""What lines and their labels lie on that they should not: the measure of a picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from archwright.diagram.layout.boxes import Box, Index, box_of
from archwright.diagram.layout.labels import label_box, stretches
from archwright.diagram.layout.obstacles import Obstacles
from archwright.diagram.layout.ways import crosses
from archwright.diagram.model import Diagram, Edge

Kind = Literal["line through box", "line through group", "label on box", "label on line", "label on label"]


@dataclass(frozen=True, slots=True)
class Collision:
    """An edge's line or label, and the node or the other edge that it lies on."""

    kind: Kind
    edge: str
    other: str


def collisions(diagram: Diagram) -> tuple[Collision, ...]:
    """Return every line that runs through a box or a group that holds neither of its ends, and every label that
    lies on a box, on another edge's line or on another label."""
    return (*lines_through(diagram), *_labels_on(diagram))


def lines_through(diagram: Diagram) -> tuple[Collision, ...]:
    """Return every line that runs through a box, its own ends among them, or through a foreign group."""
    obstacles = Obstacles(diagram)
    return tuple(found for edge in diagram.edges.values() for found in _through(diagram, edge, obstacles))


def _through(diagram: Diagram, edge: Edge, obstacles: Obstacles) -> Iterator[Collision]:
    foreign = obstacles.of(edge)
    met = {name for piece in stretches(edge.route) for name, _ in foreign.near(piece.grown(0.5))}
    met |= {end for end in _walled_ends(diagram, edge) if crosses(edge.route, box_of(diagram.nodes[end]).grown(-1))}
    for name in sorted(met):
        kind: Kind = "line through group" if diagram.nodes[name].type == "group" else "line through box"
        yield Collision(kind, edge.id, name)


def _walled_ends(diagram: Diagram, edge: Edge) -> Iterator[str]:
    """The ends that the line must not enter: all but a group that holds the other end."""
    for end, other in ((edge.source, edge.target), (edge.target, edge.source)):
        if end not in {group.id for group in diagram.ancestors(other)}:
            yield end


def _labels_on(diagram: Diagram) -> Iterator[Collision]:
    labels = {edge.id: box for edge in diagram.edges.values() if (box := label_box(edge)) is not None}
    indexes: Sequence[tuple[Kind, Index]] = (
        ("label on box", Index((n.id, box_of(n)) for n in diagram.nodes.values() if n.type != "group")),
        ("label on line", Index((e.id, piece) for e in diagram.edges.values() for piece in stretches(e.route))),
        ("label on label", Index(labels.items())),
    )
    for edge_id, box in labels.items():
        for kind, index in indexes:
            yield from (Collision(kind, edge_id, name) for name in sorted(_met(index, box)) if name != edge_id)


def _met(index: Index, box: Box) -> set[str]:
    return {name for name, _ in index.near(box)}
