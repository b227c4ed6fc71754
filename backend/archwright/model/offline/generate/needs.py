"""What a system must bear, as a person answers it in words: how many use it at once, and what it must survive."""

import re
from dataclasses import dataclass
from typing import Literal

Load = Literal["", "small", "some", "much"]
Survives = Literal["", "nothing", "machine", "zone"]

_SMALL, _SOME = 500, 5_000
"""Below so many people at once one machine of everything does; from so many on reads are spread too."""
_UNITS = {"k": 1e3, "thousand": 1e3, "thousands": 1e3, "m": 1e6, "million": 1e6, "millions": 1e6, "mio": 1e6,
          "billion": 1e9, "billions": 1e9, "bn": 1e9, "hundred": 1e2, "hundreds": 1e2, "dozen": 12, "dozens": 12}  # fmt: skip
_WORDS = {"a": 1, "an": 1, "some": 1, "one": 1, "two": 2, "three": 3, "few": 3, "five": 5, "ten": 10, "tens of": 10,
          "twenty": 20, "fifty": 50, "several": 3, "hundreds of": 100}  # fmt: skip
_FIGURE = r"(?<![\d/.])\d[\d.,']*+(?!\s*%|/\d)"
_NUMBER = re.compile(
    rf"(?:(?P<n>{_FIGURE}|\b(?:{'|'.join(_WORDS)})\b)\s*)?(?<![^\W\d_])(?P<h>hundred\s+)?"
    rf"(?P<u>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b|(?P<d>{_FIGURE})",
    re.IGNORECASE,
)
_IS_MUCH = re.compile(
    r"\b(?:millions?|billions?|massive|huge|heavy|very many|lots|enormous|web scale|everyone|worldwide)\b",
    re.IGNORECASE,
)
_IS_SMALL = re.compile(
    r"\b(?:small|tiny|handful|dozens?|not many|hardly any|just me|only me|a team|our team|one team|internal|little|low)\b",
    re.IGNORECASE,
)
_ZONE = re.compile(r"\b(?:zones?|data ?cent(?:er|re)s?|regions?|multi[- ]az|az)\b", re.IGNORECASE)
_SEVERAL = re.compile(
    r"\b(?:two|three|several|many|multiple|more than one|another|second|both)\s+(?:\w+\s+)?(?:zones|regions|data ?cent(?:er|re)s|zone|region)\b",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"^\W*(?:yes|yep|yeah|sure|of course|definitely|absolutely|it must|always|both)\b|\b(?:machines?|servers?|high(?:ly)?[- ]availab\w+|fault[- ]tolerant|"
    r"redundan\w+|failover|no downtime|zero downtime|never (?:be )?down|always on|24/7|99\.9\d*)\b", re.IGNORECASE,
)  # fmt: skip
_NOT = re.compile(
    r"^\W*(?:no|nope|not|never mind|none)\b(?! (?:outage|downtime|interruption))|\b(?:need not|needn't|not necessary|not needed|does not have to|doesn't have to|"
    r"do not need|don't need|(?:may|can) (?:be down|go down|stand still|be away|fail|stop)|is fine|best effort)\b", re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Needs:
    """What a drawing must bear; "" where nobody said. `reach` is browser, phone, both or programs. `asked` says
    that the person was asked, whatever came of it, and `kind_told` that they said what kind of system it is."""

    load: Load = ""
    survives: Survives = ""
    reach: str = ""
    asked: bool = False
    kind_told: bool = False


def load_in(text: str) -> Load:
    """Return how much load a text speaks of."""
    number = people_in(text)
    if number is not None:
        return "small" if number < _SMALL else "some" if number < _SOME else "much"
    if _IS_MUCH.search(text):
        return "much"
    return "small" if _IS_SMALL.search(text) else ""


def people_in(text: str) -> float | None:
    """Return the largest number that a text names in figures or words; a plain plural ("thousands") counts twice."""
    found = [_value(match) for match in _NUMBER.finditer(text)]
    return max(found, default=None)


def _value(match: re.Match[str]) -> float:
    if match["d"]:
        return _figure(match["d"])
    unit, times = match["u"].casefold(), (match["n"] or "").casefold()
    factor = _figure(times) if times[:1].isdigit() else _WORDS.get(times, 1)
    plural = 2 if unit.endswith("s") and not times[:1].isdigit() else 1
    return factor * (100 if match["h"] else 1) * _UNITS[unit] * plural


def _figure(text: str) -> float:
    digits = re.sub(r"[,'](?=\d{3})", "", text).rstrip(".,'")
    digits = digits.replace(".", "") if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", digits) else re.sub(r"[,'].*", "", digits)
    whole = re.match(r"\d{1,15}(?:\.\d{1,6})?", digits)
    return float(whole[0]) if whole else 0.0


def survives_in(text: str) -> Survives:
    """Return what must fail without the system failing, as a text says it."""
    if _NOT.search(text):
        return "nothing"
    if _SEVERAL.search(text):
        return "zone"
    zone, machine = _ZONE.search(text), _MACHINE.search(text)
    return (
        "zone"
        if zone and (machine or re.search(r"\bfail|\blos|surviv|multi", text, re.IGNORECASE))
        else "machine"
        if machine
        else ""
    )


NO_NEEDS = Needs()
