"""The tools as a model sees them, and what each call means: ops, a read, or a question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import ValidationError

from archwright.agent.arguments import Schema, read_arguments
from archwright.diagram.apply import existing
from archwright.diagram.assumptions import body_of, slug_of
from archwright.diagram.model import Diagram, EdgeKind, NodeType
from archwright.diagram.ops import OpInput, op_input_adapter
from archwright.errors import OpRefused

Input = Mapping[str, Any]

_WHERE_MAX = 100
_TEXT: Schema = {"type": "string"}
_IDS: Schema = {"type": "array", "items": {"type": "string"}}


def _described(text: str) -> Schema:
    return {"type": "string", "description": text}


_ID = _described("Its id: lower-case words joined by hyphens, unique in the diagram, e.g. order-service.")
_TYPE: Schema = {"type": "string", "enum": list(get_args(NodeType))}
_KIND: Schema = {
    "type": "string",
    "enum": list(get_args(EdgeKind)),
    "description": "request: synchronous call; async: message or event; data: read or write; replication; depends.",
}
_LABEL = _described("What a reader calls it, at most 40 characters.")
_TECHNOLOGY = _described("The concrete technology, e.g. PostgreSQL; empty when none is meant.")
_DESCRIPTION = _described("One sentence: what it does in this system.")
_PARENT = _described("The id of the group that it lies in; empty for the top level.")
_STEP: Schema = {
    "type": "object",
    "properties": {
        "id": _described("A short id, e.g. payments."),
        "title": _described("What a reader of the checklist sees, at most 60 characters."),
        "task": _described("All that whoever carries it out must know: what to draw or change, with names and ids."),
        "after": {"type": "array", "items": {"type": "string"}, "description": "Ids of the steps that must be done."},
    },
    "required": ["id", "title", "task", "after"],
    "additionalProperties": False,
}
_EDGE_LABEL = _described("What flows, in two to four words, e.g. 'places orders'.")


@dataclass(frozen=True, slots=True)
class Tool:
    """`optional` are properties that a call may leave out; all others are required. `assumed` is what others are taken
    for that have one obvious meaning when they are absent or null, `blank` names those of which null is the empty
    text; models are told of neither."""

    name: str
    description: str
    properties: Mapping[str, Schema]
    optional: tuple[str, ...] = ()
    assumed: Mapping[str, Any] = field(default_factory=dict)
    blank: tuple[str, ...] = ()

    def read(self, call: Input) -> dict[str, Any]:
        """Return a call's arguments in the shapes that this tool asks for. Raises OpRefused, in words for the model."""
        told = {name: "" if value is None and name in self.blank else value for name, value in call.items()}
        given = read_arguments(self.name, told, self.properties)
        missing = [p for p in self.properties if p not in (*given, *self.optional, *self.assumed)]
        if missing:
            raise OpRefused(f"{self.name} needs {', '.join(missing)}.")
        return {**given, **{name: value for name, value in self.assumed.items() if name not in given}}

    def definition(self) -> dict[str, Any]:
        """The tool as the Messages API takes it."""
        return {
            "name": self.name,
            "description": self.description,
            "strict": True,
            "input_schema": {
                "type": "object",
                "properties": dict(self.properties),
                "required": [name for name in self.properties if name not in self.optional],
                "additionalProperties": False,
            },
        }


TOOLS: tuple[Tool, ...] = (
    Tool(
        "add_node",
        "Add a component, or with type group a box around others. Add a group before what names it as parent.",
        {
            "id": _ID,
            "type": _TYPE,
            "label": _LABEL,
            "technology": _TECHNOLOGY,
            "description": _DESCRIPTION,
            "parent": _PARENT,
        },
        assumed={"technology": "", "description": "", "parent": ""},
    ),
    Tool(
        "update_node",
        "Change properties of a node; those left out stay as they are. Keeps its id, edges and place.",
        {
            "id": _TEXT,
            "label": _LABEL,
            "type": _TYPE,
            "technology": _TECHNOLOGY,
            "description": _DESCRIPTION,
            "parent": _PARENT,
        },
        ("label", "type", "technology", "description", "parent"),
        blank=("technology", "description", "parent"),
    ),
    Tool(
        "delete_node", "Remove a node and its edges. The members of a removed group move to its parent.", {"id": _TEXT}
    ),
    Tool(
        "add_edge",
        "Connect two nodes, in the direction in which the request or the data goes.",
        {"source": _TEXT, "target": _TEXT, "label": _EDGE_LABEL, "kind": _KIND, "id": _ID},
        ("id",),
        assumed={"kind": "request"},
        blank=("label",),
    ),
    Tool(
        "update_edge",
        "Change properties of an edge; those left out stay as they are.",
        {"id": _TEXT, "label": _EDGE_LABEL, "kind": _KIND, "source": _TEXT, "target": _TEXT},
        ("label", "kind", "source", "target"),
        blank=("label",),
    ),
    Tool("delete_edge", "Remove an edge.", {"id": _TEXT}),
    Tool(
        "group_nodes",
        "Put existing nodes into a new group.",
        {"id": _ID, "label": _LABEL, "members": _IDS, "parent": _PARENT},
        assumed={"parent": ""},
    ),
    Tool("ungroup", "Remove a group and keep its members.", {"id": _TEXT}),
    Tool(
        "update_document_section",
        "Write a section of the design document, in markdown.",
        {"slug": _ID, "title": _LABEL, "body": _TEXT},
    ),
    Tool("delete_document_section", "Remove a section of the design document.", {"slug": _TEXT}),
    Tool(
        "find_nodes",
        "Find nodes of a large diagram by words in their id, label, technology, type or description.",
        {"query": _TEXT},
    ),
    Tool("describe_nodes", "Read nodes whole, with their edges.", {"ids": _IDS}),
    Tool("check_diagram", "Read what a reviewer would object to.", {}),
    Tool(
        "note_assumption",
        "Write down something that you assumed because nobody said it, so that the person sees it and can change it. "
        "A topic that is there already is written anew.",
        {
            "topic": _described("What it is about, in one to four words, e.g. Peak load."),
            "text": _described("What you assume, in one sentence with numbers where they matter."),
            "rests_on": {**_IDS, "description": "Ids of the nodes that would be another if it did not hold."},
        },
        assumed={"rests_on": []},
    ),
    Tool(
        "write_plan",
        "Split work of more than about ten steps into a plan, which is shown as a checklist and carried out step by "
        "step, each step in a context of its own; steps that do not wait for one another run at once. You get the "
        "outcome of each step back. Call it alone, before anything is drawn.",
        {"steps": {"type": "array", "items": _STEP}},
    ),
    Tool(
        "ask_user",
        "Ask the person a question and wait. Only where the answer changes what you do. Up to three calls in one "
        "reply are one round of questions; there is one round a job.",
        {"question": _TEXT, "options": _IDS},
        assumed={"options": []},
    ),
)
_BY_NAME: Mapping[str, Tool] = {tool.name: tool for tool in TOOLS}
DEFINITIONS: tuple[dict[str, Any], ...] = tuple(tool.definition() for tool in TOOLS)
READS = frozenset({"find_nodes", "describe_nodes", "check_diagram"})
QUESTION = "ask_user"
ASSUMPTION = "note_assumption"
PLAN = "write_plan"
DELETIONS = frozenset({"delete_node", "ungroup"})
SECTION_TOOLS = frozenset({"update_document_section", "delete_document_section"})
EDGE_TOOLS = frozenset({"add_edge", "update_edge", "delete_edge"})


def _node(call: Input) -> list[Input]:
    return [{"op": "add_node", "node": {**call, "parent": call["parent"] or None}}]


def _node_set(call: Input) -> list[Input]:
    values = {name: value for name, value in call.items() if name != "id"}
    if "parent" in values:
        values["parent"] = values["parent"] or None
    return [{"op": "update_node", "id": call["id"], "set": values}]


def _edge_set(call: Input) -> list[Input]:
    values = {name: value for name, value in call.items() if name != "id"}
    return [{"op": "update_edge", "id": call["id"], "set": values}]


def _group(call: Input) -> list[Input]:
    group = {"id": call["id"], "label": call["label"], "type": "group", "parent": call["parent"] or None}
    moves = [{"op": "update_node", "id": member, "set": {"parent": call["id"]}} for member in call["members"]]
    return [{"op": "add_node", "node": group}, *moves]


def _assumption(call: Input) -> list[Input]:
    body = body_of(call["text"], call["rests_on"])
    return [{"op": "set_section", "slug": slug_of(call["topic"]), "title": call["topic"], "body": body}]


_OPS: Mapping[str, Callable[[Input], list[Input]]] = {
    "add_node": _node,
    "update_node": _node_set,
    "delete_node": lambda call: [{"op": "delete_node", "id": call["id"]}],
    "add_edge": lambda call: [{"op": "add_edge", "edge": dict(call)}],
    "update_edge": _edge_set,
    "delete_edge": lambda call: [{"op": "delete_edge", "id": call["id"]}],
    "group_nodes": _group,
    "ungroup": lambda call: [{"op": "delete_node", "id": call["id"]}],
    "update_document_section": lambda call: [{"op": "set_section", **call}],
    "delete_document_section": lambda call: [{"op": "delete_section", "slug": call["slug"]}],
    ASSUMPTION: _assumption,
}


def arguments_of(name: str, call: Input) -> dict[str, Any]:
    """Return a call's arguments in the shapes that the tool asks for.

    Raises OpRefused, in words for the model, for a tool that there is not and for arguments that can mean nothing."""
    tool = _BY_NAME.get(name)
    if tool is None:
        raise OpRefused(f"There is no tool '{name}'; tools: {', '.join(_BY_NAME)}.")
    return tool.read(call)


def ops_of(name: str, given: Input, diagram: Diagram) -> list[OpInput]:
    """Return the ops that a call means. Raises OpRefused, in words for the model, when the call is not valid."""
    call, make = arguments_of(name, given), _OPS.get(name)
    if make is None:
        raise OpRefused(f"{name} changes nothing.")
    if name == "ungroup" and call["id"] in diagram.nodes and diagram.nodes[call["id"]].type != "group":
        groups = [node.id for node in diagram.nodes.values() if node.type == "group"]
        raise OpRefused(f"'{call['id']}' is no group; groups: {existing(groups)}.")
    try:
        return [op_input_adapter.validate_python(op) for op in make(call)]
    except ValidationError as error:
        found = error.errors()[0]
        where = ".".join(str(part) for part in found["loc"] if part not in _OPS)
        raise OpRefused(f"{name}: {where[:_WHERE_MAX]}: {found['msg']}.") from None


def deleted_nodes(name: str, call: Input, diagram: Diagram) -> list[str]:
    """Return the ids of existing nodes that a call would delete."""
    wanted = str(call.get("id"))
    return [wanted] if name in DELETIONS and wanted in diagram.nodes else []


def touched_nodes(name: str, call: Input, diagram: Diagram) -> set[str]:
    """Return the ids of the existing nodes that a call changes, or whose edge it adds, changes or removes."""
    named = [call.get("source"), call.get("target"), *listed(call.get("members"))]
    edge = diagram.edges.get(str(call.get("id"))) if name in EDGE_TOOLS else None
    named += [edge.source, edge.target] if edge else []
    named += [] if name in EDGE_TOOLS else [call.get("id")]
    return {str(one) for one in named if str(one) in diagram.nodes}


def listed(value: Any) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []
