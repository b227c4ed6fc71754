"""How much room a diagram takes as JSON, without writing it."""

from collections.abc import Iterator

import orjson

from archwright.diagram.model import Diagram, Edge, Node, Section

Element = Node | Edge | Section
_FRAME = 480
"""The names, numbers and punctuation of an element, in bytes."""
_POINT = 60


def weight_of(element: Element) -> int:
    """Return at least as many bytes as the element takes as JSON in UTF-8."""
    match element:
        case Node():
            texts = _text(element.id, element.label, element.technology, element.description, element.parent or "")
            return _FRAME + texts + _json(element.properties)
        case Edge():
            texts = _text(element.id, element.source, element.target, element.label)
            return _FRAME + texts + _json(element.properties) + _POINT * len(element.route)
        case Section():
            return _FRAME + _text(element.slug, element.title, element.body)


def elements_of(diagram: Diagram) -> Iterator[Element]:
    """The nodes and edges in order of creation, then the sections in their order in the document."""
    yield from diagram.nodes.values()
    yield from diagram.edges.values()
    yield from diagram.document()


def weight(diagram: Diagram) -> int:
    """Return at least as many bytes as all elements take as JSON."""
    return sum(map(weight_of, elements_of(diagram)))


def _text(*texts: str) -> int:
    return sum(len(orjson.dumps(text)) for text in texts)


def _json(properties: object) -> int:
    return len(orjson.dumps(properties)) if properties else 2
