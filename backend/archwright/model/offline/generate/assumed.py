"""What a drawing assumes because nobody said it, each as a sentence with the nodes that rest on it."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from archwright.diagram.catalogue import CLOUDS, find, lookup
from archwright.model.offline.edits.words import capital, enumerated, uncapital
from archwright.model.offline.generate.needs import Needs
from archwright.model.offline.understand.scene import Component, Scene

MOST = 5
_RESTING_MAX = 6
_STORES = ("database", "warehouse", "vectordb", "search")
_RUN = ("service", "api", "server", "function", "worker")
_LOAD_TOLD = re.compile(
    r"\b(?:\d[\d.,]*\s*(?:k|m|thousand|million|billion)?|thousands|hundreds|millions|billions)\s+(?:of\s+)?(?:concurrent\s+|daily\s+|active\s+|monthly\s+)*"
    r"(?:users?|people|customers|requests?|visitors|messages|events|orders|devices|sensors|transactions|queries|writes|reads|players|rps|qps|tps)\b",
    re.IGNORECASE,
)
_UP_TOLD = re.compile(
    r"highly[ -]available|high availability|fault[ -]tolerant|failover|redundan|active-active|multi[- ](?:region|az)|99\.\d|standby|downtime|disaster",
    re.IGNORECASE,
)
_PLACE_TOLD = re.compile(
    r"\b(?:aws|amazon|azure|gcp|google cloud|on[- ]prem\w*|kubernetes|k8s|eks|gke|aks|ecs|fargate|heroku|vercel|fly\.io|vpc|serverless|lambda|data ?cent(?:er|re)|self[- ]hosted|bare metal|docker|regions?|[a-z]{2}-(?:east|west|north|south|central)\w*-\d)\b",
    re.IGNORECASE,
)
_SIGN_IN_TOLD = re.compile(
    r"\b(?:sign(?:s|ed)?[- ](?:in|on|up)|log(?:s|ged)?[- ]?in|auth\w*|oauth|sso|anonymous\w*|public)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Assumption:
    """`rests_on` are keys of components."""

    topic: str
    text: str
    rests_on: tuple[str, ...]


def assumed(scene: Scene, text: str, told: Collection[str], needs: Needs) -> tuple[Assumption, ...]:
    """Return the three to five most telling assumptions of a drawing; `told` are the technologies that the text names.

    Fewer where the text says nearly everything.
    """
    first = (_kind(scene, needs), *_quantities(scene, text, needs)) if needs.asked else ()
    parts = (_database(scene, told), _sign_in(scene, text), _cache(scene), _later(scene))
    rest = (*_quantities(scene, text, needs), _hosting(scene, text, told), _backups(scene))
    found = {a.topic: a for a in (*first, *parts, *rest) if a is not None and a.rests_on}
    return tuple(found.values())[:MOST]


def _keys(components: Sequence[Component]) -> tuple[str, ...]:
    return tuple(c.key for c in components[:_RESTING_MAX])


def _of(scene: Scene, *types: str) -> list[Component]:
    return [c for c in scene.components.values() if c.type in types]


def _names(components: Sequence[Component]) -> str:
    more = len(components) - 4
    names = [f"the {uncapital(c.label)}" for c in components[:4]]
    return enumerated([*names, f"{more} more"] if more > 0 else names)


def _heads(scene: Scene) -> list[Component]:
    """The parts that carry the load: the best connected services and the primary databases."""
    ranked = sorted(_of(scene, *_RUN), key=lambda c: -sum(c.key in (t.source, t.target) for t in scene.ties))
    return [*ranked[:2], *_primary(scene, _of(scene, "database"))[:2]] or list(scene.components.values())[:1]


def _primary(scene: Scene, stores: Sequence[Component]) -> list[Component]:
    copies = {t.target for t in scene.ties if t.kind == "replication"}
    return [c for c in stores if c.key not in copies]


def _kind(scene: Scene, needs: Needs) -> Assumption | None:
    if needs.kind_told:
        return None
    text = "It is an ordinary web application: people use it in the browser, an API holds the logic, a database the records."
    return Assumption("Kind of system", text, _keys(_heads(scene)))


def _database(scene: Scene, told: Collection[str]) -> Assumption | None:
    chosen = [c for c in _of(scene, *_STORES) if c.technology and c.technology not in told]
    main = [c for c in chosen if c.type == "database"] or chosen
    same = [c for c in main if c.technology == main[0].technology]
    if not same:
        return None
    named = _names(_primary(scene, same) or same)
    return Assumption(
        "Database product", f"{same[0].technology} holds the records of {named}; no product was named.", _keys(same)
    )


def _sign_in(scene: Scene, text: str) -> Assumption | None:
    added = [c for c in _of(scene, "auth") if not c.stated]
    if added:
        product = added[0].technology or added[0].label
        return Assumption("Sign-in", f"People sign in, and {product} checks who they are.", _keys(added))
    doors = _of(scene, "gateway", "api") or _of(scene, "service")
    if (
        _of(scene, "auth")
        or not doors
        or not _of(scene, "web", "mobile", "user", "client")
        or _SIGN_IN_TOLD.search(text)
    ):
        return None
    said = f"Who signs in is settled by {_names(doors[:1])} itself; there is no sign-in service of its own."
    return Assumption("Sign-in", said, _keys(doors[:1]))


def _cache(scene: Scene) -> Assumption | None:
    added = [c for c in _of(scene, "cache") if not c.stated]
    if not added:
        return None
    product = added[0].technology or "Redis"
    return Assumption(
        "Cache", f"Reads are far more frequent than writes, so {product} answers repeated ones in {_names(added)}.", _keys(added)
    )  # fmt: skip


def _later(scene: Scene) -> Assumption | None:
    """Work that is done later: who waits for what."""
    pipes = [c for c in _of(scene, "queue", "stream") if not c.stated]
    taken = {t.target for t in scene.ties if t.source in _keys(pipes)}
    takers = [c for c in _of(scene, "worker", "function", "service") if not c.stated and c.key in taken]
    if not pipes:
        return None
    product = pipes[0].technology or pipes[0].label
    by = f" until {_names(takers[:2])} {'takes' if len(takers) == 1 else 'take'} it" if takers else ""
    return Assumption(
        "Asynchronous work", f"Work that nobody waits for lies in {product}{by}, some seconds late.", _keys([*pipes, *takers])
    )  # fmt: skip


def _quantities(scene: Scene, text: str, needs: Needs) -> Iterator[Assumption]:
    heads = _keys(_heads(scene))
    if not needs.load and not _LOAD_TOLD.search(text):
        said = "At the peak about 1,000 people use it at once, some 200 requests a second, which one instance of each part bears."
        yield Assumption("Peak load", said, heads)
    copied = any(t.kind == "replication" for t in scene.ties)
    if not needs.survives and not copied and not _UP_TOLD.search(text):
        said = (
            "It may stand still for some minutes when a machine fails, so nothing runs twice and there is no standby."
        )
        yield Assumption("Availability", said, heads)


def _hosting(scene: Scene, text: str, told: Collection[str]) -> Assumption | None:
    if scene.areas or _PLACE_TOLD.search(text):
        return None
    entries = [lookup(name) for name in told] + [match.entry for match in find(text)]
    clouds = [
        entry.vendor
        for entry in entries
        if entry is not None and entry.vendor in CLOUDS and entry.cloud != "cloudflare"
    ]
    cloud = clouds[0] if clouds else "AWS"
    run = _of(scene, *_RUN)
    return Assumption(
        "Hosting",
        f"All of it runs in containers in one region of {cloud}, with managed databases.",
        _keys([*run[:4], *_of(scene, "database")[:2]]),
    )


def _backups(scene: Scene) -> Assumption | None:
    stores = _primary(scene, _of(scene, "database", "storage", "warehouse"))
    if not stores:
        return None
    return Assumption(
        "Backups",
        f"{capital(_names(stores))} {'is' if len(stores) == 1 else 'are'} backed up every day and kept for 30 days.",
        _keys(stores),
    )
