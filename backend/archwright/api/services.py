"""What the routes work with, handed over by the wiring."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from archwright.access.forwarded import Place
from archwright.access.grants import Grants
from archwright.access.ledger import Ledger
from archwright.access.rates import Rates
from archwright.api.doors import PLACE
from archwright.api.told import Told
from archwright.diagram.model import Diagram
from archwright.jobs.exports import Exports
from archwright.jobs.service import Jobs
from archwright.model.ports import ModelCard
from archwright.sessions.service import Sessions
from archwright.store.ports import Store

if TYPE_CHECKING:
    from archwright.api.auth import SignIn


@dataclass(frozen=True, slots=True)
class Services:
    """`answer_bytes` is about the most that one answer holds. `embedded` says that this process also runs the jobs, and
    so may stream their events. `pages` is the folder of the built editor. `proxy_secret` is what our own content
    network says, whose word about a caller's address is taken. Without `sign_in` the server has one user."""

    store: Store
    sessions: Sessions
    jobs: Jobs
    exports: Exports
    cards: tuple[ModelCard, ...]
    grants: Grants
    rates: Rates
    ledger: Ledger
    answer_bytes: int
    sign_in: "SignIn | None" = None
    proxy_secret: str | None = None
    templates: Mapping[str, Callable[[], Diagram]] = field(default_factory=dict)
    embedded: bool = True
    pages: Path | None = None
    told: Told = field(default_factory=Told)


def _services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


Here = Annotated[Services, Depends(_services)]


def _place(request: Request) -> Place:
    found: Place = request.scope[PLACE]
    return found


At = Annotated[Place, Depends(_place)]
