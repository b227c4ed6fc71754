"""Ops, twice: as a caller writes them (`OpInput`) and as the change log records them (`Op`).

A recorded op carries whole elements and, beside what it sets, what stood there before, so that a fold
needs nothing but the ops and a revert nothing but the op and the current state.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, TypeAdapter

from archwright.diagram.model import (
    Description,
    Edge,
    EdgeKind,
    ElementId,
    GivenProperties,
    Label,
    Node,
    NodeType,
    OptionalLabel,
    Place,
    Point,
    Section,
    Size,
    Value,
)


class NodeDraft(Value):
    """A node as a caller adds it. Without an id the server makes one from the label; without a position the
    layout chooses; `size` is read for groups only, as a wish."""

    id: ElementId | None = None
    type: NodeType = "service"
    label: Label
    technology: OptionalLabel = ""
    description: Description = ""
    parent: ElementId | None = None
    position: Point | None = None
    size: Size | None = None
    pinned: StrictBool | None = None
    properties: GivenProperties = Field(default_factory=dict)


class NodePatch(Value):
    """Properties of a node to set; a field left out stays as it is."""

    type: NodeType = "service"
    label: Label = "-"
    technology: OptionalLabel = ""
    description: Description = ""
    parent: ElementId | None = None
    position: Point = Point(x=0, y=0)
    pinned: StrictBool = False
    properties: GivenProperties = Field(default_factory=dict)


class EdgeDraft(Value):
    """An edge as a caller adds it; its route is the layout's."""

    id: ElementId | None = None
    source: ElementId
    target: ElementId
    label: OptionalLabel = ""
    kind: EdgeKind = "request"
    properties: GivenProperties = Field(default_factory=dict)
    route: tuple[Point, ...] | None = None


class EdgePatch(Value):
    """Properties of an edge to set; a field left out stays as it is."""

    source: ElementId = "-"
    target: ElementId = "-"
    label: OptionalLabel = ""
    kind: EdgeKind = "request"
    properties: GivenProperties = Field(default_factory=dict)


class AddNodeInput(Value):
    op: Literal["add_node"] = "add_node"
    node: NodeDraft


class UpdateNodeInput(Value):
    op: Literal["update_node"] = "update_node"
    id: ElementId
    set: NodePatch


class DeleteNodeInput(Value):
    op: Literal["delete_node"] = "delete_node"
    id: ElementId


class AddEdgeInput(Value):
    op: Literal["add_edge"] = "add_edge"
    edge: EdgeDraft


class UpdateEdgeInput(Value):
    op: Literal["update_edge"] = "update_edge"
    id: ElementId
    set: EdgePatch


class DeleteEdgeInput(Value):
    op: Literal["delete_edge"] = "delete_edge"
    id: ElementId


class SetSectionInput(Value):
    op: Literal["set_section"] = "set_section"
    slug: ElementId
    title: Label
    body: str = ""
    position: Place | None = None


class DeleteSectionInput(Value):
    op: Literal["delete_section"] = "delete_section"
    slug: ElementId


class SetTitleInput(Value):
    op: Literal["set_title"] = "set_title"
    title: Label


OpInput = Annotated[
    AddNodeInput | UpdateNodeInput | DeleteNodeInput | AddEdgeInput | UpdateEdgeInput | DeleteEdgeInput
    | SetSectionInput | DeleteSectionInput | SetTitleInput,
    Field(discriminator="op"),
]  # fmt: skip


class AddNode(Value):
    op: Literal["add_node"] = "add_node"
    node: Node


class UpdateNode(Value):
    """`set` and `before` hold the same keys, in the JSON shapes of `Node`."""

    op: Literal["update_node"] = "update_node"
    id: ElementId
    set: dict[str, Any]
    before: dict[str, Any]


class DeleteNode(Value):
    op: Literal["delete_node"] = "delete_node"
    id: ElementId
    before: Node


class AddEdge(Value):
    op: Literal["add_edge"] = "add_edge"
    edge: Edge


class UpdateEdge(Value):
    """`set` and `before` hold the same keys, in the JSON shapes of `Edge`."""

    op: Literal["update_edge"] = "update_edge"
    id: ElementId
    set: dict[str, Any]
    before: dict[str, Any]


class DeleteEdge(Value):
    op: Literal["delete_edge"] = "delete_edge"
    id: ElementId
    before: Edge


class SetSection(Value):
    """`before` is None when the section is new."""

    op: Literal["set_section"] = "set_section"
    slug: ElementId
    title: str
    body: str
    position: int
    before: Section | None


class DeleteSection(Value):
    op: Literal["delete_section"] = "delete_section"
    slug: ElementId
    before: Section


class SetTitle(Value):
    op: Literal["set_title"] = "set_title"
    title: str
    before: str


Op = Annotated[
    AddNode | UpdateNode | DeleteNode | AddEdge | UpdateEdge | DeleteEdge | SetSection | DeleteSection | SetTitle,
    Field(discriminator="op"),
]

op_input_adapter: TypeAdapter[OpInput] = TypeAdapter(OpInput)
ops_adapter: TypeAdapter[tuple[Op, ...]] = TypeAdapter(tuple[Op, ...])
