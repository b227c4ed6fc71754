"""Whom a server answers to: the hosts that are its own, and the pages that may change something. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from archwright.access.addresses import PublicUrl, read_host, same_place

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SETTING = "ARCHWRIGHT_PUBLIC_URL"
_ELSEWHERE = frozenset({"cross-site", "same-site"})


@dataclass(frozen=True, slots=True)
class Reach:
    """`names` are the hosts answered, besides those of the `public` URLs; None where a gateway before us decides, as on
    AWS. With `literals` every IP address is answered: no name that a stranger made can lead to one."""

    names: frozenset[str] | None = None
    literals: bool = False
    public: tuple[PublicUrl, ...] = ()

    def refuses_host(self, hosts: Sequence[str]) -> str:
        """Return why a request for these hosts (it should name one) is not answered, or an empty text."""
        if self.names is None or (len(set(hosts)) == 1 and self._is_own(hosts[0])):
            return ""
        named = ", ".join(hosts)[:100]
        return f"This server is not {named!r}; if it is to be, name its address in {_SETTING}."

    def _is_own(self, text: str) -> bool:
        host = read_host(text)
        if host is None:
            return False
        own = (self.names or frozenset()) | {url.host for url in self.public}
        return host.name in own or (self.literals and _is_literal(host.name))

    def refuses_origin(self, method: str, origins: Sequence[str], host: str, site: str) -> str:
        """Return why a page of this origin may not ask for what it asks, or an empty text.

        A program names no origin and may. `site` is what the browser says of it (`Sec-Fetch-Site`): where the host
        that was asked is a gateway's, that tells whether the page is ours.
        """
        foreign = [one for one in origins if not self._is_ours(one, host, site)]
        if method in SAFE or not foreign:
            return ""
        named = foreign[0][:100]
        return f"A page of {named!r} may not change anything here; {_SETTING} names the addresses whose pages may."

    def _is_ours(self, origin: str, host: str, site: str) -> bool:
        if same_place(origin, host) or any(origin.lower() == url.origin for url in self.public):
            return True
        return self.names is None and not self.public and origin != "null" and site not in _ELSEWHERE


def local_reach(host: str, public: tuple[PublicUrl, ...]) -> Reach:
    """A server that only this machine reaches; `host` is what it listens on."""
    return Reach(LOOPBACK | _named(host), public=public)


def network_reach(host: str, machine: Sequence[str], public: tuple[PublicUrl, ...]) -> Reach:
    """A server on a network, on a machine of these names; their first parts are its names too, also with `.local`."""
    known = [name.lower().rstrip(".") for name in machine]
    short = {name.split(".")[0] for name in known}
    names = {*known, *short, *(f"{name}.local" for name in short)} - {"", ".local"}
    return Reach(LOOPBACK | names | _named(host), literals=True, public=public)


def _named(host: str) -> frozenset[str]:
    found = read_host(host)
    return frozenset({found.name}) if found else frozenset()


def _is_literal(name: str) -> bool:
    try:
        return bool(ip_address(name))
    except ValueError:
        return False
