"""Who calls. Without sign-in everybody who reaches this machine's server is its one user."""

from typing import Annotated

from fastapi import Depends

LOCAL = "local"


def _owner() -> str:
    return LOCAL


Owner = Annotated[str, Depends(_owner)]
