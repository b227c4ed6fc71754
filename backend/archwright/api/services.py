"""What the routes work with, handed over by the wiring."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from archwright.diagram.model import Diagram
from archwright.jobs.service import Jobs
from archwright.model.ports import ModelCard
from archwright.sessions.service import Sessions
from archwright.store.ports import Store


@dataclass(frozen=True, slots=True)
class Services:
    """`embedded` says that this process also runs the jobs, and so may stream their events. `pages` is the
    folder of the built editor. `hosts` are the names under which the server is asked for; empty means any."""

    store: Store
    sessions: Sessions
    jobs: Jobs
    cards: tuple[ModelCard, ...]
    templates: Mapping[str, Callable[[], Diagram]] = field(default_factory=dict)
    embedded: bool = True
    pages: Path | None = None
    hosts: frozenset[str] = frozenset()


def _services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


Here = Annotated[Services, Depends(_services)]
