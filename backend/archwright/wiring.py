"""Settings → adapters → services. The only file that knows the deployments.

LangGraph and Anthropic take two seconds to import and FastAPI half of one, so they are imported here, late, by what
runs jobs or serves.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archwright.access.addresses import is_loopback
from archwright.access.grants import Grants
from archwright.access.ledger import Ledger
from archwright.access.rates import MemoryRates, StoredRates
from archwright.access.reach import Reach, local_reach, network_reach
from archwright.errors import InvalidRequest, UnknownModel
from archwright.files.local import LocalFiles
from archwright.files.ports import Files
from archwright.jobs.exports import ByKind, Exporter, Exports
from archwright.jobs.rescue import Rescue
from archwright.jobs.runner import LeaseTimes, Runner
from archwright.jobs.service import Jobs
from archwright.model.calls import Fallback
from archwright.model.ports import ModelCard
from archwright.model.pricing import LARGE, SMALL, cards
from archwright.queue.local import LocalQueue
from archwright.queue.ports import Queue
from archwright.sessions.service import Sessions
from archwright.settings import Settings
from archwright.store.ports import Store
from archwright.store.sqlite import SqliteStore
from archwright.templates import templates

if TYPE_CHECKING:
    from fastapi import FastAPI

    from archwright.api.clerk import Clerk
    from archwright.jobs.ports import Agent

DATABASE = "archwright.db"
_PAGES = Path(__file__).parents[2] / "frontend" / "dist"
ANSWER_BYTES = 3_000_000
"""The most that an answer of the API function holds before it is packed: Lambda takes 6 MB, a file as base 64."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The models that this process can ask, the default first. `settled`: the settings name the default, and no other
    is chosen for small or hard work. `fallbacks` stand in for whichever is overloaded or down."""

    cards: tuple[ModelCard, ...]
    settled: bool = False
    fallbacks: tuple[str, ...] = ()

    @property
    def free(self) -> frozenset[str]:
        free = frozenset(card.id for card in self.cards if not card.input_usd and not card.output_usd)
        return free if free.issuperset(self.fallbacks) else frozenset()

    @property
    def small(self) -> str | None:
        return None if self.settled or SMALL not in self.ids else SMALL

    @property
    def large(self) -> str | None:
        return None if self.settled or LARGE not in self.ids else LARGE

    @property
    def default(self) -> str:
        return next(card.id for card in self.cards if card.default)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(card.id for card in self.cards)


@dataclass(frozen=True, slots=True)
class Embedded:
    """The product in one process, over one data directory."""

    settings: Settings
    store: Store
    sessions: Sessions
    jobs: Jobs
    cards: tuple[ModelCard, ...]
    ledger: Ledger
    exports: Exports


def sign_in(settings: Settings) -> "Clerk | None":
    """Return how people sign in. Raises InvalidRequest when it is configured in part, for nobody may then pass."""
    from archwright.api.clerk import Clerk, split_keys

    keys, parties = split_keys(settings.clerk_jwt_keys), _words(settings.clerk_authorized_parties)
    given = (settings.clerk_publishable_key, settings.clerk_issuer, settings.clerk_jwt_keys, parties)
    if not any(given):
        return None
    if not (settings.clerk_publishable_key and settings.clerk_issuer and keys and parties):
        raise InvalidRequest(
            "Sign-in needs all of ARCHWRIGHT_CLERK_PUBLISHABLE_KEY, _ISSUER, _JWT_KEYS (PEM) and _AUTHORIZED_PARTIES."
        )
    return Clerk(settings.clerk_publishable_key, settings.clerk_issuer, keys, parties)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def model_cards(settings: Settings) -> tuple[ModelCard, ...]:
    """Return the models that the settings make available.

    Raises UnknownModel for a default, a fallback or a model on Bedrock that is not one.
    """
    available = cards(
        has_key=bool(settings.anthropic_api_key or settings.model_key_parameter),
        local_models=_words(settings.local_models),
        bedrock_models=_words(settings.bedrock_models),
        default=settings.model,
    )
    known = [card.id for card in available]
    for name in fallback(settings).models:
        if name not in known:
            raise UnknownModel(f"ARCHWRIGHT_FALLBACK_MODELS names '{name}'; available: {', '.join(known)}.")
    return available


def model_choice(settings: Settings, available: tuple[ModelCard, ...]) -> ModelChoice:
    """Return the models that the settings make available, as jobs are given them."""
    return ModelChoice(available, settings.model is not None, fallback(settings).models)


def fallback(settings: Settings) -> Fallback:
    """Return what is asked when a model is overloaded or down."""
    return Fallback(_words(settings.fallback_models), settings.fallback_after_s)


@asynccontextmanager
async def embedded(settings: Settings, *, works: bool = True) -> AsyncIterator[Embedded]:
    """Open the data directory; with `works` also run jobs, and hand them over at the end."""
    available = model_cards(settings)
    store: Store = await asyncio.to_thread(SqliteStore.open, settings.data_dir / DATABASE)
    queue, sessions, files = LocalQueue(), Sessions(store), LocalFiles(settings.data_dir / "exports")
    exports = Exports(store, sessions, queue, files)
    ledger = Ledger(store, settings.limits, settings.budget)
    jobs = Jobs(
        store, sessions, queue, model_choice(settings, available), ledger, settings.lease_grace_s,
        settings.approve_above_usd,
    )  # fmt: skip
    try:
        if works and settings.worker_concurrency:
            async with _working(settings, available, store, sessions, queue, ledger, files):
                yield Embedded(settings, store, sessions, jobs, available, ledger, exports)
        else:
            yield Embedded(settings, store, sessions, jobs, available, ledger, exports)
    finally:
        await store.close()


@asynccontextmanager
async def _working(
    settings: Settings, available: tuple[ModelCard, ...], store: Store, sessions: Sessions, queue: LocalQueue,
    ledger: Ledger, files: Files,
) -> AsyncIterator[None]:  # fmt: skip
    from archwright.jobs.holders import Holder
    from archwright.jobs.pool import Pool

    holder = Holder(settings.data_dir / "holders")
    async with _agent(settings, available, store, sessions, files) as agent:
        times = _lease_times(settings)
        runner = Runner(
            store, queue, agent, holder.name, ledger=ledger, times=times, max_attempts=settings.max_attempts
        )  # fmt: skip
        pool = Pool(runner, queue, store, holder, settings.worker_concurrency)
        await runner.signs.leave()
        pool.start()
        try:
            yield
        finally:
            await pool.stop(settings.drain_s)
            holder.close()


def _lease_times(settings: Settings) -> LeaseTimes:
    """Return the lease's times; one that is short is renewed four times as often, whatever the settings say."""
    return LeaseTimes(settings.lease_s, min(settings.lease_renew_s, settings.lease_s / 4))


@asynccontextmanager
async def _agent(
    settings: Settings, available: tuple[ModelCard, ...], store: Store, sessions: Sessions, files: Files
) -> AsyncIterator["Agent"]:
    from archwright.agent.architect import Architect
    from archwright.model.models import build_models

    models = build_models(
        available,
        api_key=settings.anthropic_api_key,
        base_url=settings.anthropic_base_url,
        stall_s=settings.model_stall_s,
        first_s=settings.model_first_s,
        offline_pace=settings.offline_pace,
        bedrock_region=settings.bedrock_region,
        bedrock_url=settings.bedrock_url,
    )
    try:
        architect = Architect(
            store, sessions, models, model_choice(settings, available), budget=settings.budget,
            retry_s=settings.model_retry_s, price=models.cost_usd, fallback=fallback(settings),
        )  # fmt: skip
        yield ByKind(architect, {"export": Exporter(sessions, files, store)})
    finally:
        await models.close()


def embedded_reach(settings: Settings, *, local: bool | None = None) -> Reach:
    """Return whom this process answers to. `local`: whether only this machine reaches it; None is as the settings
    say."""
    if local is None:
        local = settings.uds is not None or is_loopback(settings.host)
    if local:
        return local_reach(settings.host, settings.public_urls)
    return network_reach(settings.host, (socket.gethostname(), socket.getfqdn()), settings.public_urls)


def embedded_app(settings: Settings, *, local: bool | None = None) -> "FastAPI":
    """Return the app that serves the API and the page, and runs the jobs in this process; `local` as above."""
    from archwright.api.app import create_app
    from archwright.api.services import Services

    @asynccontextmanager
    async def opening() -> AsyncIterator[Services]:
        async with embedded(settings) as here:
            yield Services(
                here.store, here.sessions, here.jobs, here.exports, here.cards, Grants(here.store), MemoryRates(),
                here.ledger, settings.answer_bytes, sign_in(settings), templates=templates(),
                pages=_PAGES if _PAGES.is_dir() else None,
            )  # fmt: skip

    return create_app(opening, embedded_reach(settings, local=local), settings.proxies)


@dataclass(frozen=True, slots=True)
class Deployed:
    """The product on AWS, as every function of it has it; needs neither LangGraph nor Anthropic."""

    settings: Settings
    store: Store
    sessions: Sessions
    queue: Queue
    ledger: Ledger
    cards: tuple[ModelCard, ...]
    files: Files

    @property
    def rescue(self) -> Rescue:
        return Rescue(self.store, self.queue, self.ledger)


def deployed(settings: Settings) -> Deployed:
    """Return the product over DynamoDB and SQS. Raises InvalidRequest unless the settings name both."""
    from archwright.files import s3
    from archwright.files.s3 import S3Files
    from archwright.queue import sqs
    from archwright.store import dynamodb

    if not settings.table or not settings.queue_url:
        raise InvalidRequest("On AWS both ARCHWRIGHT_TABLE and ARCHWRIGHT_QUEUE_URL must be set.")
    store: Store = dynamodb.DynamoStore(settings.table, dynamodb.connect())
    queue = sqs.SqsQueue(settings.queue_url, sqs.connect())
    ledger = Ledger(store, settings.limits, settings.budget)
    files = S3Files(settings.files_bucket or "", s3.connect())
    return Deployed(settings, store, Sessions(store), queue, ledger, model_cards(settings), files)


def deployed_app(settings: Settings) -> "FastAPI":
    """Return the app of the API function, ready: it has no lifespan, for a function may be frozen at any time.

    Raises InvalidRequest when nobody could sign in and the settings do not allow that.
    """
    from archwright.api.app import create_app
    from archwright.api.services import Services

    here, signs = deployed(settings), sign_in(settings)
    if signs is None and not settings.allow_anonymous:
        raise InvalidRequest("Without sign-in everybody on the internet would be the one user; configure Clerk.")
    jobs = Jobs(
        here.store,
        here.sessions,
        here.queue,
        model_choice(settings, here.cards),
        here.ledger,
        settings.lease_grace_s,
        settings.approve_above_usd,
        gives_up=False,  # the sweeper does, which counts it
    )
    bound = min(ANSWER_BYTES, settings.answer_bytes)
    exports = Exports(here.store, here.sessions, here.queue, here.files, bound)
    services = Services(
        here.store, here.sessions, jobs, exports, here.cards, Grants(here.store), StoredRates(here.store),
        here.ledger, bound, signs, proxy_secret=settings.proxy_secret, templates=templates(), embedded=False,
    )  # fmt: skip

    @asynccontextmanager
    async def opening() -> AsyncIterator[Services]:
        yield services

    app = create_app(opening, Reach(public=settings.public_urls), settings.proxies)
    app.state.services = services
    return app


@asynccontextmanager
async def deployed_runner(here: Deployed, holder: str) -> AsyncIterator[Runner]:
    """Bring up what a worker function runs jobs with."""
    settings = here.settings
    async with _agent(settings, here.cards, here.store, here.sessions, here.files) as agent:
        times = _lease_times(settings)
        yield Runner(
            here.store, here.queue, agent, holder, ledger=here.ledger, times=times, max_attempts=settings.max_attempts
        )  # fmt: skip
