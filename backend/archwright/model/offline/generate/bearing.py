"""What a drawing gets so that it bears what it must: instances, replicas, caches, zones; and by what way people come."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from archwright.model.offline.generate.labels import FRONT
from archwright.model.offline.generate.needs import Needs
from archwright.model.offline.understand.areas import OUTSIDE
from archwright.model.offline.understand.scene import Area, Component, Scene

_PEOPLE = ("web", "mobile", "client", "user")
_DOORS = ("gateway", "service", "api", "server", "function")
_SHARED = (
    "cdn",
    "dns",
    "loadbalancer",
    "network",
    "monitoring",
    "auth",
    "storage",
    "warehouse",
    "queue",
    "stream",
    "group",
)
"""What a zone does not hold, since it is run across zones."""


def reach(scene: Scene, needs: Needs) -> None:
    """Let people come in the way that was answered; before the scene is wired."""
    if needs.reach in ("phone", "both"):
        _have(scene, Component("mobile app", "Mobile app", "mobile", "React Native"))
    if needs.reach in ("browser", "both"):
        _have(scene, Component("web app", "Web app", "web", "React"))
    if needs.reach == "programs":
        _have(scene, Component("api client", "API client", "client"))
    kept = {"phone": ("mobile",), "browser": ("web",), "programs": ("client",)}.get(needs.reach, _PEOPLE)
    for other in [c for c in scene.components.values() if c.type in _PEOPLE and c.type not in kept and not c.stated]:
        scene.drop(other.key)


def bear(scene: Scene, needs: Needs) -> None:
    """Add what the load and the failures to survive call for; after the scene is wired."""
    lasting = needs.survives in ("machine", "zone")
    steps: tuple[tuple[bool, Callable[[Scene], None]], ...] = (
        (needs.load in ("some", "much") or lasting, _balance),
        (needs.load in ("some", "much"), _cache),
        (needs.load == "much", _content),
        (needs.load == "much", lambda s: _copy_database(s, "read replica")),
        (needs.load == "much" or lasting, _second),
        (lasting, lambda s: _copy_database(s, "standby")),
        (needs.survives == "zone", _zones),
    )
    for wanted, step in steps:
        if wanted:
            step(scene)


def _have(scene: Scene, component: Component) -> None:
    if not _of(scene, component.type):
        scene.components[component.key] = component


def _of(scene: Scene, *types: str) -> list[Component]:
    return [c for c in scene.components.values() if c.type in types]


def _add(scene: Scene, component: Component) -> Component:
    key = component.key
    while key in scene.components:
        key += "'"
    scene.components[key] = component if key == component.key else replace(component, key=key)
    return scene.components[key]


def _busiest(scene: Scene, components: Iterable[Component]) -> Component | None:
    return max(components, key=lambda c: sum(c.key in (t.source, t.target) for t in scene.ties), default=None)


def _main(scene: Scene) -> Component | None:
    return _busiest(scene, _of(scene, "service", "api")) or _door(scene)


def _door(scene: Scene) -> Component | None:
    return _busiest(scene, _of(scene, "server", "function", "gateway"))


def _database(scene: Scene) -> Component | None:
    copies = {t.target for t in scene.ties if t.kind == "replication"}
    return _busiest(scene, (c for c in _of(scene, "database") if c.key not in copies))


def _balance(scene: Scene) -> None:
    """Lead people through a load balancer to what they reach first."""
    if _of(scene, "loadbalancer"):
        return
    people = {c.key for c in _of(scene, *FRONT)}
    doors = {c.key for c in _of(scene, *_DOORS)}
    led = [t for t in scene.ties if t.source in people and t.target in doors]
    if not led:
        return
    balancer = _add(scene, Component("load balancer", "Load balancer", "loadbalancer", "NGINX"))
    scene.ties = [t for t in scene.ties if t not in led]
    for tie in led:
        scene.tie(tie.source, balancer.key, "sends requests", "request")
        scene.tie(balancer.key, tie.target, "routes requests", "request")


def _cache(scene: Scene) -> None:
    reader, database = _main(scene), _database(scene)
    if reader is None or database is None or _of(scene, "cache"):
        return
    cache = _add(scene, Component("cache", "Cache", "cache", "Redis", "Answers repeated reads from memory."))
    scene.tie(reader.key, cache.key, "caches reads", "data")


def _content(scene: Scene) -> None:
    if _of(scene, "cdn"):
        return
    for web in _of(scene, "web")[:1]:
        cdn = _add(scene, Component("cdn", "CDN", "cdn", "Cloudflare"))
        scene.tie(web.key, cdn.key, "loads pages", "request")


def _copy_database(scene: Scene, role: str) -> None:
    """A copy of the main database: a read replica answers reads, a standby takes over."""
    database = _database(scene)
    if database is None:
        return
    does = "answers reads" if role == "read replica" else "takes over when it fails"
    copy = _add(scene, replace(
        database, key=f"{database.key} {role}", label=f"{database.label} {role}", role="", stated=True,
        description=f"Copy of {database.label} that {does}.",
    ))  # fmt: skip
    scene.tie(database.key, copy.key, "replicates", "replication")
    reader = next((t.source for t in scene.ties if t.target == database.key and t.kind == "data"), None)
    if role == "read replica" and reader is not None:
        scene.tie(reader, copy.key, "reads", "data")


def _second(scene: Scene) -> None:
    """A second instance of the main service, with the same neighbours."""
    service = _main(scene)
    if service is None:
        return
    copy = _add(scene, replace(
        service, key=f"{service.key} 2", label=f"{service.label} 2", role="", stated=True,
        description=f"Further instance of {service.label}.",
    ))  # fmt: skip
    for tie in list(scene.ties):
        if tie.source == service.key:
            scene.tie(copy.key, tie.target, tie.label, tie.kind)
        elif tie.target == service.key:
            scene.tie(tie.source, copy.key, tie.label, tie.kind)


def _zones(scene: Scene) -> None:
    """Two zones: what goes on when the other fails lies in the second."""
    if scene.areas:
        return
    inner = [c for c in scene.components.values() if c.type not in (*OUTSIDE, *_SHARED, *FRONT)]
    spare = [c.key for c in inner if c.description.startswith(("Further instance of", "Copy of"))]
    if spare:
        members = [c.key for c in inner if c.key not in spare]
        for label, keys in (("Availability zone A", members), ("Availability zone B", spare)):
            scene.areas[label] = Area(label, label, keys)
