"""English at the level of words: stems, typing errors, articles, counts, lists."""

import re
from functools import lru_cache

QUOTED = r"[\"“”][^\"“”\n]{1,200}[\"“”]|(?<!\w)['‘’`][^'‘’`\n]{1,200}['‘’`](?!\w)"

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "single": 1, "another": 1, "two": 2, "both": 2, "couple": 2, "pair": 2, "three": 3,
    "few": 3, "several": 3, "some": 1, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "multiple": 2,
}  # fmt: skip
COUNT = rf"(?:\d{{1,3}}|{'|'.join(_NUMBERS)})"
_ARTICLES = re.compile(
    r"^(?:(?:the|our|my|your|its|their|existing|current|whole|entire|new|additional|extra|dedicated|separate|own"
    r"|proper|simple|basic|small|more|also|just|like|some|any|kind of|sort of)\s+|(?:an?|another)\s+(?=\S))+",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"^(?:(?:the|another)\s+)?({COUNT})\s+(?:pairs?\s+of\s+|of\s+)?(?:(?:new|more|additional|extra|separate)\s+)*(?=\S)",
    re.IGNORECASE,
)
_SAME = {
    "db": "database", "dbs": "database", "datastore": "database", "svc": "service", "microservice": "service",
    "lb": "loadbalancer", "gw": "gateway", "fe": "frontend", "authn": "auth", "authentication": "auth",
    "authorization": "auth", "notif": "notification", "msg": "message", "k8s": "kubernetes", "app": "application",
    "cron": "scheduler", "postgresql": "postgres", "mongodb": "mongo", "analytic": "analytics", "bus": "bus",
}  # fmt: skip
_JOINED = (
    ("load balancer", "loadbalancer"), ("load-balancer", "loadbalancer"), ("front end", "frontend"),
    ("front-end", "frontend"), ("back end", "backend"), ("back-end", "backend"), ("micro service", "service"),
    ("micro-service", "service"), ("data store", "database"), ("data base", "database"), ("web site", "website"),
    ("work flow", "workflow"), ("sign-in", "signin"), ("e-mail", "email"),
)  # fmt: skip
_STOP = frozenset(
    {"the", "a", "an", "of", "our", "my", "your", "its", "that", "this", "and", "component", "node", "box"}
)


def clean(text: str) -> str:
    """Return the text with plain quotes and dashes, single spaces and no control characters; line ends stay."""
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", " ", text)
    text = text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"').replace("\u00a0", " ")
    return re.sub(r"[ \t]+", " ", text).strip()


def bare(phrase: str) -> str:
    """Return a noun phrase without articles, end punctuation and the quotes around it."""
    phrase = phrase.strip(" \t\n.,;:!?")
    if re.fullmatch(QUOTED, phrase):
        return phrase[1:-1].strip()
    return _ARTICLES.sub("", phrase).strip(" \t\n.,;:!?\"'`")


def counted(phrase: str) -> tuple[int, str]:
    """Return how many a noun phrase asks for, and the phrase without the number; 1 when it does not say."""
    match = _COUNTED.match(phrase.strip())
    if match is None:
        return 1, phrase.strip()
    word = match[1].casefold()
    return max(1, int(word) if word.isdigit() else _NUMBERS[word]), phrase.strip()[match.end() :]


def singular(word: str) -> str:
    """Return a noun without its plural ending, in the case it came in."""
    low = word.casefold()
    if low == "caches":
        return word[:-1]
    if len(low) > 4 and low.endswith("ies"):
        return word[:-3] + "y"
    if len(low) > 4 and re.search(r"(?:ss|sh|ch|x|z)es$", low):
        return word[:-2]
    if len(low) > 3 and low.endswith("s") and not re.search(r"(?:ss|us|is|os|canvas|alias|atlas|bias|gas|aas)$", low):
        return word[:-1]
    return word


@lru_cache(maxsize=4096)
def stems(text: str) -> tuple[str, ...]:
    """Return the words that carry a phrase's meaning, in small letters, singular, with usual abbreviations read out."""
    low = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", text).casefold()
    for spelled, joined in _JOINED:
        low = low.replace(spelled, joined)
    words = re.findall(r"[^\W_]+(?:\+\+|#)?", low.replace("'s ", " "))
    return tuple(_stem(word) for word in words if word not in _STOP)


def _stem(word: str) -> str:
    one = _SAME.get(word) or singular(word)
    return _SAME.get(one, one)


def alike(one: str, other: str) -> bool:
    """Whether two stems differ by no more than a typing error."""
    if one == other:
        return True
    if min(len(one), len(other)) < 5:
        return False
    return _distance(one, other) <= (2 if min(len(one), len(other)) >= 8 else 1)


def _distance(one: str, other: str) -> int:
    """Edits between two words: letters put in, left out, exchanged, or swapped with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        oldest, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, oldest[j - 2] + 1)
            row.append(best)
    return row[-1]


def listed(phrase: str) -> list[str]:
    """Return the parts of an enumeration: "A, B and C" is three; quoted parts stay whole."""
    masked, quotes = mask(phrase)
    parts = re.split(r"\s*(?:,|;)\s*(?:and |or |plus |then )?\s*|\s+(?:and|plus|as well as|&|\+|along with)\s+", masked)
    return [unmask(part, quotes).strip() for part in parts if part and part.strip()]


def mask(text: str) -> tuple[str, list[str]]:
    """Return the text with a sign in the place of everything quoted or in brackets, and what stood there."""
    quotes: list[str] = []

    def keep(match: re.Match[str]) -> str:
        quotes.append(match.group())
        return f"\ue000{len(quotes) - 1}\ue001"

    return re.sub(rf"{QUOTED}|\([^()\n]*\)", keep, text), quotes


def unmask(text: str, quotes: list[str]) -> str:
    """Return a masked text with what was quoted back in its place."""

    def back(match: re.Match[str]) -> str:
        place = int(match[1])
        return quotes[place] if place < len(quotes) else ""

    return re.sub("\ue000(\\d{1,6})\ue001", back, text)


def capital(text: str) -> str:
    """Return the text with a capital first letter, unless its first word is spelled in its own way ("gRPC")."""
    first = text.split(" ", 1)[0]
    return text if not first or re.search(r"[A-Z0-9]", first) else text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """Return the text with a small first letter, unless its first word is spelled in its own way."""
    first = text.split(" ", 1)[0]
    return text if re.search(r"[A-Z0-9]", first[1:]) or len(first) == 1 else text[:1].lower() + text[1:]


def enumerated(names: list[str]) -> str:
    """Return "A", "A and B" or "A, B and C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nothing"


def in_third_person(verb: str) -> str:
    """Return "calls" for "call"; a verb that ends in s already is left."""
    if verb.endswith("s") and not verb.endswith("ss"):
        return verb
    if re.search(r"(?:ss|sh|ch|x|z|o)$", verb):
        return verb + "es"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + "s"
