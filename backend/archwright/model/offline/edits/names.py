"""What a person's words for nodes mean: names, nearly right names, kinds, technologies, "it", "everything else"."""

import re
from collections.abc import Callable, Sequence

from archwright.diagram.model import Diagram, Node
from archwright.model.offline.edits.draft import LEFT_OPEN, Draft, NotUnderstood, Unclear
from archwright.model.offline.edits.lexicon import TYPE_NOUNS
from archwright.model.offline.edits.matching import best, members, words_of
from archwright.model.offline.edits.words import bare, clean, listed, singular, stems

_POINTING = re.compile(
    r"^(?P<word>it|this|that|these|those|them|they|here|both of them|all of (?:them|these|those)|th(?:is|at) one"
    r"|(?:the )?selection|(?:the )?selected(?: \w+)*|(?:this|that|these|those) (?P<noun>[\w -]+))$",
    re.IGNORECASE,
)
_SELECTED = re.compile(r"^(?:this|these|here|(?:the )?select)", re.IGNORECASE)
_THINGS = r"(?:nodes?|components?|elements?|things?|boxes|parts?)"
_WHOLE = r"(?:diagram|system|architecture|thing|stack)"
_EVERYTHING = re.compile(
    rf"^(?:everything(?: else)?|(?:all|every|each)(?: (?:of )?(?:the |my |our )?{_THINGS})?|all of (?:it|them)"
    rf"|the (?:whole|entire|complete) {_WHOLE}|(?:the|my|our) (?:system|architecture|diagram|rest|stack)"
    r"|all (?:the )?(?:others?|rest))$",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    r"^(.+?),?\s+(?:except|but not|but|apart from|other than|excluding|besides)(?: for)?\s+(.+)$", re.IGNORECASE
)
_INSIDE = re.compile(r"^(.+?)\s+(?:that (?:is|are) )?(?:in|inside|within|from)\s+(.+)$", re.IGNORECASE)
_OWNED = (
    re.compile(r"^(?P<owner>.+?)'s?\s+(?P<thing>.+)$", re.IGNORECASE),
    re.compile(r"^(?P<thing>.+?)\s+(?:of|for|used by|behind|next to|that belongs to)\s+(?P<owner>.+)$", re.IGNORECASE),
)
_IN_ALL = re.compile(r"\s+(?:in|of) (?:the|this|our|my) (?:whole )?(?:diagram|system|architecture)$", re.IGNORECASE)
_ITS = re.compile(r"^(?:its|their)\s+(.+)$", re.IGNORECASE)
_ALL = re.compile(
    r"^(?:all|every|each|both|any|two|three|four|five)(?: of)?(?: (?:the|our|my|these|those|\w*\d))?\s+(.+)$",
    re.IGNORECASE,
)
_PLAIN_FIRST = ("service", "api", "worker", "function", "server", "gateway", "web", "mobile", "client")


def many(draft: Draft, phrase: str) -> list[str]:
    """Return the ids that a phrase means, at least one.

    Raises NotUnderstood, which says what exists, and Unclear when one of several nodes may be meant.
    """
    found = some(draft, phrase)
    if found:
        return found
    raise NotUnderstood(unknown(draft, phrase))


def one(draft: Draft, phrase: str) -> Node:
    """Return the one node that a phrase means; of several, a question is raised. Raises as `many`."""
    found = many(draft, phrase)
    if len(found) > 1:
        raise _unclear(draft, phrase, [draft.node(i) for i in found])
    return draft.node(found[0])


def some(draft: Draft, phrase: str) -> list[str]:
    """Return the ids that a phrase means; none when nothing fits. Raises Unclear."""
    phrase = bare_name(phrase)
    if not phrase:
        return []
    if several := _several(draft, phrase):
        return several
    for read in (_answered, _pointed, _excepted, _everything, _inside, _plural, _single):
        found = read(draft, phrase)
        if found:
            return list(dict.fromkeys(found))
    parts = listed(phrase)
    if len(parts) < 2:
        return []
    each = [some(draft, part) for part in with_shared_head(parts)]
    return list(dict.fromkeys(i for found in each for i in found)) if all(each) else []


def _several(draft: Draft, phrase: str) -> list[str]:
    """What an enumeration means when each of its parts means something by itself."""
    parts = listed(phrase)
    if len(parts) < 2 or any(node.label.casefold() == phrase.casefold() for node in draft.diagram.nodes.values()):
        return []
    each: list[list[str]] = []
    try:
        for part in with_shared_head(parts):
            own = _ITS.match(part) if each else None
            each.append(_beside(draft, each[-1], own[1]) if own else some(draft, part))
    except Unclear:
        return []
    return list(dict.fromkeys(i for found in each for i in found)) if all(each) else []


def is_known(draft: Draft, phrase: str) -> bool:
    """Whether a phrase means something that exists, one node or several."""
    try:
        return bool(some(draft, phrase))
    except Unclear:
        return True


def points(phrase: str) -> bool:
    """Whether a phrase names nothing and only points at something: "it", "this", "the selection"."""
    return _POINTING.match(phrase.strip()) is not None


def is_exactly(draft: Draft, phrase: str) -> bool:
    """Whether a phrase points at something, or is the very name of a node."""
    if pointing := _POINTING.match(phrase):
        meant = _pointed(draft, phrase)
        return bool(meant) and all(_fits_noun(draft.node(i), pointing["noun"] or "") for i in meant)
    words = stems(bare(phrase))
    return any(words and words in (stems(node.label), stems(node.id)) for node in draft.diagram.nodes.values())


def bare_name(phrase: str) -> str:
    """Return a noun phrase as names are compared: no article, no end punctuation, no quotes."""
    phrase = clean(phrase).strip(" .,;:!?")
    if _POINTING.match(phrase) or _EVERYTHING.match(phrase):
        return phrase
    phrase = _IN_ALL.sub("", phrase)
    return bare(re.sub(r"\s+(?:too|as well|instead|now|please|directly|again)$", "", phrase, flags=re.IGNORECASE))


def unknown(draft: Draft, phrase: str) -> str:
    """Say that nothing has this name, and what exists."""
    if _POINTING.match(phrase):
        return f'Nothing is selected, so it is not clear what "{phrase}" means: select a node, or name it.'
    names = [node.label for node in draft.diagram.nodes.values()]
    if not names:
        return f'There is no "{phrase}": the diagram is empty.'
    shown = ", ".join(names[:15]) + (f" and {len(names) - 15} more" if len(names) > 15 else "")
    return f'There is no "{phrase}" in the diagram. It has: {shown}.'


def with_shared_head(parts: list[str]) -> list[str]:
    """Read "user, order and payment services" as three services."""
    last = stems(parts[-1])
    if len(last) < 2 or last[-1] not in TYPE_NOUNS or singular(parts[-1].split()[-1]) == parts[-1].split()[-1]:
        return parts
    head = parts[-1].split()[-1]
    return [part if stems(part)[-1:] and stems(part)[-1] in TYPE_NOUNS else f"{part} {head}" for part in parts]


def _answered(draft: Draft, phrase: str) -> list[str]:
    answer = draft.answers.get(phrase.casefold())
    if answer is None:
        return []
    for node in draft.diagram.nodes.values():
        if answer.casefold() in (node.id.casefold(), node.label.casefold(), _option(node).casefold()):
            return [node.id]
    choices = best(draft.diagram, phrase)
    if answer == LEFT_OPEN and choices:
        chosen = _narrowed(draft, phrase, choices)[0]
        draft.say(f'You left it to me which "{phrase}" is meant: I took {chosen.label}.')
        return [chosen.id]
    if re.match(r"^(?:all|both|each|every)", answer, re.IGNORECASE):
        return [node.id for node in choices]
    return [node.id for node in best(draft.diagram, bare(answer))[:1]]


def _pointed(draft: Draft, phrase: str) -> list[str]:
    match = _POINTING.match(phrase)
    if match is None:
        return []
    focus, it = ([i for i in ids if i in draft.diagram.nodes] for ids in (draft.focus, draft.it))
    meant = (focus or it) if _SELECTED.match(phrase) else (it or focus)
    if meant and match["noun"] and len(meant) > 1:
        fitting = [i for i in meant if _fits_noun(draft.node(i), match["noun"])]
        return fitting or meant
    if meant:
        return meant
    if match["noun"]:
        return _single(draft, bare(re.sub(r"^\w+ ", "", phrase))) or _plural(draft, re.sub(r"^\w+ ", "", phrase))
    leaves = draft.leaves()
    return [leaves[0].id] if len(leaves) == 1 else []


def _fits_noun(node: Node, noun: str) -> bool:
    return set(stems(noun)) <= words_of(node.label, node.technology, node.type, node.id)[3]


def _everything(draft: Draft, phrase: str) -> list[str]:
    return [node.id for node in draft.leaves()] if _EVERYTHING.match(phrase) else []


def _excepted(draft: Draft, phrase: str) -> list[str]:
    match = _EXCEPT.match(phrase)
    if match is None:
        return []
    left_out = set(many(draft, match[2]))
    left_out |= {n.id for n in draft.diagram.nodes.values() if left_out & {g.id for g in draft.diagram.ancestors(n.id)}}
    return [i for i in many(draft, match[1]) if i not in left_out]


def _inside(draft: Draft, phrase: str) -> list[str]:
    match = _INSIDE.match(phrase)
    if match is None:
        return []
    pointed = _pointed(draft, match[2]) if _POINTING.match(match[2]) else []
    places = [draft.node(i) for i in pointed] or best(draft.diagram, bare(match[2]))
    groups = [node for node in places if node.type == "group"]
    if len(groups) != 1:
        return []
    within = members(draft.diagram, groups[0].id)
    if _EVERYTHING.match(match[1]) or match[1].casefold() in ("all", "everything"):
        return [node.id for node in within if node.type != "group"]
    few = Diagram(nodes={node.id: node for node in within}, edges=draft.diagram.edges)
    inner = Draft(few.replace(edges={}), focus=draft.focus, it=draft.it)
    return _plural(inner, match[1]) or _single(inner, bare(match[1]))


def _plural(draft: Draft, phrase: str) -> list[str]:
    """All of a kind: "all databases", "every service", "the workers"."""
    match = _ALL.match(phrase)
    wanted = bare(match[1]) if match else phrase
    last = wanted.split()[-1] if wanted.split() else ""
    if match is None and singular(last) == last:
        return []
    if exact := [n.id for n in draft.diagram.nodes.values() if n.label.casefold() == wanted.casefold()]:
        return exact if len(exact) == 1 else []
    if match or set(stems(wanted)[-1:]) & TYPE_NOUNS.keys():
        return [node.id for node in _of_kind(draft.diagram, wanted)]
    return []


def _of_kind(diagram: Diagram, phrase: str) -> list[Node]:
    """All nodes that a phrase fits; of a mere kind, all of its types whatever their labels say."""
    words = set(stems(phrase))
    kinds = [TYPE_NOUNS[word] for word in words if word in TYPE_NOUNS]
    if words and len(kinds) == len(words):
        shared = frozenset.intersection(*kinds)
        return [n for n in diagram.nodes.values() if n.type in (shared or kinds[0])]
    fitting = [n for n in diagram.nodes.values() if words <= words_of(n.label, n.technology, n.type, n.id)[3]]
    return fitting or best(diagram, phrase)


def _single(draft: Draft, phrase: str) -> list[str]:
    choices = best(draft.diagram, phrase)
    if len(choices) != 1 and (owned := _owned(draft, phrase)):
        return owned
    if len(choices) <= 1:
        return [node.id for node in choices]
    choices = _narrowed(draft, phrase, choices)
    if len(choices) == 1:
        return [choices[0].id]
    raise _unclear(draft, phrase, choices)


def _owned(draft: Draft, phrase: str) -> list[str]:
    """Read "the order service's database" and "the cache for sessions": a neighbour of the owner."""
    for pattern in _OWNED:
        match = pattern.match(phrase)
        owners = best(draft.diagram, bare(match["owner"])) if match else []
        if match is None or len(owners) != 1:
            continue
        found = _beside(draft, [owners[0].id], match["thing"])
        if found:
            return found
    return []


def _beside(draft: Draft, owners: Sequence[str], phrase: str) -> list[str]:
    """For each owner the one neighbour, or member of the group, that a phrase fits; none unless each has one."""
    meant: list[str] = []
    for owner in owners:
        near = {e.target if e.source == owner else e.source for e in draft.diagram.touching(owner)}
        near |= {node.id for node in members(draft.diagram, owner)} if draft.node(owner).type == "group" else set()
        around = Diagram(nodes={i: draft.node(i).model_copy(update={"parent": None}) for i in near})
        found = best(around, bare(phrase))
        if len(found) != 1:
            return []
        meant.append(found[0].id)
    return meant


def _narrowed(draft: Draft, phrase: str, choices: list[Node]) -> list[Node]:
    replicas = {e.target for e in draft.diagram.edges.values() if e.kind == "replication"}
    tests: tuple[Callable[[Node], bool], ...] = (
        lambda node: node.id in draft.focus,
        lambda node: node.id not in replicas,
        lambda node: (node.type == "group") == bool({"group", "cluster", "vpc"} & set(stems(phrase))),
        lambda node: bool(TYPE_NOUNS.keys() & set(stems(phrase))) or node.type in _PLAIN_FIRST,
    )
    for test in tests:
        kept = [node for node in choices if test(node)]
        choices = kept or choices
    return choices


def _unclear(draft: Draft, phrase: str, choices: Sequence[Node]) -> Unclear:
    return Unclear(phrase.casefold(), f'Which one do you mean by "{phrase}"?', [_option(node) for node in choices[:8]])


def _option(node: Node) -> str:
    return f"{node.label} ({node.id})"
