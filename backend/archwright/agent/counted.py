"""Numbers of components and connections in a closing message, held against the job's changes. Pure."""

import re
from collections.abc import Iterator

from archwright.diagram.deeds import Deeds
from archwright.diagram.model import Diagram

_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "fifteen": 15, "twenty": 20,
}  # fmt: skip
_COUNT = re.compile(
    rf"\b(?P<n>\d{{1,5}}|{'|'.join(_WORDS)})\s+"
    r"(?:(?:new|more|further|additional|other|main|core|separate|unused|old)\s+){0,2}"
    r"(?P<what>components?|nodes?|boxes|connections?|edges?|sections?)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:about|around|nearly|almost|over|roughly|approximately|some|up to|at least|at most|more than|fewer than|"
    r"of the|each with|each of|each|every|between|across|into|from|other|these|those|per|or|to|calls?|uses?|reaches?)"
    r"\s+(?:the\s+)?$|~\s*$",
    re.IGNORECASE,
)
_PART_OF = re.compile(
    r"^\s+(?:of\b(?! the (?:design )?(?:doc|diagram))|each|per|that (?:are|were|have)|which)\b", re.IGNORECASE
)
_MADE = re.compile(
    r"\b(?:added|created|drew|drawn|built|inserted|introduced|designed|sketched|generated|laid out|wrote|written)\b",
    re.IGNORECASE,
)
_GONE = re.compile(r"\b(?:removed|deleted|dropped|eliminated|taken out|took out|gone)\b", re.IGNORECASE)
_WHOLE = re.compile(
    r"\b(?:diagram|system|architecture|it|canvas)\s+(?:now\s+)?(?:has|contains?|holds?|shows?|consists? of)\s+"
    r"(?:now\s+)?$",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"^\W*(?:[^.!?\n]{0,80}:\s*)?$|\bdone\b\W*$|\b(?:components?|nodes?|boxes|connections?|edges?)\s*(?:,|and|with)+\s*$",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"^\s*(?:$|[.,;:!)]|and\b|(?:in|with|across)\s+(?:\d|two|three|four|five|six)|(?:was|were|have been)\b)"
)
_ASIDE = re.compile(r"\b(?:so|because|that|which|for|where|since|per|than)\b|[;:]", re.IGNORECASE)
_PASSIVE = re.compile(r"^\s+(?:was|were|has been|have been|are|is)\s+(?:now\s+)?(\w+(?: out)?)\b", re.IGNORECASE)
_OTHERWISE = re.compile(
    r"\b(?:not|nothing|no|none|never|could|would|should|can|will|refused|instead of|if)\b|n['’]t\b", re.IGNORECASE
)


def false_count(sentence: str, deeds: Deeds, diagram: Diagram) -> bool:
    """Whether a sentence counts what was added, removed or is there, and the number is another."""
    if _OTHERWISE.search(sentence):
        return False
    return any(number not in right for number, right in _counts(sentence, deeds, diagram))


def _counts(sentence: str, deeds: Deeds, diagram: Diagram) -> Iterator[tuple[int, set[int]]]:
    """Each number that speaks of the work, with the numbers that would be right."""
    for match in _COUNT.finditer(sentence):
        before, after = sentence[: match.start()], sentence[match.end() :]
        kind = "" if _VAGUE.search(before) or _PART_OF.match(after) else _counted(before, after)
        if kind:
            number = _WORDS.get(match["n"].casefold()) or int(match["n"])
            yield number, _right(match["what"].casefold(), kind, deeds, diagram)


def _counted(before: str, after: str) -> str:
    """What a number counts: what was made, what is gone, or the whole; empty when it says nothing of the kind."""
    made, gone = (max([m.end() for m in pattern.finditer(before)], default=-1) for pattern in (_MADE, _GONE))
    if made != gone:
        aside = _ASIDE.search(before[max(made, gone) :])
        return "" if aside else "made" if made > gone else "gone"
    if passive := _PASSIVE.match(after):
        return "made" if _MADE.fullmatch(passive[1]) else "gone" if _GONE.fullmatch(passive[1]) else ""
    return "whole" if _WHOLE.search(before) or (_ALONE.search(before) and _ENDS.match(after)) else ""


def _right(what: str, kind: str, deeds: Deeds, diagram: Diagram) -> set[int]:
    if what.startswith("section"):
        made, gone, whole = {len(deeds.wrote), len(deeds.fresh)}, {len(deeds.dropped)}, {len(diagram.sections)}
    elif what.startswith(("connection", "edge")):
        made, gone, whole = {len(deeds.connected)}, {len(deeds.disconnected)}, {len(diagram.edges)}
    else:
        made, gone, whole = (
            {len(nodes), sum(node.type != "group" for node in nodes.values())}
            for nodes in (deeds.added, deeds.removed, diagram.nodes)
        )
    return {"made": made, "gone": gone, "whole": made | whole}[kind]
