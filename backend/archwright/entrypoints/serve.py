"""Serve the product from one process: API, page and jobs."""

import asyncio
import gc
import socket
import sys
import webbrowser
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from archwright.errors import ArchwrightError
from archwright.settings import Settings
from archwright.telemetry.logging import configure_logging
from archwright.wiring import LOOPBACK, embedded_app, sign_in

_THREADS, _SWITCH_S = 2, 0.0005
"""Threads that plan and lay out, and how long each may keep the event loop, and with it every poll, from going on."""


class CannotListen(ArchwrightError):
    type = "cannot-listen"
    title = "The address cannot be listened on"


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket. Raises CannotListen, which says what is wrong with the address."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        reason = "is used by another program" if error.errno == 98 else (error.strerror or str(error)).lower()
        raise CannotListen(f"Port {port} on {host} {reason}; choose another with --port.") from None
    return bound


def _check_reach(settings: Settings) -> None:
    """Raise CannotListen for an address beyond this machine that whoever reaches it could use as the one user."""
    if settings.host in LOOPBACK or settings.allow_anonymous or sign_in(settings) is not None:
        return
    raise CannotListen(
        f"Whoever reaches {settings.host} could read and change everything, for nobody signs in. Configure sign-in, "
        "or say --allow-anonymous (ARCHWRIGHT_ALLOW_ANONYMOUS=true) when that is what you want."
    )


def serve(settings: Settings, open_browser: bool) -> None:
    """Serve until SIGINT or SIGTERM, then hand the running jobs over and return."""
    configure_logging(settings.log_level)
    _check_reach(settings)
    sys.setswitchinterval(_SWITCH_S)
    bound = listen(settings.host, settings.port)
    host, port = bound.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    app = embedded_app(settings)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=3, lifespan="on"
    )
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(uvicorn.Server(config), bound, address, open_browser and _has_screen(settings)))


async def _serve(server: uvicorn.Server, bound: socket.socket, address: str, open_browser: bool) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "aside"))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    if server.started:
        gc.freeze()  # what was imported stays; looking through it again and again would hold up polls for 0.2 s
        sys.stderr.write(f"Archwright is ready: {address}\n")
        if open_browser:
            webbrowser.open(address)
    await serving


def _has_screen(settings: Settings) -> bool:
    return sys.stderr.isatty() and (sys.platform in ("darwin", "win32") or settings.display is not None)


def development() -> FastAPI:
    """The app with settings from the environment, for a server that reloads it."""
    settings = Settings()
    configure_logging(settings.log_level)
    return embedded_app(settings)
