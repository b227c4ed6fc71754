"""What Archwright needs of a place for files that jobs made: an adapter for one machine and one for AWS."""

from typing import Protocol

KEPT_S = 86_400.0
"""How long a file can be fetched, in seconds."""


class Files(Protocol):
    """Files by the id of the job that made them, kept for a day."""

    async def put(self, name: str, content: bytes) -> None:
        """Store a file, whole; one of the same name is replaced. Raises Unavailable."""
        ...

    async def content(self, name: str) -> bytes | None:
        """Return a file, or None when it is not there any more. Raises Unavailable."""
        ...

    async def link(self, name: str, media_type: str, disposition: str) -> str | None:
        """Return an address that gives the file, with these headers, to whoever has it, for some minutes; None where
        the API hands files out itself, and when the file is not there any more. Raises Unavailable."""
        ...

    async def close(self) -> None: ...
