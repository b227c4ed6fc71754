"""What the settings and the headers say of addresses, read strictly: hosts, origins, public URLs, proxies. Pure."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_HOST = re.compile(r"(\[[0-9a-f:.]+(?:%[\w.-]+)?\]|[a-z0-9_.-]+)(?::(\d{1,5}))?", re.IGNORECASE | re.ASCII)
_PORTS = {"http": 80, "https": 443}
_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[\w.~-]+)+", re.ASCII)
_OURS = re.compile(r"/(?:s|assets)(?:/.*)?|/api(?:/v1(?:/.*)?)?")
"""Paths of the page and the API themselves: under one of these nobody could say whether a proxy has taken it off."""
_TRAILING = "/"


@dataclass(frozen=True, slots=True)
class Host:
    """A name, in small letters and without brackets, and a port where one is said."""

    name: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """An address at which people reach the server. `netloc` is as browsers write it: without the usual port. `path`
    is empty, or begins with a slash and ends in none."""

    scheme: str
    netloc: str
    path: str = ""

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @property
    def host(self) -> str:
        found = read_host(self.netloc)
        return found.name if found else ""

    def __str__(self) -> str:
        return self.origin + self.path


@dataclass(frozen=True, slots=True)
class Proxies:
    """Whose forwarded headers are believed; `unix` is whoever comes by a unix socket."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    unix: bool = False

    def trusts(self, address: str | None) -> bool:
        """Whether the one at this address is believed; None is a unix socket."""
        if address is None:
            return self.unix
        found = read_address(address)
        return found is not None and any(found in network for network in self.networks)


def read_host(text: str) -> Host | None:
    """Return what a Host header names, or None when it is none."""
    found = _HOST.fullmatch(text)
    if found is None or int(found[2] or 0) > 65_535:
        return None
    name = found[1].lower().strip("[]").removesuffix(".")
    return Host(name, int(found[2]) if found[2] else None) if name else None


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an IP address, with or without brackets and port; a mapped IPv4 address as what it is."""
    for candidate in (text, *_without_port(text)):
        try:
            found = ip_address(candidate)
        except ValueError:
            continue
        mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
        return mapped or found
    return None


def _without_port(text: str) -> tuple[str, ...]:
    found = read_host(text)
    return (found.name,) if found else ()


def is_loopback(host: str) -> bool:
    """Whether an address to listen on, as a person writes it, is reached from this machine alone."""
    found = read_address(host)
    return host.lower() == "localhost" or (found is not None and found.is_loopback)


def same_place(origin: str, host: str) -> bool:
    """Whether a page of this origin comes from this host."""
    scheme, _, place = origin.lower().partition("://")
    page, asked = read_host(place), read_host(host)
    if scheme not in _PORTS or page is None or asked is None:
        return False
    usual = _PORTS[scheme]
    return (page.name, page.port or usual) == (asked.name, asked.port or usual)


def read_path(text: str) -> str | None:
    """Return a path under which the product may lie, without the slash at its end, or None when it is none."""
    path = text.rstrip(_TRAILING)
    return path if path == "" or (_PATH.fullmatch(path) and not _OURS.fullmatch(path)) else None


def read_public_urls(text: str) -> tuple[PublicUrl, ...]:
    """Return the URLs in a text, separated by commas. Raises ValueError, which says what is wrong with one."""
    return tuple(_public_url(word.strip()) for word in text.split(",") if word.strip())


def _public_url(text: str) -> PublicUrl:
    scheme, _, rest = text.partition("://")
    place, slash, path = rest.partition("/")
    scheme, host, under = scheme.lower(), read_host(_ascii(place)), read_path(slash + path)
    if scheme not in _PORTS or host is None:
        raise ValueError(
            f"{text[:200]!r} is no address like https://diagrams.example.com or https://example.com/diagrams"
        )
    if under is None:
        raise ValueError(f"the path of {text[:200]!r} is not one under which the product can lie")
    name = f"[{host.name}]" if ":" in host.name else host.name
    port = "" if host.port in (None, _PORTS[scheme]) else f":{host.port}"
    return PublicUrl(scheme, name + port, under)


def _ascii(place: str) -> str:
    """A name in any script, as browsers send it."""
    try:
        return place if place.isascii() else place.encode("idna").decode()
    except UnicodeError:
        return ""


def read_proxies(text: str) -> Proxies:
    """Return the proxies that a text names, by commas. Raises ValueError, which says which word names none."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    return Proxies(tuple(_network(word) for word in words if word != "unix"), "unix" in words)


def _network(word: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(word.strip("[]"), strict=False)
    except ValueError:
        raise ValueError(
            f"{word[:100]!r} is neither an address like 127.0.0.1 nor a network like 10.0.0.0/8 nor 'unix'"
        ) from None
