"""Files in a folder of the data directory."""

import asyncio
import os
import re
import time
from pathlib import Path

from archwright.errors import Unavailable
from archwright.files.ports import KEPT_S

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")


class LocalFiles:
    """`Files` in this folder, which is made when the first one comes. What is older than a day goes then."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, content: bytes) -> None:
        try:
            await asyncio.to_thread(self._put, name, content)
        except OSError as error:
            raise Unavailable(f"The file cannot be kept in {self._folder}: {error.strerror}.") from error

    def _put(self, name: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._drop_old()
        part = self._path(name).with_suffix(f".{os.getpid()}.part")
        part.write_bytes(content)
        part.replace(self._path(name))

    def _drop_old(self) -> None:
        for file in self._folder.iterdir():
            if _age_s(file) > KEPT_S:
                file.unlink(missing_ok=True)

    async def content(self, name: str) -> bytes | None:
        path = self._path(name)
        try:
            return await asyncio.to_thread(path.read_bytes) if _age_s(path) <= KEPT_S else None
        except OSError:
            return None

    async def link(self, name: str, media_type: str, disposition: str) -> str | None:
        return None

    async def close(self) -> None:
        return

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a name of a file: {name!r}")
        return self._folder / name


def _age_s(file: Path) -> float:
    """How old a file is in seconds; endlessly, when it is not there."""
    try:
        return time.time() - file.stat().st_mtime
    except OSError:
        return float("inf")
