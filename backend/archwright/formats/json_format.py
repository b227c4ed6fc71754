"""JSON: everything of a diagram, as a file that reads back equal."""

from collections import Counter
from typing import Any, Literal

import orjson
from pydantic import Field, ValidationError

from archwright.diagram.apply import check_parent
from archwright.diagram.model import ELEMENTS_MAX, Diagram, Edge, Node, Section, Value, plain_json
from archwright.errors import InvalidRequest, LimitExceeded, OpRefused


class File(Value):
    """The shape of the file. `archwright` is the version of the format."""

    archwright: Literal[1] = 1
    title: str = Field(default="", max_length=200)
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    sections: tuple[Section, ...] = ()


def write(diagram: Diagram, theme: str = "auto") -> bytes:
    """Return the diagram as indented JSON; the theme does not matter."""
    file = File(
        title=diagram.title,
        nodes=tuple(diagram.nodes.values()),
        edges=tuple(diagram.edges.values()),
        sections=diagram.document(),
    )
    return orjson.dumps(file.model_dump(mode="json"), option=orjson.OPT_INDENT_2) + b"\n"


def read(content: dict[str, Any]) -> Diagram:
    """Return the diagram that a parsed file holds.

    Raises InvalidRequest, which says what is wrong and where, and LimitExceeded above 10,000 elements.
    """
    try:
        file = File.model_validate(content)
    except ValidationError as error:
        found = error.errors()[0]
        where = ".".join(str(part) for part in found["loc"]) or "the file"
        raise InvalidRequest(f"This is no diagram that can be read: {where}: {found['msg']}.") from None
    if len(file.nodes) + len(file.edges) + len(file.sections) > ELEMENTS_MAX:
        raise LimitExceeded(f"A session holds at most {ELEMENTS_MAX:,} elements.", limit=ELEMENTS_MAX)
    for kind, ids in (
        ("node", [n.id for n in file.nodes]),
        ("edge", [e.id for e in file.edges]),
        ("section", [s.slug for s in file.sections]),
    ):
        _unique(kind, ids)
    diagram = Diagram(
        title=file.title,
        nodes={node.id: node for node in file.nodes},
        edges={edge.id: edge for edge in file.edges},
        sections={section.slug: section for section in file.sections},
    )
    _check(diagram)
    return diagram


def _unique(kind: str, ids: list[str]) -> None:
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice:
        raise InvalidRequest(f"The file holds the {kind} '{twice[0]}' twice.")


def _check(diagram: Diagram) -> None:
    """Refuse dangling edges, and parents that are missing, no groups, in a cycle or nested too deep."""
    for edge in diagram.edges.values():
        for end in (edge.source, edge.target):
            if end not in diagram.nodes:
                raise InvalidRequest(f"The edge '{edge.id}' ends at '{end}', which the file does not hold.")
    elements: list[Node | Edge] = [*diagram.nodes.values(), *diagram.edges.values()]
    for element in elements:
        try:
            plain_json(element.properties)
        except ValueError as error:
            raise InvalidRequest(f"The properties of '{element.id}' {error}.") from None
    for node in diagram.nodes.values():
        _climb(diagram, node)
    for node in diagram.nodes.values():
        try:
            check_parent(diagram, node)
        except OpRefused as error:
            raise InvalidRequest(f"The node '{node.id}': {error.detail}") from None


def _climb(diagram: Diagram, node: Node) -> None:
    seen, parent = {node.id}, node.parent
    while parent is not None:
        if parent in seen:
            raise InvalidRequest(f"The parents of '{node.id}' form a cycle.")
        if parent not in diagram.nodes:
            raise InvalidRequest(f"The node '{node.id}' lies in '{parent}', which the file does not hold.")
        seen.add(parent)
        parent = diagram.nodes[parent].parent
