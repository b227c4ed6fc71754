"""How the text of a setting becomes its value: cleaned where it can mean one thing only, else refused. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

_WORD = re.compile(r"[\x21-\x7e]+")
_URL = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]*)?", re.IGNORECASE)
_ENDPOINT = re.compile(r"/*(?:/v1(?:/messages)?)?/*$")
_IN_BRACKETS = re.compile(r"^\[(.+)\](?::\d+)?$")
_EXCEPTION = re.compile(r"[*\w.-]+(?::\d{1,5})?(?:/\d{1,2})?|https?://[\w.-]+(?::\d{1,5})?")
_PROXY = re.compile(r"(?:https?://)?(?:[^\s/@]+@)?(?:\[[0-9a-f:.]+\]|[^\s/:@\[\]]+)(?::\d+)?/?", re.IGNORECASE)


def bare(text: str) -> str:
    """Return a text without the blanks, line ends and quotes around it that files and shells leave there."""
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1].strip() if quoted else text


def whole_path(path: Path) -> Path:
    """Return a path from the root, `~` included. Raises ValueError."""
    try:
        return path.expanduser().absolute()
    except RuntimeError:
        raise ValueError("there is no such user's home directory") from None


def one_word(secret: str) -> str:
    """Return a secret that fits into a header. Raises ValueError, which does not tell it."""
    if not _WORD.fullmatch(secret):
        raise ValueError("it holds blanks or signs that no key has")
    return secret


def base_url(url: str) -> str:
    """Return the base of the Messages API as the SDK wants it, which adds `/v1/messages` itself. Raises ValueError."""
    if not _URL.fullmatch(url):
        raise ValueError("it is no address like https://example.com")
    return _ENDPOINT.sub("", url)


def usable_proxy(text: str) -> str | None:
    """Return an HTTP proxy's address, or None when it names no HTTP proxy."""
    return text.strip() if _PROXY.fullmatch(text.strip()) else None


def readable_exceptions(no_proxy: str) -> str:
    """Return what is asked directly, in words that every client reads: an IPv6 address without brackets. What is no
    word of any, such as a network of IPv6, is left out: the clients end at it."""
    words = [word.strip() for word in no_proxy.split(",")]
    plain = [_IN_BRACKETS.sub(r"\1", word.removesuffix("/128")) for word in words]
    return ",".join(word for word in plain if _EXCEPTION.fullmatch(word) or _is_address(word))


def _is_address(word: str) -> bool:
    try:
        return bool(ip_address(word))
    except ValueError:
        return False


def needed_proxy(
    proxies: Mapping[str, str], asked: Sequence[str], bypassed: Callable[[str], object]
) -> tuple[str, str] | None:
    """Return the first of the proxies (by scheme, or "all") that is no HTTP proxy though one of these addresses is
    asked through it; `bypassed` says which hosts are asked directly."""
    for url in asked:
        place = urlsplit(url)
        name = place.scheme if place.scheme in proxies else "all"
        if name in proxies and usable_proxy(proxies[name]) is None and not bypassed(place.hostname or ""):
            return name, proxies[name]
    return None
