"""The labels of edges in a picture: in the places that the layout gave them."""

from dataclasses import dataclass

from archwright.diagram.layout.boxes import Box
from archwright.diagram.layout.labels import label_box, labelled
from archwright.diagram.layout.sizes import edge_lines
from archwright.diagram.model import Diagram, Edge


@dataclass(frozen=True, slots=True)
class Place:
    """A label's lines, in a box around the middle of the text."""

    edge: Edge
    lines: tuple[str, ...]
    box: Box


def places(diagram: Diagram) -> tuple[Place, ...]:
    """Return the place of each label of an edge that has a route; one that was stored without a place gets one."""
    without = [edge.id for edge in diagram.edges.values() if edge.label.strip() and edge.label_at is None]
    edges = labelled(diagram.nodes, diagram.edges, without) if without else diagram.edges
    boxes = ((edge, label_box(edge)) for edge in edges.values())
    return tuple(Place(edge, edge_lines(edge), box) for edge, box in boxes if box is not None)
