"""Who asks, and for what address, when proxies stand between: each believes only whom it was told to. Pure.

`X-Forwarded-For` is read from its right end, the one that was written last: past every trusted proxy, to the first
address that is none. What stands left of it, anybody may have made up. `Forwarded` (RFC 7239) is not read: a proxy
that writes the other headers passes it on as a stranger sent it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archwright.access.addresses import Host, Proxies, PublicUrl, read_address, read_host, read_path

Headers = Callable[[str], Sequence[str]]
"""All values of a header, in their order."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's caller, and the address that the caller asked for: `hosts` should be one. `prefix` is what a proxy
    took off the path."""

    address: str
    scheme: str
    hosts: tuple[str, ...]
    prefix: str = ""

    @property
    def host(self) -> str:
        return self.hosts[-1] if self.hosts else ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the product lies for whoever asks: under `prefix` at an origin, and `path` is the rest of what was asked
    for. `public` is the public URL that leads there, if there is one; `origin` is None where a gateway hides it."""

    public: PublicUrl | None
    origin: str | None
    prefix: str
    path: str

    @property
    def address(self) -> str | None:
        """The absolute address of the product, without a slash at its end."""
        if self.public is not None:
            return str(self.public)
        return None if self.origin is None else self.origin + self.prefix

    def link(self, path: str) -> str:
        """Return a path of the product as the caller can follow it: absolute where there is a public URL."""
        return (str(self.public) if self.public else self.prefix) + path


def asked(peer: str | None, scheme: str, headers: Headers, trusted: Proxies) -> Asked:
    """Return what was asked for by whom; `peer` is the other end of the connection, None for a unix socket."""
    direct = Asked("unix" if peer is None else _plain(peer), scheme, tuple(headers("host")))
    if not trusted.trusts(peer):
        return direct
    chain = _values(headers("x-forwarded-for"))
    address, hops = _caller(direct.address, chain, trusted)

    def said(name: str) -> str:
        values = _values(headers(name))
        return values[-hops] if len(values) == len(chain) and hops else values[-1] if values else ""

    proto, host, prefix = said("x-forwarded-proto").lower(), said("x-forwarded-host"), said("x-forwarded-prefix")
    return Asked(
        address,
        proto if proto in ("http", "https") else scheme,
        (host,) if read_host(host) else direct.hosts,
        read_path(prefix) or "",
    )


def _caller(peer: str, chain: Sequence[str], trusted: Proxies) -> tuple[str, int]:
    """The right-most address that is no trusted proxy's, and how many from the right it stands."""
    address, hops = peer, 0
    for word in reversed(chain):
        found = read_address(word)
        if found is None:
            break
        address, hops = str(found), hops + 1
        if not trusted.trusts(address):
            break
    return address, hops


def place(asked: Asked, path: str, public: Sequence[PublicUrl], *, known: bool) -> Place:
    """Return where the product lies for a request. `known`: whether the host that was asked is our own, not that of a
    gateway before us."""
    url = _named(public, read_host(asked.host))
    origin = f"{asked.scheme}://{asked.host}" if known and asked.host else None
    prefix = asked.prefix or (url.path if url else "")
    for candidate in sorted({prefix, *(one.path for one in public)}, key=len, reverse=True):
        if candidate and f"{path}/".startswith(f"{candidate}/"):
            return Place(url, origin, candidate, path.removeprefix(candidate) or "/")
    return Place(url, origin, prefix, path)


def _named(public: Sequence[PublicUrl], host: Host | None) -> PublicUrl | None:
    """The public URL that was asked for; the first when none was, for then a proxy has put a host of its own."""
    exact = [url for url in public if read_host(url.netloc) == host]
    without_port = [url for url in public if host is not None and url.host == host.name]
    return next(iter([*exact, *without_port, *public]), None)


def _values(headers: Sequence[str]) -> list[str]:
    return [value.strip() for value in ",".join(headers).split(",") if value.strip()]


def _plain(peer: str) -> str:
    found = read_address(peer)
    return peer if found is None else str(found)
