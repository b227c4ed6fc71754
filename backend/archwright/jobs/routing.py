"""What a request wants, and which model is to do it: rules, and how sure they are. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from archwright.diagram import catalogue
from archwright.diagram.model import Diagram
from archwright.jobs.model import Job, JobKind, Route

UndoWish = Literal["job", "last", "own", "redo"]
"""What is to be undone: the last job's work, the last change whoever made it, the person's own last change, or the
last undo."""


class ModelNames(Protocol):
    """The models that may be asked for. `small` and `large` are for little and for hard work, when a choice is ours:
    None where there is no such model, or where somebody has settled on a default."""

    @property
    def default(self) -> str: ...

    @property
    def ids(self) -> Sequence[str]: ...

    @property
    def small(self) -> str | None: ...

    @property
    def large(self) -> str | None: ...

    @property
    def free(self) -> Collection[str]:
        """Those of which a job costs nothing, whatever it falls back to."""
        ...


@dataclass(frozen=True, slots=True)
class Intent:
    """What a request wants. `sure` says that the words leave no doubt; `small`, that a small model can do it."""

    kind: JobKind
    sure: bool
    small: bool


_ASKS = re.compile(
    r"^(?:so\s+|and\s+|but\s+)?(?:what|why|how|which|who|where|when|is|are|does|do|did|should|would|explain|describe|"
    r"compare|summari[sz]e|tell me|list)\b",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"\b(?:add|remove|delete|replace|change|move|rename|connect|split|merge|insert|put|make|draw|group|use|swap|convert|"
    r"scale|redraw|introduce)\b",
    re.IGNORECASE,
)
_WISHES = re.compile(
    r"\b(?:undo|redo|disconnect|drop|migrate|switch|create|build|design|set|call|give|write|rewrite|update|shorten|"
    r"extend|place|turn|tidy|label|ungroup|duplicate|link|attach|need|want|should|let|have|take)\b",
    re.IGNORECASE,
)
"""Words that an order may have too, and a question as well."""
_CHANGES = re.compile(
    r"\b(?:undo|redo|disconnect|drop|migrate|switch|create|build|rewrite|update|shorten|extend|place|tidy|ungroup|"
    r"duplicate|link|attach)\b",
    re.IGNORECASE,
)
_POLITE = re.compile(r"^\W*(?:please\s+)?(?:can|could|would|will) (?:you|we)\b", re.IGNORECASE)
_TAKE_BACK = (
    r"^\W*(?:(?:no|oh|oops|hmm|sorry|ok(?:ay)?|please|can you|could you|would you|now|just|actually|wait)[,.!]*\s+)*"
    r"(?:undo|revert|roll\s*back|take\s+back|reverse|cancel out|go back on)\s*"
)
_THE_END = r"(?:\s+(?:please|again|now|for me|thanks|thank you))*\W*$"
_OF_YOURS = (
    r"(?:you|the agent|archwright)(?:['’]ve|\s+have)?\s+(?:just\s+)?"
    r"(?:did|done|made|drew|drawn|changed|added)(?:\s+(?:just\s+)?now|\s+last)?"
)
_UNDO_JOB = re.compile(
    rf"(?:{_TAKE_BACK}(?:it(?: all)?|that|this|them|those|these|all(?: of (?:it|that|them))?|everything|"
    rf"(?:(?:all|everything|what|whatever|all that|the changes?|all (?:the )?changes)\s+(?:that\s+)?{_OF_YOURS})|"
    r"(?:all )?your (?:last |latest |recent )?(?:changes?|edits?|work|step|job))?"
    r"|^\W*(?:please\s+)?(?:take|roll) (?:it|that|this|them) (?:all )?back)" + _THE_END,
    re.IGNORECASE,
)
_UNDO_LAST = re.compile(
    rf"{_TAKE_BACK}(?:the\s+)?(?:last|latest|previous|most recent)\s+"
    rf"(?:change|edit|step|one|thing|action|modification)s?{_THE_END}",
    re.IGNORECASE,
)
_UNDO_OWN = re.compile(
    rf"{_TAKE_BACK}(?:my (?:own )?(?:last |latest |previous )?(?:change|edit|step|move)|"
    rf"what I (?:just )?(?:did|changed|added))"
    rf"(?:\s+(?:just )?now)?{_THE_END}",
    re.IGNORECASE,
)
_REDO = re.compile(
    rf"^\W*(?:(?:no|please|can you|could you|ok(?:ay)?)[,.!]*\s+)*(?:redo(?:\s+(?:it|that|this|everything))?|"
    rf"undo the undo|(?:bring|put) (?:it|that|them|everything) back){_THE_END}",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(
    r"\b(?:write|generate|create|draft|update|refresh|produce|prepare)\b[^.!?\n]{0,40}?"
    r"\b(?:design|architecture|technical)?\s*(?:documents?|documentation|docs?|specification)\b"
    r"(?!\s+(?:store|stores|db|databases?|service|server|loader|index|processor|parser|management|api|queue|bucket))",
    re.IGNORECASE,
)
_REFRESH = re.compile(r"\b(?:update|refresh|stale|up to date)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\b(?:weather (?:like|today|tomorrow|forecast)|(?:write|tell|compose|sing|recite|give|make|create)\b[^.!?\n]{0,30}"
    r"\b(?:poems?|jokes?|recipes?|lyrics|songs?|haikus?|limericks?|sonnets?|essays?|love letter|bedtime story)|"
    r"horoscope|capital of|translate (?:this|the following|that))\b",
    re.IGNORECASE,
)
_SYSTEMS = re.compile(
    r"\b(?:apps?|applications?|systems?|services?|servers?|platforms?|sites?|websites?|portals?|apis?|databases?|db|"
    r"queues?|caches?|clients?|backends?|frontends?|architectures?|diagrams?|components?|nodes?|stores?|shops?|"
    r"pipelines?|bots?|software|tools?|engines?|clouds?|microservices?|games?|stream(?:ing)?|feeds?|models?)\b",
    re.IGNORECASE,
)
_STRONGEST = re.compile(r"\b(?:use|with|ask)\s+(?:claude\s+)?opus\b", re.IGNORECASE)
_SMALL_EDIT = 160
"""Characters of a request that a small model can be trusted with."""


def read_intent(text: str, diagram: Diagram) -> Intent:
    """Return what a request wants of this diagram.

    A request on an empty canvas is a generation; any other is a question when it asks and orders nothing, a document
    when it asks for one, and else an edit. What is plainly about something else than systems is off-topic."""
    small = len(text) <= _SMALL_EDIT and text.count(",") < 3
    if undo_wish(text):
        return Intent("edit", sure=True, small=True)
    if _is_elsewhere(text, diagram):
        return Intent("off_topic", sure=True, small=True)
    if not diagram.nodes:
        return Intent("generate", sure=True, small=False)
    if _DOCUMENT.search(text) and not _is_question(text):
        return Intent("document", sure=True, small=False)
    if _is_question(text):
        return Intent("question", sure=True, small=True)
    sure = (_ORDERS.search(text) or _WISHES.search(text)) is not None
    return Intent("edit", sure=sure, small=small)


def wants_refresh(text: str) -> bool:
    """Whether a request for the document wants only what is stale."""
    return _REFRESH.search(text) is not None


def _is_elsewhere(text: str, diagram: Diagram) -> bool:
    if _ELSEWHERE.search(text) is None or _SYSTEMS.search(text) or catalogue.find(text):
        return False
    words = text.casefold()
    return not any(node.label.casefold() in words for node in diagram.nodes.values())


def _is_question(text: str) -> bool:
    first = text.strip().split("\n", 1)[0]
    asks = _ASKS.match(first) is not None or text.rstrip().endswith("?")
    return asks and _ORDERS.search(text) is None


def wants_drawing(job: Job) -> bool:
    """Whether a job must draw something: what is asked on an empty canvas may be answered in words."""
    return job.kind == "generate" and not _is_question(job.text)


def wants_change(text: str) -> bool:
    """Whether a request plainly orders a change, and does not ask about one."""
    first = text.strip().split("\n", 1)[0]
    if _ASKS.match(first) or (text.rstrip().endswith("?") and not _POLITE.match(first)):
        return False
    return (_ORDERS.search(text) or _CHANGES.search(text)) is not None


def undo_wish(text: str) -> UndoWish | None:
    """Return what a message wants undone, when that is all that it wants."""
    said = " ".join(text.split())
    if _UNDO_OWN.match(said):
        return "own"
    if _REDO.match(said):
        return "redo"
    if _UNDO_LAST.match(said):
        return "last"
    return "job" if _UNDO_JOB.match(said) else None


def route(intent: Intent, text: str, models: ModelNames) -> Route:
    """Choose the model of a request for which the person named none, and say why."""
    if _STRONGEST.search(text) and models.large is not None:
        return Route(model=models.large, reason="The request names Opus.", sure=intent.sure)
    if models.small is not None and intent.kind in ("question", "off_topic"):
        return Route(model=models.small, reason="A question is answered by the small model.", sure=intent.sure)
    if models.small is not None and intent.kind == "edit" and intent.small:
        return Route(model=models.small, reason="A short edit is within the small model's reach.", sure=intent.sure)
    return Route(
        model=models.default, reason=f"The default model for work of the kind '{intent.kind}'.", sure=intent.sure
    )
