"""Requests about edges: connect, disconnect, reverse, redirect, label, make asynchronous."""

import re
from itertools import pairwise

from archwright.diagram.model import Edge, EdgeKind, Node
from archwright.model.offline.edits.draft import Draft, NotUnderstood, Unclear, cloud_of
from archwright.model.offline.edits.links import CARRIERS, STORES, usual_link
from archwright.model.offline.edits.names import is_known, many, some
from archwright.model.offline.edits.parts import part, technology_named
from archwright.model.offline.edits.placing import draw
from archwright.model.offline.edits.verbs import Sentence, readings
from archwright.model.offline.edits.words import QUOTED, bare, enumerated, listed

_LABELLED = re.compile(
    rf",?\s+(?:with (?:the |a )?label|labell?ed(?: as| with)?|label|saying|called|named|as)\s+({QUOTED}|.+)$",
    re.IGNORECASE,
)
_KIND = re.compile(
    r",?\s*\b(?:with an? )?(async(?:hronous(?:ly)?)?|sync(?:hronous(?:ly)?)?|replication|data|dependency|depends)\b"
    r"(?: (?:edge|connection|link|call|arrow|flow|relation))?",
    re.IGNORECASE,
)
_BY_WAY = re.compile(r"(?:^|\s)(?:in|into|on|through|via|using|with)\s+(.+)$", re.IGNORECASE)
_INSTEAD = re.compile(
    r"^(?P<said>.+?),?\s+(?:instead of|rather than|and not|not)\s+(?:to |from |in |into )?(?P<old>.+)$", re.IGNORECASE
)
_KINDS: dict[str, EdgeKind] = {"as": "async", "sy": "request", "re": "replication", "da": "data", "de": "depends"}
_PAIR = (
    re.compile(r"^(?:from\s+)?(?P<a>.+?)\s*(?:->|→|=>|-->|>)\s*(?P<b>.+)$"),
    re.compile(r"^from\s+(?P<a>.+?)\s+(?:to|into)\s+(?P<b>.+)$", re.IGNORECASE),
    re.compile(r"^between\s+(?P<a>.+?)\s+and\s+(?P<b>.+)$", re.IGNORECASE),
    re.compile(r"^(?P<a>.+?)\s+(?:directly\s+)?(?:to|with|into|onto|against)\s+(?P<b>.+)$", re.IGNORECASE),
    re.compile(r"^(?P<a>.+?)\s+from\s+(?P<b>.+)$", re.IGNORECASE),
    re.compile(r"^(?P<a>.+?)\s+and\s+(?P<b>.+)$", re.IGNORECASE),
)


def edge_kind(word: str) -> EdgeKind:
    """Return the kind that a word such as "asynchronously" names."""
    return _KINDS[word[:2].casefold()]


def ends(draft: Draft, phrase: str) -> tuple[list[str], list[str]]:
    """Return what "A to B", "between A and B" or "from A to B" connects. Raises NotUnderstood, Unclear."""
    phrase = phrase.strip(" .,")
    for pattern in _PAIR:
        for match in _splits(pattern, phrase):
            if is_known(draft, match["a"]) and is_known(draft, match["b"]):
                return many(draft, match["a"]), many(draft, match["b"])
    for pattern in _PAIR:
        found = pattern.match(phrase)
        if found:
            return many(draft, found["a"]), many(draft, found["b"])
    raise NotUnderstood(f'It is not clear what "{phrase}" connects: name both ends.')


def _splits(pattern: re.Pattern[str], phrase: str) -> list[re.Match[str]]:
    """A pattern's match at its first and at its last separator, as names may hold "to" and "and" too."""
    greedy = re.compile(pattern.pattern.replace("(?P<a>.+?)", "(?P<a>.+)"), pattern.flags)
    return [match for match in (pattern.match(phrase), greedy.match(phrase)) if match]


def relate(draft: Draft, subject: str, other: str, sentence: Sentence) -> bool:
    """Draw what a sentence says between two nodes; what is read from a queue comes from the queue."""
    node = draft.node(other)
    reads = sentence.label.split(" ", 1)[0] in ("reads", "gets", "fetches", "loads", "retrieves")
    if node.type in CARRIERS and reads and not sentence.reverse:
        what = sentence.label.split(" ", 1)[1:] or ["messages"]
        return draft.connect(other, subject, f"delivers {what[0]}", "async")
    if sentence.reverse and node.type in STORES:
        return draft.connect(
            subject, other, sentence.label.replace("delivers", "reads").replace(" messages", ""), "data"
        )
    source, target = (other, subject) if sentence.reverse else (subject, other)
    kind = sentence.kind
    if draft.node(target).type in CARRIERS and kind == "request":
        kind = "async"
    if draft.node(target).type in STORES and kind == "request" and sentence.label in ("uses", "calls", "accesses"):
        return draft.connect(source, target, *usual_link(draft.node(source), draft.node(target)))
    return draft.connect(source, target, sentence.label, kind)


def connect(draft: Draft, phrase: str) -> None:
    """Add the edges that "A to B and C with label 'x'" asks for. Raises NotUnderstood, Unclear."""
    phrase, label = labelled(phrase)
    phrase, kind = _kind_in(phrase)
    if _connect_chain(draft, phrase, label, kind):
        return
    sources, targets = _ends_or_new(draft, phrase)
    _connect_all(draft, sources, targets, label, kind)


def labelled(phrase: str) -> tuple[str, str]:
    """Split off the label that a phrase gives; empty when it gives none."""
    match = _LABELLED.search(phrase)
    return (phrase[: match.start()], bare_label(match[1])) if match else (phrase, "")


def bare_label(text: str) -> str:
    text = text.strip(" .")
    return text[1:-1].strip() if re.fullmatch(QUOTED, text) else bare(text)


def _kind_in(phrase: str) -> tuple[str, EdgeKind | None]:
    match = _KIND.search(phrase)
    at_end = match is not None and (
        match.end() == len(phrase) or match.start() == 0 or match[1].casefold().startswith(("as", "sy"))
    )
    if match is None or not at_end:
        return phrase, None
    return f"{phrase[: match.start()]} {phrase[match.end() :]}".strip(), edge_kind(match[1])


def _connect_chain(draft: Draft, phrase: str, label: str, kind: EdgeKind | None) -> bool:
    steps = [step for step in re.split(r"\s*(?:->|→|=>|-->)\s*", phrase) if step.strip()]
    if len(steps) < 3:
        return False
    stops = [many(draft, step) for step in steps]
    for sources, targets in pairwise(stops):
        _connect_all(draft, sources, targets, label, kind)
    return True


def _ends_or_new(draft: Draft, phrase: str) -> tuple[list[str], list[str]]:
    try:
        return ends(draft, phrase)
    except NotUnderstood:
        match = next((m for p in _PAIR[:4] if (m := p.match(phrase.strip(" .")))), None)
        wanted = part(match["b"], cloud_of(draft.diagram)) if match else None
        if match is None or wanted is None or not wanted.known or not some(draft, match["a"]):
            raise
        sources = many(draft, match["a"])
        return sources, [draw(draft, wanted, sources)[0].id]


def _connect_all(draft: Draft, sources: list[str], targets: list[str], label: str, kind: EdgeKind | None) -> None:
    drawn: list[str] = []
    for source in sources:
        for target in targets:
            one, other = _directed(draft.node(source), draft.node(target))
            usual, usual_kind = usual_link(one, other)
            if draft.connect(one.id, other.id, label or usual, kind or usual_kind):
                drawn.append(f"{one.label} → {other.label}")
    draft.it = tuple(dict.fromkeys((*sources, *targets)))
    if drawn:
        draft.say(f"Connected {enumerated(drawn[:5])}{f' and {len(drawn) - 5} more' if len(drawn) > 5 else ''}.")
    else:
        draft.say("They are connected that way already, so nothing was changed.")


def _directed(source: Node, target: Node) -> tuple[Node, Node]:
    """A store or a monitor calls nobody: turn an edge round that would start there, save between stores."""
    passive = {"database", "cache", "storage"}
    if source.type in passive and target.type not in STORES | CARRIERS | {"monitoring", "group", "worker"}:
        return target, source
    return source, target


def disconnect(draft: Draft, phrase: str) -> None:
    """Delete the edges between two ends, or all of one node. Raises NotUnderstood, Unclear."""
    try:
        sources, targets = ends(draft, phrase)
    except NotUnderstood:
        single = some(draft, re.sub(r"^(?:of|to|from|into|at|around)\s+", "", phrase.strip(), flags=re.IGNORECASE))
        if not single:
            raise
        edges = list({e.id: e for i in single for e in draft.diagram.touching(i)}.values())
        _delete(draft, edges, enumerated([draft.label(i) for i in single]))
        return
    _delete(draft, edges_between(draft, sources, targets), enumerated([draft.label(i) for i in (*sources, *targets)]))


def edges_between(draft: Draft, sources: list[str], targets: list[str]) -> list[Edge]:
    """Return the edges from the sources to the targets; without any, those the other way round."""
    forward = [e for s in sources for t in targets for e in draft.between(s, t)]
    return forward or [e for s in sources for t in targets for e in draft.between(t, s)]


def _delete(draft: Draft, edges: list[Edge], names: str) -> None:
    if not edges:
        raise NotUnderstood(f"There is no connection of {names} to remove.")
    for edge in edges:
        draft.delete_edge(edge.id)
    draft.say(f"Removed {len(edges)} connection{'s' if len(edges) > 1 else ''} of {names}.")


def named_edges(draft: Draft, phrase: str) -> list[Edge]:
    """Return the edges that a phrase names by their ends, by their label, or as those of one node.

    Raises NotUnderstood when there are none, Unclear.
    """
    name = bare_label(phrase)
    known = [e for e in draft.diagram.edges.values() if name.casefold() in (e.label.casefold(), e.id.casefold())]
    if known:
        return known
    sources, targets = ends(draft, phrase)
    found = edges_between(draft, sources, targets)
    if not found:
        names = enumerated([draft.label(i) for i in (*sources, *targets)])
        raise NotUnderstood(f"{names} are not connected.")
    return found


def relabel(draft: Draft, phrase: str, label: str) -> None:
    """Give the edges that a phrase names a label."""
    for edge in named_edges(draft, phrase):
        draft.update_edge(edge.id, label=bare_label(label))
        draft.say(f"Labelled {draft.label(edge.source)} → {draft.label(edge.target)} as “{bare_label(label)}”.")


def set_kind(draft: Draft, phrase: str, kind: EdgeKind) -> None:
    """Make the edges that a phrase names of another kind."""
    for edge in named_edges(draft, phrase):
        draft.update_edge(edge.id, kind=kind)
        draft.say(f"Made {draft.label(edge.source)} → {draft.label(edge.target)} {_KIND_WORDS[kind]}.")


def set_kind_into(draft: Draft, phrase: str, kind: EdgeKind) -> None:
    """Make every edge that leads to what a phrase names of another kind."""
    for node_id in many(draft, phrase):
        for edge in draft.into(node_id):
            draft.update_edge(edge.id, kind=kind)
            draft.say(f"Made {draft.label(edge.source)} → {draft.label(edge.target)} {_KIND_WORDS[kind]}.")


_KIND_WORDS = {"async": "asynchronous", "request": "synchronous", "data": "a data flow", "replication": "a replication",
               "depends": "a dependency"}  # fmt: skip


def turn_round(draft: Draft, phrase: str) -> None:
    """Reverse the edges that a phrase names."""
    for edge in named_edges(draft, phrase):
        draft.update_edge(edge.id, source=edge.target, target=edge.source)
        draft.say(f"Turned the connection round: {draft.label(edge.target)} → {draft.label(edge.source)}.")


def redirect(draft: Draft, subject: str, new: str, old: str = "") -> None:
    """Lead the subject's edge to `old` (or its only one of that kind) to `new` instead."""
    source, target = many(draft, subject)[0], _ends_or_new(draft, f"{subject} -> {new}")[1][0]
    edges = [e for o in many(draft, old) for e in draft.between(source, o)] if old else draft.out_of(source)
    if not old and len(edges) > 1:
        edges = [e for e in edges if draft.node(e.target).type == draft.node(target).type]
    if not edges:
        raise NotUnderstood(f"{draft.label(source)} has no such connection to redirect.")
    for edge in edges[:1] if not old else edges:
        draft.retarget(edge, target)
    draft.say(f"{draft.label(source)} now leads to {draft.label(target)}.")


def state(draft: Draft, sentence: str) -> bool:
    """Draw what a sentence such as "the API publishes events to Kafka" says; False when it says no edge.

    What the sentence points at is added when it is a component of a known kind and not there yet.
    """
    instead = _INSTEAD.match(sentence.strip(" ."))
    if instead is not None and is_known(draft, instead["old"]):
        return _state_instead(draft, instead["said"], instead["old"])
    sentence = re.sub(r"^(?:let|have|make|ensure(?: that)?|so that)\s+", "", sentence.strip(" ."), flags=re.IGNORECASE)
    for said in readings(sentence):
        if not is_known(draft, said.subject):
            continue
        targets = _objects(draft, said)
        if not targets:
            continue
        sources = many(draft, said.subject)
        drawn = [relate(draft, s, t, said) for s in sources for t in targets if s != t]
        names = f"{enumerated([draft.label(i) for i in sources])} and {enumerated([draft.label(i) for i in targets])}"
        draft.it = tuple(targets)
        draft.say(f"Connected {names}." if any(drawn) else f"{names} are connected that way already.")
        return True
    return False


def _state_instead(draft: Draft, sentence: str, old: str) -> bool:
    """Draw what a sentence says, and take away what led to `old` from where the new edge starts."""
    known = set(draft.diagram.edges)
    if not state(draft, sentence):
        return False
    drawn = [edge for edge in draft.diagram.edges.values() if edge.id not in known]
    starts = {edge.source for edge in drawn} or {i for said in readings(sentence) for i in some(draft, said.subject)}
    for edge in edges_between(draft, sorted(starts), many(draft, old)):
        draft.delete_edge(edge.id)
        draft.say(f"Removed the connection from {draft.label(edge.source)} to {draft.label(edge.target)}.")
    return True


def _objects(draft: Draft, said: Sentence) -> list[str]:
    try:
        found = some(draft, said.object)
    except Unclear:
        return many(draft, said.object)
    if found:
        return found
    near, by_way = many(draft, said.subject), _BY_WAY.search(said.object)
    phrase = by_way[1] if by_way and technology_named(by_way[1]) else said.object
    wanted = [part(item, cloud_of(draft.diagram)) for item in listed(phrase)]
    if not wanted or not all(p is not None and p.known for p in wanted):
        return []
    return [node.id for p in wanted if p is not None for node in draw(draft, p, near)]
