"""The sockets that a server listens on: handed over by systemd, a unix socket for a proxy, or a host and a port."""

import errno
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

from archwright.access.addresses import is_loopback
from archwright.errors import ArchwrightError
from archwright.settings import Settings

_FIRST_FD = 3
"""Where systemd puts the sockets that it hands over (sd_listen_fds)."""


class CannotListen(ArchwrightError):
    type = "cannot-listen"
    title = "The address cannot be listened on"


@dataclass(frozen=True, slots=True)
class Listening:
    """Bound sockets. `made` is the file of a unix socket of our own, which goes when the server goes."""

    sockets: tuple[socket.socket, ...]
    made: Path | None = None

    @property
    def local(self) -> bool:
        """Whether only this machine reaches them."""
        return all(one.family == socket.AF_UNIX or is_loopback(one.getsockname()[0]) for one in self.sockets)

    @property
    def address(self) -> str:
        return _shown(self.sockets[0])

    def close(self) -> None:
        for one in self.sockets:
            one.close()
        if self.made is not None:
            self.made.unlink(missing_ok=True)


def listen(settings: Settings) -> Listening:
    """Return the sockets to listen on. Raises CannotListen, which says in a sentence what is wrong with them."""
    if settings.listen_fds and settings.listen_pid == os.getpid():
        return Listening(tuple(_given(fd) for fd in range(_FIRST_FD, _FIRST_FD + settings.listen_fds)))
    if settings.uds is not None:
        return Listening((_unix(settings.uds),), settings.uds)
    return Listening((_tcp(settings.host, settings.port),))


def _given(fd: int) -> socket.socket:
    try:
        given = socket.socket(fileno=fd)
        listens = given.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise CannotListen(f"LISTEN_FDS names descriptor {fd}, which is no socket: {error.strerror}.") from None
    if not listens or given.type != socket.SOCK_STREAM:
        raise CannotListen(f"LISTEN_FDS names descriptor {fd}, which is no socket that listens for streams.")
    given.set_inheritable(False)
    return given


def _unix(path: Path) -> socket.socket:
    """A socket that whoever may enter its directory may use, as every user of this machine may use a port."""
    bound = socket.socket(socket.AF_UNIX)
    try:
        _make_room(path)
        bound.bind(str(path))
        path.chmod(0o666)
    except OSError as error:
        bound.close()
        raise CannotListen(f"The unix socket {path} cannot be listened on: {error.strerror or error}.") from None
    return bound


def _make_room(path: Path) -> None:
    """Remove what a server that is gone has left there; nothing else is."""
    if not os.path.lexists(path):
        return
    if not stat.S_ISSOCK(path.lstat().st_mode):
        raise OSError(errno.EEXIST, "another file stands there")
    with socket.socket(socket.AF_UNIX) as trying:
        try:
            trying.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OSError(errno.EADDRINUSE, "another program listens there")


def _tcp(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except (OSError, UnicodeError) as error:
        used = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "is used by another program" if used else (getattr(error, "strerror", None) or str(error)).lower()
        raise CannotListen(f"Port {port} on {host} {reason}; choose another with --port.") from None
    return bound


def _shown(bound: socket.socket) -> str:
    name = bound.getsockname()
    if bound.family == socket.AF_UNIX:
        return f"unix:{name}"
    host, port = name[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
