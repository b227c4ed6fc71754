"""What an edit changed, as facts that can be compared: the net change between two diagrams."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from archwright.diagram.catalogue import lookup
from archwright.diagram.model import Diagram, Edge, Node

Sign = Literal["+", "-", "~"]
_COMPARED = ("label", "technology", "type", "parent", "properties")
"""The properties of a node that an edit may change; descriptions and what the layout gives do not count."""
_FORM = re.compile(
    r"(?P<sign>[-+~]) (?P<a>[\w.:-]+)(?: -> (?P<b>[\w.:-]+))?(?: \[(?P<type>\w+)\])?(?: in (?P<group>[\w.:-]+))?"
    r"(?: (?P<property>label|technology|type|parent|properties)(?:=(?P<value>.*))?)?"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One difference. `subject` is a node's id, or the two ends of an edge. `value` is the type of a new node or the
    new value of `what` changed; in a pattern None stands for any, and `group` None for any group."""

    sign: Sign
    subject: tuple[str, ...]
    what: str = ""
    value: str | None = None
    group: str | None = None

    def __str__(self) -> str:
        kind = f" [{self.value}]" if self.value is not None and not self.what else ""
        within = f" in {self.group}" if self.group else ""
        given = f"={self.value}" if self.what and self.value is not None else ""
        return f"{self.sign} {' -> '.join(self.subject)}{kind}{within}{f' {self.what}{given}' if self.what else ''}"

    @property
    def is_new_node(self) -> bool:
        return self.sign == "+" and len(self.subject) == 1


def parse_fact(text: str) -> Fact:
    """Return the fact or pattern that a line of the data files writes. Raises ValueError for another form."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(f"no such form: {text!r}")
    subject = (form["a"], form["b"]) if form["b"] else (form["a"],)
    value = form["value"] if form["property"] else form["type"]
    fact = Fact(_sign(form["sign"]), subject, form["property"] or "", value, form["group"])
    if len(subject) == 1 and (fact.is_new_node != (form["type"] is not None) or (fact.sign == "~") != bool(fact.what)):
        raise ValueError(f"a new node needs its type, a changed one its property: {text!r}")
    return fact


def _sign(text: str) -> Sign:
    return "+" if text == "+" else "-" if text == "-" else "~"


def facts(before: Diagram, after: Diagram) -> tuple[Fact, ...]:
    """Return how two diagrams differ, but for descriptions, the document and where things stand.

    An edge is its two ends: one that is drawn anew between the same two is no difference unless its label or kind
    is another."""
    return (*_of_nodes(before.nodes, after.nodes), *_of_edges(before.edges, after.edges), *_of_title(before, after))


def _of_nodes(before: Mapping[str, Node], after: Mapping[str, Node]) -> Iterator[Fact]:
    for node in after.values():
        old = before.get(node.id)
        if old is None:
            yield Fact("+", (node.id,), value=node.type, group=node.parent or "")
            continue
        for name in _COMPARED:
            if getattr(old, name) != getattr(node, name):
                yield Fact("~", (node.id,), name, str(getattr(node, name) or ""))
    yield from (Fact("-", (node_id,)) for node_id in before if node_id not in after)


def _of_edges(before: Mapping[str, Edge], after: Mapping[str, Edge]) -> Iterator[Fact]:
    old, new = _by_ends(before), _by_ends(after)
    for ends in dict.fromkeys([*old, *new]):
        was, is_now = old.get(ends, Counter()), new.get(ends, Counter())
        count = is_now.total() - was.total()
        yield from [Fact("+" if count > 0 else "-", ends)] * abs(count)
        if count == 0 and was != is_now:
            yield Fact("~", ends)


def _by_ends(edges: Mapping[str, Edge]) -> dict[tuple[str, str], Counter[tuple[str, str]]]:
    found: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for edge in edges.values():
        found.setdefault((edge.source, edge.target), Counter())[edge.label, edge.kind] += 1
    return found


def _of_title(before: Diagram, after: Diagram) -> Iterator[Fact]:
    if before.title != after.title:
        yield Fact("~", ("(title)",), "label", after.title)


def fits(pattern: Fact, fact: Fact, names: Mapping[str, str]) -> bool:
    """Whether a fact is what a pattern means, when `names` says which new node each of its names stands for."""
    return (
        (pattern.sign, pattern.what) == (fact.sign, fact.what)
        and tuple(names.get(name, name) for name in pattern.subject) == fact.subject
        and (pattern.value is None or _same(pattern.what, names.get(pattern.value, pattern.value), fact.value or ""))
        and (pattern.group is None or names.get(pattern.group, pattern.group) == fact.group)
    )


def _same(name: str, wanted: str, found: str) -> bool:
    """Whether two values say the same: letter case aside, and a technology under any of its names."""
    if wanted.casefold() == found.casefold():
        return True
    known = lookup(wanted) if name == "technology" else None
    return known is not None and known is lookup(found)
