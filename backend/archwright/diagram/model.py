"""A diagram as a value: nodes, edges and document sections, all immutable."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StringConstraints,
)

NodeType = Literal[
    "client", "web", "mobile", "user", "gateway", "loadbalancer", "cdn", "dns", "service", "api", "server",
    "worker", "function", "queue", "stream", "cache", "database", "storage", "search", "vectordb", "warehouse",
    "auth", "ml", "llm", "scheduler", "monitoring", "external", "network", "group",
]  # fmt: skip
EdgeKind = Literal["request", "async", "data", "replication", "depends"]

LABEL_MAX = 200
DESCRIPTION_MAX = 4_000
SECTION_BODY_MAX = 50_000
PROPERTIES_MAX = 50
PROPERTIES_BYTES = 20_000
NESTING_MAX = 8
ELEMENTS_MAX = 10_000
OPS_MAX = 50
PLACE_MAX = 1_000_000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LINE_BREAK = re.compile(r"[\t\n\r\u2028\u2029]")


def plain_text(text: str) -> str:
    """Return the text, or raise ValueError when it holds control characters or lone surrogates."""
    found = _CONTROL.search(text)
    if found:
        raise ValueError(f"holds the control character U+{ord(found.group()):04X} at position {found.start()}")
    return text


def one_line(text: str) -> str:
    """Return the text, or raise ValueError when it is not plain text on one line."""
    if _LINE_BREAK.search(text):
        raise ValueError("must be one line")
    return plain_text(text)


def _a_number(value: object) -> object:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError("must be a number")
    return value


def _empty_for_none(value: object) -> object:
    return "" if value is None else value


ElementId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,99}$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=LABEL_MAX), AfterValidator(one_line)]
OptionalLabel = Annotated[
    str, BeforeValidator(_empty_for_none), StringConstraints(max_length=LABEL_MAX), AfterValidator(one_line)
]
Description = Annotated[
    str,
    BeforeValidator(_empty_for_none),
    StringConstraints(max_length=DESCRIPTION_MAX),
    AfterValidator(plain_text),
]
Coordinate = Annotated[float, Field(ge=-1_000_000, le=1_000_000, allow_inf_nan=False, strict=True)]
Extent = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False, strict=True)]
NUMBER = BeforeValidator(_a_number)
"""For a whole number, which JSON may also write as 1.0: a truth value or a text is none. It stands behind the bounds,
for what stands behind it is not in the schema."""
Place = Annotated[int, Field(ge=0, le=PLACE_MAX), NUMBER]
"""Where a section stands in the document: sections are shown by ascending place."""
Properties = Annotated[dict[Label, JsonValue], Field(max_length=PROPERTIES_MAX)]


def plain_json(properties: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return properties that every reader of JSON reads alike, or raise ValueError: text without lone surrogates,
    finite numbers, whole ones of at most 64 bits, and no more than 20,000 bytes in all."""
    try:
        written = orjson.dumps(properties)
    except (orjson.JSONEncodeError, TypeError, RecursionError):
        raise ValueError("hold a text or a number that not every program can read") from None
    if orjson.loads(written) != properties:
        raise ValueError("hold a number that is none")
    if len(written) > PROPERTIES_BYTES:
        raise ValueError(f"take {len(written):,} bytes; at most {PROPERTIES_BYTES:,} are allowed")
    return properties


GivenProperties = Annotated[Properties, AfterValidator(plain_json)]
"""Properties as a caller writes them; what is stored already is not asked so much."""


class Value(BaseModel):
    """An immutable value that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Point(Value):
    """A place on the canvas, in canvas units (1 unit = 1 CSS pixel at zoom 1), y downwards."""

    x: Coordinate
    y: Coordinate


class Size(Value):
    width: Extent
    height: Extent


class Node(Value):
    """A box. `position` is its top left corner, absolute on the canvas, for groups too."""

    id: ElementId
    type: NodeType = "service"
    label: Label
    technology: OptionalLabel = ""
    description: Description = ""
    parent: ElementId | None = None
    position: Point = Point(x=0, y=0)
    size: Size = Size(width=0, height=0)
    pinned: StrictBool = False
    properties: Properties = Field(default_factory=dict)


class Edge(Value):
    """A directed connection. `route` runs from the border of the source to the border of the target; `label_at` is the
    middle of its label, nothing where that was not placed yet."""

    id: ElementId
    source: ElementId
    target: ElementId
    label: OptionalLabel = ""
    kind: EdgeKind = "request"
    properties: Properties = Field(default_factory=dict)
    route: tuple[Point, ...] = ()
    label_at: Point | None = None


class Section(Value):
    """One section of the design document, in markdown; sections are shown by ascending position."""

    slug: ElementId
    title: Label
    body: Annotated[str, StringConstraints(max_length=SECTION_BODY_MAX), AfterValidator(plain_text)] = ""
    position: Place = 0


@dataclass(frozen=True, slots=True)
class Diagram:
    """A session's whole drawable state. The mappings are never mutated; order is order of creation."""

    title: str = ""
    nodes: Mapping[str, Node] = field(default_factory=dict)
    edges: Mapping[str, Edge] = field(default_factory=dict)
    sections: Mapping[str, Section] = field(default_factory=dict)

    def replace(self, **fields: Any) -> "Diagram":
        return replace(self, **fields)

    def with_node(self, node: Node) -> "Diagram":
        return replace(self, nodes={**self.nodes, node.id: node})

    def with_edge(self, edge: Edge) -> "Diagram":
        return replace(self, edges={**self.edges, edge.id: edge})

    def children(self, group_id: str | None) -> Iterator[Node]:
        """The direct members of a group, or the top level for None."""
        return (node for node in self.nodes.values() if node.parent == group_id)

    def ancestors(self, node_id: str) -> Iterator[Node]:
        """The groups around a node, innermost first. The diagram must be free of parent cycles."""
        parent = self.nodes[node_id].parent
        while parent is not None:
            yield self.nodes[parent]
            parent = self.nodes[parent].parent

    def touching(self, node_id: str) -> Iterator[Edge]:
        return (edge for edge in self.edges.values() if node_id in (edge.source, edge.target))

    def document(self) -> tuple[Section, ...]:
        """The sections in the order in which they are read."""
        return tuple(sorted(self.sections.values(), key=lambda section: (section.position, section.slug)))

    def size(self) -> int:
        """How many elements it holds."""
        return len(self.nodes) + len(self.edges) + len(self.sections)
