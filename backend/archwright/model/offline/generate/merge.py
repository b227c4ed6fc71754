"""What a text names and what such a system needs, brought together."""

from collections.abc import Iterable
from dataclasses import replace

from archwright.diagram.model import EdgeKind
from archwright.model.offline.edits.words import singular, stems
from archwright.model.offline.patterns import Pattern, Role, best, patterns
from archwright.model.offline.understand.areas import OUTSIDE
from archwright.model.offline.understand.scene import Component, Scene

MUCH, SOME = 7, 4
"""From how many named components on a kind of system adds only what is missing, or only its core."""
_ALWAYS = ("client", "web", "mobile", "user", "external", "scheduler", "cdn", "dns")
_USUAL = {
    "database": "PostgreSQL", "cache": "Redis", "queue": "RabbitMQ", "stream": "Apache Kafka", "search": "Elasticsearch",
    "vectordb": "pgvector", "warehouse": "ClickHouse", "storage": "Amazon S3", "web": "React", "loadbalancer": "NGINX",
    "cdn": "Cloudflare", "monitoring": "Prometheus", "auth": "Keycloak", "gateway": "Envoy",
}  # fmt: skip
"""What is taken when nobody names a technology."""
_ONE_IS_ENOUGH = frozenset(
    {
        "gateway",
        "loadbalancer",
        "cdn",
        "dns",
        "monitoring",
        "auth",
        "stream",
        "queue",
        "cache",
        "network",
        "scheduler",
        "search",
        "storage",
        "warehouse",
        "vectordb",
    }
)


def kind_of(text: str, scene: Scene) -> Pattern:
    """Return the kind of system that a text describes; the plain three tiers when it does not say."""
    ranked = best(f"{scene.title} {scene.title} {text}")
    title = best(scene.title)
    if title and ranked and ranked[0][1] < title[0][1] + 4:
        return title[0][0]
    return ranked[0][0] if ranked else next(p for p in patterns() if p.id == "web")


def fill(scene: Scene, pattern: Pattern, narrow: bool = False, small: bool = False) -> None:
    """Give the named components their roles, and add the roles that the system cannot do without.

    `narrow` adds none, where the text names anything at all; `small` adds only the core.
    """
    _multiply(scene)
    for component in list(scene.components.values()):
        role = _role(scene, component, pattern)
        if role is not None:
            component.role = role.id
            component.description = component.description or role.description
            if (
                not component.technology
                and component.type == role.type
                and component.type not in ("service", "api", "worker")
            ):
                component.technology = role.technology
    alone = narrow and bool(scene.components)
    for role in [] if alone else [r for r in _missing(scene, pattern, _named(scene)) if r.core or not small]:
        key = f"role {role.id}"
        scene.components[key] = Component(
            key, role.label, role.type, role.technology, role.description, stated=False, role=role.id
        )
    if not alone:
        _entry(scene, pattern)
    for component in scene.components.values():
        component.technology = component.technology or _USUAL.get(component.type, "")
    _pattern_ties(scene, pattern)
    _place_new(scene)


def _named(scene: Scene) -> int:
    """How much of the system the text names: stores and doors alone say little, a connected chain says all."""
    named = [c for c in scene.components.values() if not c.weak]
    if len(named) >= SOME and len(scene.ties) >= len(named) - 1:
        return max(MUCH, len(named))
    actors = [c for c in named if c.type in ("service", "api", "server", "function", "worker", "ml", "llm")]
    return len(named) if len(actors) > 1 or len(named) >= MUCH else min(len(named), SOME - 1)


def _multiply(scene: Scene) -> None:
    """Draw counted components one by one, and one a service of what every service has."""
    for component in list(scene.components.values()):
        if component.each.endswith("service"):
            _one_each(scene, component)
        elif "replica" in component.stems[-1:]:
            _replicas(scene, component)
        elif 1 < component.count <= 6 and component.type not in ("user",):
            _counted(scene, component)


def _one_each(scene: Scene, component: Component) -> None:
    owners = [c for c in scene.components.values() if c.type == "service" and c is not component]
    if not owners:
        component.each = ""
        return
    noun = {"database": "database", "cache": "cache", "queue": "queue"}.get(
        component.type, component.label.split()[-1].casefold()
    )
    for owner in owners:
        base = " ".join(w for w in owner.label.split() if w.casefold() not in ("service", "api", "microservice"))
        label = f"{base or owner.label} {noun}"
        key = " ".join(stems(label))
        scene.components.setdefault(key, replace(component, key=key, label=label, each="", count=1, bare=False))
        kind: EdgeKind = "async" if component.type == "queue" else "data"
        scene.tie(owner.key, key, "reads and writes" if kind == "data" else "enqueues jobs", kind)
        for area in scene.areas.values():
            if owner.key in area.members or component.key in area.members:
                area.members.append(key)
    scene.drop(component.key)


def _replicas(scene: Scene, component: Component) -> None:
    sources = [c for c in scene.components.values() if c.type == "database" and "replica" not in c.stems]
    number = min(component.count if component.count > 1 else 2 if component.plural else 1, 5)
    if not sources:
        source = Component("primary database", "Primary database", "database", component.technology or "PostgreSQL")
        scene.components[source.key] = source
        sources = [source]
    source = sources[0]
    copies = _copies(scene, component, number)
    for copy in copies:
        scene.components[copy].technology = source.technology
        scene.components[copy].type = "database"
        scene.ties = [t for t in scene.ties if (t.source, t.target) not in ((source.key, copy), (copy, source.key))]
        scene.tie(source.key, copy, "replicates", "replication")


def _counted(scene: Scene, component: Component) -> None:
    _copies(scene, component, component.count)


def _copies(scene: Scene, component: Component, number: int) -> list[str]:
    if number < 2:
        component.count = 1
        component.label = singular(component.label)
        return [component.key]
    keys = list[str]()
    for index in range(1, number + 1):
        key = f"{component.key} {index}"
        scene.components[key] = replace(
            component, key=key, label=f"{component.label} {index}", count=1, bare=False, plural=False
        )
        keys.append(key)
    for tie in [t for t in scene.ties if component.key in (t.source, t.target)]:
        for key in keys:
            ends = (
                key if tie.source == component.key else tie.source,
                key if tie.target == component.key else tie.target,
            )
            scene.tie(*ends, tie.label, tie.kind)
    for area in scene.areas.values():
        if component.key in area.members:
            area.members += keys
    scene.drop(component.key)
    return keys


def _role(scene: Scene, component: Component, pattern: Pattern) -> Role | None:
    """The role that a named component plays: by its name, else a bare kind the first free role of its type."""
    free = [r for r in pattern.roles if not any(c.role == r.id for c in scene.components.values())]
    words = set(component.stems)
    if component.entry is not None:
        words = words - set(stems(component.entry.name)) or words
    for role in free:
        names = [stems(role.label), *map(stems, role.aliases)]
        if any(set(name) == words or (len(name) > 1 and set(name) <= words) for name in names):
            return role
    if component.type in _ALWAYS or component.bare or component.entry is not None or component.type in _ONE_IS_ENOUGH:
        same = [r for r in free if r.type == component.type]
        fitting = [r for r in same if words & set(stems(r.label))] or (
            same if len(words) <= 2 or component.entry else []
        )
        return next((r for r in fitting if r.core), fitting[0] if fitting else None)
    return None


def _missing(scene: Scene, pattern: Pattern, named: int) -> Iterable[Role]:
    taken = {c.role for c in scene.components.values()}
    types = {c.type for c in scene.components.values() if c.stated}
    words = {word for c in scene.components.values() for word in c.stems}
    for role in pattern.roles:
        if role.id in taken or _unwanted(scene, role):
            continue
        if named >= MUCH:
            continue
        if named and role.type in types and role.type in (_ONE_IS_ENOUGH | {"client", "web", "mobile", "user"}):
            continue
        if named and role.type in ("web", "mobile", "client", "user") and types & {"web", "mobile", "client", "user"}:
            continue
        if named >= SOME and not role.core:
            continue
        if (
            named >= 2
            and role.type in ("service", "api", "server")
            and set(stems(role.label)) - {"service", "api"} <= words
        ):
            continue
        if named >= 3 and role.type == "database" and "database" in types:
            continue
        if (
            named >= 2
            and role.type in ("service", "api")
            and types & {"service", "api", "function", "server"}
            and not role.core
        ):
            continue
        yield role


def _unwanted(scene: Scene, role: Role) -> bool:
    refused = [set(stems(name)) for name in scene.without if not name.startswith("type:")]
    named = {*stems(role.label), *stems(role.technology)}
    return f"type:{role.type}" in scene.without or any(words and words <= named for words in refused)


def _entry(scene: Scene, pattern: Pattern) -> None:
    """Every drawing shows who uses the system."""
    inward = ("client", "web", "mobile", "user")
    if any(c.type in inward for c in scene.components.values()):
        return
    reached = {t.target for t in scene.ties}
    if any(c.type in ("external", "scheduler", "cdn", "dns") and c.key not in reached
           and any(t.source == c.key for t in scene.ties) for c in scene.components.values()):  # fmt: skip
        return
    role = next((r for r in pattern.roles if r.type in inward and r.core), None) or next(
        (r for r in pattern.roles if r.type in inward), None
    )
    component = Component("role users", "Users", "user", "", "The people who use the system.", stated=False)
    if role is not None:
        component = Component(
            f"role {role.id}", role.label, role.type, role.technology, role.description, stated=False, role=role.id
        )
    scene.components[component.key] = component


def _pattern_ties(scene: Scene, pattern: Pattern) -> None:
    by_role = {c.role: c.key for c in scene.components.values() if c.role}
    for link in pattern.links:
        source, target = by_role.get(link.source), by_role.get(link.target)
        if source is None or target is None or _linked(scene, source, target):
            continue
        if scene.components[source].stated and scene.components[target].stated and _told(scene, source, target):
            continue
        scene.tie(source, target, link.label, link.kind)


def _linked(scene: Scene, one: str, other: str) -> bool:
    return any({t.source, t.target} == {one, other} for t in scene.ties)


def _told(scene: Scene, source: str, target: str) -> bool:
    """Whether the text already says how both ends hang together with others."""
    if scene.components[source].type in ("client", "web", "mobile"):
        return False
    return any(t.source == source for t in scene.ties) and any(t.target == target for t in scene.ties)


def _place_new(scene: Scene) -> None:
    """What is added lies where everything lies."""
    whole = [a for a in scene.areas.values() if a.everything]
    for component in scene.components.values():
        if not component.stated and component.type not in OUTSIDE and whole:
            whole[0].members.append(component.key)
