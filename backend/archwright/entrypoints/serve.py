"""Serve the product from one process: API, page and jobs."""

import asyncio
import gc
import socket
import sys
import webbrowser
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress

import uvicorn
from fastapi import FastAPI

from archwright.entrypoints.listening import CannotListen, Listening, listen
from archwright.settings import Settings, read_settings
from archwright.telemetry.logging import configure_logging
from archwright.wiring import embedded_app, sign_in

_THREADS, _SWITCH_S = 2, 0.0005
"""Threads that plan and lay out, and how long each may keep the event loop, and with it every poll, from going on."""


_KEEP_ALIVE_S = 180
"""An idle connection outlasts those of every usual proxy (nginx 60 s, Traefik 90 s, Caddy 120 s): else it would send a
request into one that is just being closed."""


class _Server(uvicorn.Server):
    """Opens the app before it listens, and closes it after the last answer; what opening the app raises is raised."""

    def __init__(self, app: FastAPI, listening: Listening) -> None:
        super().__init__(
            uvicorn.Config(
                app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=3,
                timeout_keep_alive=_KEEP_ALIVE_S, proxy_headers=False, lifespan="off",
            )
        )  # fmt: skip
        self._app = app
        self._listening = listening
        self._opened = AsyncExitStack()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self._opened.enter_async_context(self._app.router.lifespan_context(self._app))
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self._listening.close()
        if not self.force_exit:
            await self._opened.aclose()


def _check_reach(settings: Settings, listening: Listening) -> None:
    """Raise CannotListen for an address beyond this machine that whoever reaches it could use as the one user."""
    if listening.local or settings.allow_anonymous or sign_in(settings) is not None:
        return
    raise CannotListen(
        f"Whoever reaches {listening.address} could read and change everything, for nobody signs in. Configure "
        "sign-in, or say --allow-anonymous (ARCHWRIGHT_ALLOW_ANONYMOUS=true) when that is what you want."
    )


def serve(settings: Settings, open_browser: bool) -> None:
    """Serve until SIGINT or SIGTERM, then hand the running jobs over and return. Raises CannotListen, and what is
    wrong with the data directory or the settings."""
    configure_logging(settings.log_level)
    sys.setswitchinterval(_SWITCH_S)
    listening = listen(settings)
    try:
        _check_reach(settings, listening)
        app = embedded_app(settings, local=listening.local)
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(_Server(app, listening), listening, settings, open_browser and _has_screen(settings)))
    finally:
        listening.close()


async def _serve(server: uvicorn.Server, listening: Listening, settings: Settings, open_browser: bool) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "aside"))
    address = listening.address
    serving = asyncio.create_task(server.serve(sockets=list(listening.sockets)))
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    if server.started:
        gc.freeze()  # what was imported stays; looking through it again and again would hold up polls for 0.2 s
        sys.stderr.write(f"Archwright is ready: {address}\n")
        sys.stderr.writelines(f"People reach it at {url}\n" for url in settings.public_urls)
        if open_browser and address.startswith("http"):
            webbrowser.open(address)
    await serving


def _has_screen(settings: Settings) -> bool:
    return sys.stderr.isatty() and (sys.platform in ("darwin", "win32") or settings.display is not None)


def development() -> FastAPI:
    """The app with settings from the environment, for a server that reloads it."""
    settings = read_settings()
    configure_logging(settings.log_level)
    return embedded_app(settings)
