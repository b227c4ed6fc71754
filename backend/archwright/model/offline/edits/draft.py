"""The working copy of an edit: a diagram, and the tool calls that lead to it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from archwright.diagram.apply import apply_op, edge_id, slug
from archwright.diagram.catalogue import CLOUDS, Entry, find, lookup
from archwright.diagram.model import Diagram, Edge, EdgeKind, Node
from archwright.diagram.ops import OpInput, op_input_adapter
from archwright.errors import OpRefused

LABEL_LENGTH = 60
LEFT_OPEN = ""
"""The answer of a person who leaves the choice to the planner."""


class NotUnderstood(Exception):
    """A part of the request that the planner cannot act on; the message tells the person why, in a sentence."""


class Unclear(Exception):
    """A name that could mean several nodes. `options` are the labels to choose from."""

    def __init__(self, phrase: str, question: str, options: Sequence[str]) -> None:
        super().__init__(question)
        self.phrase = phrase
        self.question = question
        self.options = tuple(options)


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call to make."""

    name: str
    input: dict[str, Any]


@dataclass
class Draft:
    """Every method applies one tool call to `diagram` and notes it in `calls`, so no call that was noted can be
    refused later. `focus` are the selected nodes, `it` what was spoken of last, `answers` what the person said
    when asked what a phrase means, `said` the sentences of the summary, `excuses` why parts were not done."""

    diagram: Diagram
    focus: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    it: tuple[str, ...] = ()
    calls: list[Call] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    excuses: list[str] = field(default_factory=list)

    def copy(self) -> "Draft":
        return replace(self, calls=list(self.calls), said=list(self.said), excuses=list(self.excuses))

    def adopt(self, other: "Draft") -> None:
        """Become the other draft."""
        self.diagram, self.it, self.calls = other.diagram, other.it, other.calls
        self.said, self.excuses = other.said, other.excuses

    def say(self, sentence: str) -> None:
        if sentence not in self.said:
            self.said.append(sentence)

    def node(self, node_id: str) -> Node:
        return self.diagram.nodes[node_id]

    def label(self, node_id: str) -> str:
        return self.diagram.nodes[node_id].label

    def add_node(
        self, type_: str, label: str, technology: str = "", description: str = "", parent: str | None = None
    ) -> Node:
        """Add a node with an id made from its label; a label that stands in the same place already is numbered."""
        label = self._free_label(label[:LABEL_LENGTH].strip() or "Component", parent)
        fields = {
            "id": slug(label, self.diagram.nodes),
            "type": type_,
            "label": label,
            "technology": technology[:LABEL_LENGTH],
            "description": description,
        }
        self._apply({"op": "add_node", "node": {**fields, "parent": parent}})
        self.calls.append(Call("add_node", {**fields, "parent": parent or ""}))
        return self.diagram.nodes[fields["id"]]

    def _free_label(self, label: str, parent: str | None) -> str:
        taken = {node.label.casefold() for node in self.diagram.children(parent)}
        numbered = (f"{label} {n}" for n in range(2, len(taken) + 3))
        return label if label.casefold() not in taken else next(n for n in numbered if n.casefold() not in taken)

    def update_node(self, node_id: str, **fields: Any) -> bool:
        """Set the fields that differ; True when any did. `parent` None is the top level."""
        node = self.node(node_id)
        changed = {name: value for name, value in fields.items() if getattr(node, name) != value}
        if not changed:
            return False
        self._apply({"op": "update_node", "id": node_id, "set": changed})
        shown = {**changed, "parent": changed["parent"] or ""} if "parent" in changed else changed
        self.calls.append(Call("update_node", {"id": node_id, **shown}))
        return True

    def delete_node(self, node_id: str) -> None:
        self._apply({"op": "delete_node", "id": node_id})
        self.calls.append(Call("delete_node", {"id": node_id}))

    def ungroup(self, group_id: str) -> None:
        self._apply({"op": "delete_node", "id": group_id})
        self.calls.append(Call("ungroup", {"id": group_id}))

    def group(self, label: str, members: Sequence[str], parent: str | None) -> Node:
        """Put nodes into a new group."""
        label = self._free_label(label[:LABEL_LENGTH].strip() or "Group", parent)
        group_id = slug(label, self.diagram.nodes)
        self._apply(
            {"op": "add_node", "node": {"id": group_id, "type": "group", "label": label, "parent": parent}},
            *({"op": "update_node", "id": member, "set": {"parent": group_id}} for member in members),
        )
        fields = {"id": group_id, "label": label, "members": list(members), "parent": parent or ""}
        self.calls.append(Call("group_nodes", fields))
        return self.diagram.nodes[group_id]

    def connect(self, source: str, target: str, label: str, kind: EdgeKind = "request") -> bool:
        """Add an edge unless the two are connected that way with that kind already; True when it was added."""
        if source == target or any(e.kind == kind for e in self.between(source, target)):
            return False
        fields = {"source": source, "target": target, "label": label[:LABEL_LENGTH], "kind": kind}
        wanted = edge_id(source, target, self.diagram.edges)
        self._apply({"op": "add_edge", "edge": {**fields, "id": wanted}})
        named = {"id": wanted} if wanted != f"{source}--{target}" else {}
        self.calls.append(Call("add_edge", {**fields, **named}))
        return True

    def update_edge(self, wanted: str, **fields: Any) -> bool:
        """Set the fields that differ; True when any did."""
        edge = self.diagram.edges[wanted]
        changed = {name: value for name, value in fields.items() if getattr(edge, name) != value}
        if not changed:
            return False
        self._apply({"op": "update_edge", "id": wanted, "set": changed})
        self.calls.append(Call("update_edge", {"id": wanted, **changed}))
        return True

    def delete_edge(self, wanted: str) -> None:
        self._apply({"op": "delete_edge", "id": wanted})
        self.calls.append(Call("delete_edge", {"id": wanted}))

    def retarget(self, edge: Edge, target: str) -> None:
        """Lead an edge to another node; it goes when such an edge is there already or it would lead to itself."""
        same = any(e.label == edge.label and e.kind == edge.kind for e in self.between(edge.source, target))
        if same or edge.source == target:
            self.delete_edge(edge.id)
        else:
            self.update_edge(edge.id, target=target)

    def between(self, source: str, target: str) -> list[Edge]:
        return [e for e in self.diagram.edges.values() if (e.source, e.target) == (source, target)]

    def into(self, node_id: str) -> list[Edge]:
        return [e for e in self.diagram.edges.values() if e.target == node_id and e.source != node_id]

    def out_of(self, node_id: str) -> list[Edge]:
        return [e for e in self.diagram.edges.values() if e.source == node_id and e.target != node_id]

    def leaves(self, types: Collection[str] = ()) -> list[Node]:
        """The nodes that are no groups, of these types when any are given."""
        return [n for n in self.diagram.nodes.values() if n.type != "group" and (not types or n.type in types)]

    def _apply(self, *ops: Mapping[str, Any]) -> None:
        diagram = self.diagram
        try:
            for op in ops:
                parsed: OpInput = op_input_adapter.validate_python(op)
                diagram = apply_op(diagram, parsed)
        except OpRefused as refused:
            raise NotUnderstood(refused.detail) from None
        except ValueError:
            raise NotUnderstood("A name in the request cannot stand in a diagram.") from None
        self.diagram = diagram


def technology_of(node: Node) -> Entry | None:
    """Return the technology of a node: what its technology says, or else what its label names."""
    whole = lookup(node.technology) if node.technology else None
    mentions = [] if whole else [*find(node.technology), *find(node.label)]
    return whole or (mentions[0].entry if mentions else None)


_CLOUD_WORDS = {
    "aws": "aws", "amazon": "aws", "gcp": "gcp", "google": "gcp", "azure": "azure", "microsoft": "azure",
    "cloudflare": "cloudflare",
}  # fmt: skip


def cloud_named(text: str) -> str | None:
    """Return the cloud that a text names."""
    words = text.casefold().replace("-", " ").replace(",", " ").split()
    named = next((_CLOUD_WORDS[word] for word in words if word in _CLOUD_WORDS), None)
    return named or next((m.entry.cloud for m in find(text) if m.entry.cloud), None)


def cloud_of(diagram: Diagram) -> str | None:
    """Return the cloud that most of a diagram is on; None when nothing says so."""
    votes: Counter[str] = Counter()
    for node in diagram.nodes.values():
        entry = technology_of(node)
        if entry is not None and entry.vendor in CLOUDS and entry.cloud != "cloudflare":
            votes[CLOUDS[entry.vendor]] += 1
        named = cloud_named(node.label) if node.type == "group" else None
        if named is not None:
            votes[named] += 3
    return votes.most_common(1)[0][0] if votes else None
