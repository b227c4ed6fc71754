"""The memory of a conversation by rules: what was asked for, in order, and what was decided."""

import re
from collections.abc import Iterator, Sequence

from archwright.diagram.catalogue import find
from archwright.model.offline.edits.words import QUOTED, clean

LONGEST = 1_200
"""Characters that a summary takes at most."""
_ASKED, _DECIDED = "Asked for, in order:", "Decided: "
_LINE_MAX, _LINE_MIN = 140, 40
_DECISIONS_MAX = 24
_MEMORY = re.compile(r"<memory>\n?(.*?)(?:</memory>|\Z)", re.DOTALL)
_SAID = re.compile(r"^(user|assistant): ?(.*)$")
_GIVEN_UP = re.compile(
    r"(?:replace|swap|exchange|switch from|migrate from|move from|remove|delete|drop|without|no)\s+(?P<a>[^.;,\n]+?)\s*(?=with\b|by\b|for\b|to\b|[.;,\n]|$)|instead of\s+(?P<b>[^.;,\n]+)|(?:rather than)\s+(?P<c>[^.;,\n]+)",
    re.IGNORECASE,
)


def summary(text: str, memory: str = "") -> str:
    """Return a summary of at most LONGEST characters of the messages in a text, lines that begin with `user:` or
    `assistant:`; an earlier summary, which stands under `<memory>` or is given, comes first and is the first that is
    shortened."""
    earlier = "\n".join([memory, *(match[1] for match in _MEMORY.finditer(text))])
    said = list(_messages(_MEMORY.sub("", text)))
    before, decided = _read(earlier)
    asked = [_line(words) for role, words in said if role == "user" and re.search(r"\w", words)]
    decisions = _decisions(decided, said)
    return _fitted(before, asked, decisions)


def _messages(text: str) -> Iterator[tuple[str, str]]:
    role, lines = "", list[str]()
    for line in clean(text).splitlines():
        if match := _SAID.match(line):
            if role:
                yield role, "\n".join(lines)
            role, lines = match[1], [match[2]]
        else:
            lines.append(line)
    if role:
        yield role, "\n".join(lines)


def _read(earlier: str) -> tuple[list[str], list[str]]:
    """The lines of an earlier summary, ours or another's, and what it says was decided."""
    lines, decided = list[str](), list[str]()
    for line in clean(earlier).splitlines():
        if line.startswith(_DECIDED):
            decided += [one.strip() for one in line.removeprefix(_DECIDED).rstrip(".").split(", ")]
        elif line.strip() and line.strip() != _ASKED:
            lines.append(_line(line.strip().removeprefix("- ")))
    return lines, decided


def _line(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= _LINE_MAX else f"{flat[: _LINE_MAX - 1].rstrip()}…"


def _decisions(decided: Sequence[str], said: Sequence[tuple[str, str]]) -> list[str]:
    """Technologies and names in the order in which they came up; what was given up is left out."""
    found = dict.fromkeys(decided)
    for role, words in said:
        found |= dict.fromkeys(match.entry.name for match in find(words))
        if role == "user":
            found |= dict.fromkeys(quoted.group().strip("\"'`") for quoted in re.finditer(QUOTED, words))
            for match in _GIVEN_UP.finditer(words):
                for gone in find(match["a"] or match["b"] or match["c"]):
                    found.pop(gone.entry.name, None)
    return [name for name in found if name][-_DECISIONS_MAX:]


def _fitted(before: Sequence[str], asked: Sequence[str], decisions: Sequence[str]) -> str:
    """Leave out the oldest of the earlier lines, then shorten the new ones, then leave out the oldest of these."""
    for first in range(len(before) + 1):
        if len(whole := _text([*before[first:], *asked], decisions)) <= LONGEST:
            return whole
    for width in range(_LINE_MAX - 20, _LINE_MIN - 1, -20):
        cut = [line if len(line) <= width else f"{line[: width - 1].rstrip()}…" for line in asked]
        if len(whole := _text(cut, decisions)) <= LONGEST:
            return whole
    for first in range(len(asked) + 1):
        if len(whole := _text(cut[first:], decisions)) <= LONGEST:
            return whole
    return _text([], decisions)[:LONGEST]


def _text(asked: Sequence[str], decisions: Sequence[str]) -> str:
    lines = [_ASKED, *(f"- {line}" for line in asked)] if asked else []
    lines += [f"{_DECIDED}{', '.join(decisions)}"] if decisions else []
    return "\n".join(lines) or "Nothing was asked for yet."
