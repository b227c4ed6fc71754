"""Requests to add: "add a Redis cache in front of the orders database", "add a worker that reads from the queue"."""

import re
from collections.abc import Callable

from archwright.diagram.model import Node
from archwright.model.offline.edits import placing
from archwright.model.offline.edits.connecting import relate
from archwright.model.offline.edits.draft import Draft, Unclear
from archwright.model.offline.edits.lexicon import TYPE_NOUNS
from archwright.model.offline.edits.names import is_known, many, some, with_shared_head
from archwright.model.offline.edits.parts import part
from archwright.model.offline.edits.verbs import is_verb, readings
from archwright.model.offline.edits.wanted import NEW, known_part, named_so, new_parts, nodes_for, purpose_of, say_added
from archwright.model.offline.edits.words import bare, enumerated, listed, mask, singular, stems, unmask

_BETWEEN = re.compile(r"^(.+?)\s+(?:in )?between\s+(.+?)\s+and\s+(.+)$", re.IGNORECASE)
_BETWEEN_MANY = re.compile(r"^(.+?)\s+(?:in )?between\s+(.+)$", re.IGNORECASE)
_FRONT = re.compile(r"^(.+?)\s+(?:in ?front of|before|ahead of|upstream of)\s+(.+)$", re.IGNORECASE)
_BEHIND = re.compile(r"^(.+?)\s+(?:behind|after|downstream of|below|fed by|used by|called by)\s+(.+)$", re.IGNORECASE)
_JOINED = re.compile(
    r"^(.+?),?\s+(?:and )?(?:connected|linked|wired|attached|hooked up|talking|connecting|linking) (?:to|with)\s+(.+)$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"^(.+?),?\s+(?:that|which|who)(?:\s+(?:will|should|can|is|are))?\s+(.+)$", re.IGNORECASE)
_GERUND = re.compile(r"^(.+?),?\s+(\w{3,}ing)\s+(.+)$", re.IGNORECASE)
_TO_DO = re.compile(r"^(.+?),?\s+(?:in order )?to\s+(\w+)\s+(.+)$", re.IGNORECASE)
_NEAR = re.compile(
    r"\s+(to|for|in|inside|into|within|on|onto|with|next to|alongside|beside|under|from|of|per)\s+", re.IGNORECASE
)
_BY_OTHERS = re.compile(
    r"^(?P<who>.+?)\s+(?P<verb>\w+)(?:\s+(?P<how>to|from|with|on|in|into|through|via))?"
    r"(?P<hurry>\s+asynchronously)?(?:\s+(?:synchronously|directly))?$",
    re.IGNORECASE,
)
_REDUCED = re.compile(r"^((?:an?|another|one)\s.+?)\s+((?:the|our|each|every|all)\s.+)$", re.IGNORECASE)
_FROM = re.compile(r"^(.+?)\s+(?:from|of|behind|(?:fed|filled) (?:by|from))\s+(.+)$", re.IGNORECASE)
_CONDITION = re.compile(r",\s+(?:if|when|unless|in case|as long as|should)\b[^\"'`]*$", re.IGNORECASE)
_EACH = re.compile(r"^(?:each|every|all|both)\b", re.IGNORECASE)


def add(draft: Draft, phrase: str) -> None:
    """Add what a noun phrase with its placement asks for. Raises NotUnderstood, Unclear."""
    phrase = _CONDITION.sub("", phrase)
    masked, quotes = mask(phrase)
    for pattern, place in _PLACES:
        match = pattern.match(masked)
        if match and place(draft, [unmask(group, quotes) for group in match.groups()]):
            return
    if _add_near(draft, phrase):
        return
    what, purpose = purpose_of(phrase)
    _plain(draft, what, purpose)


def _add_between(draft: Draft, groups: list[str]) -> bool:
    if len(groups) == 2:
        targets = known_part(draft, groups[1])
        if len(targets) < 2:
            return False
        sources, targets = targets[:1], targets[1:]
    else:
        sources, targets = many(draft, groups[1]), known_part(draft, groups[2]) or many(draft, groups[2])
    nodes = nodes_for(draft, groups[0], [*sources, *targets])
    placing.between(draft, nodes, sources, targets)
    names = enumerated([draft.label(i) for i in (*sources, *targets)])
    say_added(draft, nodes, f" between {names}")
    return True


def _add_front(draft: Draft, groups: list[str]) -> bool:
    targets = known_part(draft, groups[1]) or many(draft, groups[1])
    nodes = nodes_for(draft, groups[0], targets)
    placing.in_front(draft, nodes, targets)
    say_added(draft, nodes, f" in front of {enumerated([draft.label(i) for i in targets])}")
    return True


def _add_behind(draft: Draft, groups: list[str]) -> bool:
    anchors = _fed(draft, groups[1]) or known_part(draft, groups[1]) or many(draft, groups[1])
    nodes = nodes_for(draft, groups[0], anchors)
    placing.behind(draft, nodes, anchors)
    say_added(draft, nodes, f" behind {enumerated([draft.label(i) for i in anchors])}")
    return True


def _add_joined(draft: Draft, groups: list[str]) -> bool:
    anchors = many(draft, groups[1])
    nodes = nodes_for(draft, groups[0], anchors)
    for node in nodes:
        for anchor in anchors:
            placing.attach_to(draft, node, draft.node(anchor))
    say_added(draft, nodes, f" and connected it to {enumerated([draft.label(i) for i in anchors])}")
    return True


def _add_doing(draft: Draft, groups: list[str]) -> bool:
    """Read "a worker that consumes from the queue and writes to S3"."""
    what, doing = groups[0], " ".join(groups[1:])
    said = [s for d in re.split(r",?\s+and\s+(?=\w+s?\b)|,\s+", doing) for s in list(readings(f"X {d}"))[:1]]
    said = [sentence for sentence in said if is_known(draft, sentence.object)]
    if not said:
        return False
    near = [i for sentence in said for i in many(draft, sentence.object)]
    nodes = nodes_for(draft, what, near)
    for node in nodes:
        for sentence in said:
            for other in many(draft, sentence.object):
                relate(draft, node.id, other, sentence)
    say_added(draft, nodes, f", which {doing.strip()}")
    draft.it = tuple(node.id for node in nodes)
    return True


def _add_for(draft: Draft, groups: list[str]) -> bool:
    """Read "a service that the order service calls": who is there already does something with what is new."""
    match = _BY_OTHERS.match(groups[1])
    if match is None or not is_verb(match["verb"]) or not is_known(draft, match["who"]):
        return False
    who = many(draft, match["who"])
    said = next(readings(f"X {match['verb']} {match['how'] or ''} Y{match['hurry'] or ''}"), None)
    if said is None:
        return False
    nodes = nodes_for(draft, groups[0], who)
    for node in nodes:
        for other in who:
            relate(draft, other, node.id, said)
    say_added(draft, nodes, f", which {groups[1].strip()}")
    return True


def _fed(draft: Draft, phrase: str) -> list[str]:
    """Read "a queue from the checkout service" after "fed by": a new carrier behind what is there."""
    match = _FROM.match(phrase)
    if match is None or not NEW.match(phrase) or not is_known(draft, match[2]):
        return []
    sources = many(draft, match[2])
    nodes = nodes_for(draft, match[1], sources)
    placing.behind(draft, nodes, sources)
    return [node.id for node in nodes]


def lead_into(draft: Draft, what: str, where: str) -> bool:
    """Lead what is there into something else, which is made when it is new; False unless `what` is there."""
    sources = some(draft, what)
    if not sources:
        return False
    goal, purpose = purpose_of(where)
    targets = some(draft, where) or [node.id for node in nodes_for(draft, goal, sources, purpose)]
    for source in sources:
        for target in targets:
            placing.link(draft, draft.node(source), draft.node(target))
    draft.it = tuple(targets)
    names = (enumerated([draft.label(i) for i in ids]) for ids in (sources, targets))
    draft.say(f"Connected {' and '.join(names)}.")
    return True


def _add_gerund(draft: Draft, groups: list[str]) -> bool:
    what, gerund, rest = groups
    stem = gerund[:-3]
    base = next((form for form in (stem, stem + "e", stem[:-1]) if is_verb(form)), None)
    return base is not None and _add_doing(draft, [what, base, rest])


def _add_to_do(draft: Draft, groups: list[str]) -> bool:
    return is_verb(groups[1]) and _add_doing(draft, groups)


_PLACES: tuple[tuple[re.Pattern[str], Callable[[Draft, list[str]], bool]], ...] = (
    (_BETWEEN, _add_between),
    (_BETWEEN_MANY, _add_between),
    (_FRONT, _add_front),
    (_JOINED, _add_joined),
    (_CLAUSE, _add_for),
    (_CLAUSE, _add_doing),
    (_BEHIND, _add_behind),
    (_GERUND, _add_gerund),
    (_TO_DO, _add_to_do),
    (_REDUCED, _add_for),
)


def _add_near(draft: Draft, phrase: str) -> bool:
    """Read "a cache for the order service", "a worker in the VPC": the first preposition before something known."""
    masked, quotes = mask(phrase)
    for match in _NEAR.finditer(masked):
        what, where = unmask(masked[: match.start()], quotes), unmask(masked[match.end() :], quotes)
        word = match[1].casefold()
        where = f"each {where}" if word == "per" else where
        anchors = _anchors(draft, what, where, word)
        if anchors:
            _place_near(draft, what, anchors, where)
            return True
    return False


def _anchors(draft: Draft, what: str, where: str, word: str) -> list[str]:
    """What stands after the preposition, when it is there to be near to: not "with Redis" or "from scratch"."""
    if (
        word in ("with", "of", "from")
        and part(what) is not None
        and not re.match(r"(?:the|our|my|each|all)\b", where, re.IGNORECASE)
    ):
        return []
    try:
        return known_part(draft, where)
    except Unclear:
        if word in ("to", "for", "in", "inside", "into", "within", "on", "per"):
            raise
        return []


def _place_near(draft: Draft, what: str, anchors: list[str], where: str) -> None:
    groups = [i for i in anchors if draft.node(i).type == "group"]
    if groups and len(groups) == len(anchors):
        _place_inside(draft, what, groups)
        return
    if len(anchors) > 1 and _one_for_each(draft, what, where):
        for anchor in anchors:
            node = nodes_for(draft, f"another {singular(bare(what))}", [anchor])[0]
            placing.attach_to(draft, node, draft.node(anchor))
            say_added(draft, [node], f" for {draft.label(anchor)}")
        return
    nodes = nodes_for(draft, what, anchors)
    for node in nodes:
        for anchor in anchors:
            placing.attach_to(draft, node, draft.node(anchor))
    say_added(
        draft,
        nodes,
        f" for {enumerated([draft.label(i) for i in anchors[:4]])}" if len(anchors) < 5 else " for all of them",
    )


def _one_for_each(draft: Draft, what: str, where: str) -> bool:
    wanted = new_parts(draft, what)[0]
    own = re.search(r"\b(?:own|separate|dedicated|its|their|sidecar)\b", what, re.IGNORECASE)
    each = re.match(r"(?:each|every)\b", where, re.IGNORECASE)
    plural = singular(what.split()[-1]) != what.split()[-1] and stems(what)[-1] in TYPE_NOUNS
    shared = wanted.type in {"monitoring", "auth", "gateway", "loadbalancer", "external", "cdn", "dns", "network"}
    return bool((own or plural or (each and not shared)) and not (shared and not own))


def _place_inside(draft: Draft, what: str, groups: list[str]) -> None:
    nodes: list[Node] = []
    for item in with_shared_head(listed(what)):
        known = named_so(draft, item)
        if known is None and re.match(r"(?:the|this|that|it|these|everything|all)\b", item.strip(), re.IGNORECASE):
            for node_id in many(draft, item):
                draft.update_node(node_id, parent=groups[0])
                nodes.append(draft.node(node_id))
        elif known is not None and not NEW.match(item):
            draft.update_node(known.id, parent=groups[0])
            nodes.append(known)
        else:
            for wanted in new_parts(draft, item):
                nodes += placing.draw(draft, wanted, [], parent=groups[0])
    for node in nodes:
        if not list(draft.diagram.touching(node.id)):
            placing.attach(draft, node, [other for other in nodes if other.id != node.id])
    draft.it = tuple(node.id for node in nodes)
    say_added(draft, nodes, f" in {draft.label(groups[0])}")


def _plain(draft: Draft, what: str, purpose: str) -> None:
    """Add something of which nothing more is said: for the selected node, or where such things usually go."""
    focus = [i for i in draft.focus if i in draft.diagram.nodes]
    before = set(draft.diagram.nodes)
    nodes = nodes_for(draft, what, focus, purpose)
    if all(node.id in before for node in nodes):
        draft.say(f"{enumerated([node.label for node in nodes])} is in the diagram already, so nothing was added.")
        return
    for node in nodes:
        if node.id in before:
            continue
        siblings = [other for other in nodes if other.id != node.id]
        if focus and all(draft.node(i).type == "group" for i in focus):
            draft.update_node(node.id, parent=focus[0])
        if focus and draft.node(focus[0]).type != "group" and node.type not in ("group", "monitoring"):
            for anchor in focus:
                placing.attach_to(draft, node, draft.node(anchor))
        else:
            placing.attach(draft, node, siblings)
    near = [
        draft.label(e.source if e.target == n.id else e.target) for n in nodes for e in draft.diagram.touching(n.id)
    ]
    others = [label for label in dict.fromkeys(near) if label not in {node.label for node in nodes}]
    say_added(draft, nodes, f" and connected it to {enumerated(others[:4])}" if others else "")


def add_relation(draft: Draft, subject: str, phrase: str) -> str:
    """Return the id of what a phrase names, adding it when it is new: for "the API writes to S3"."""
    found = some(draft, phrase)
    if found:
        return found[0]
    near = some(draft, subject)
    return placing.draw(draft, new_parts(draft, phrase)[0], near)[0].id
