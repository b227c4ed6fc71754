"""Links that nobody stated but that such components have: nothing is left unconnected, every link has a label."""

from archwright.model.offline.generate.kinship import kinship, nearest
from archwright.model.offline.generate.labels import ACTORS, DOORS, FRONT, label_of
from archwright.model.offline.understand.scene import Component, Scene, Tie


def wire(scene: Scene) -> None:
    """Label what was stated, connect what nothing connects, and lead an entry to every service."""
    _label(scene)
    _doors(scene)
    for step in (_services, _stores, _flows, _outside, _watchers):
        step(scene)
    _rest(scene)
    _one_piece(scene)


def _label(scene: Scene) -> None:
    ties = list[Tie]()
    for tie in scene.ties:
        source, target = scene.components[tie.source], scene.components[tie.target]
        label, kind = label_of(source, target)
        if tie.label:
            label = " ".join(w for w in tie.label.split() if w not in ("it", "them", "they", "this", "that", "which"))
            kind = tie.kind if tie.kind != "request" or target.type not in _STORES else kind
            kind = (
                "async"
                if kind == "request" and (target.type in ("queue", "stream") or source.type in ("queue", "stream"))
                else kind
            )
        ties.append(Tie(tie.source, tie.target, label or "calls", kind))
    scene.ties = ties


_STORES = ("database", "cache", "storage", "search", "vectordb", "warehouse")


class _Look:
    """Questions about the scene as it is now."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def of(self, *types: str) -> list[Component]:
        return [c for c in self.scene.components.values() if c.type in types]

    def reached(self, component: Component) -> bool:
        return any(t.target == component.key for t in self.scene.ties)

    def leads(self, component: Component) -> bool:
        return any(t.source == component.key for t in self.scene.ties)

    def tied(self, component: Component) -> bool:
        return self.reached(component) or self.leads(component)

    def tie(self, source: Component, target: Component) -> None:
        back = any((t.source, t.target) == (target.key, source.key) for t in self.scene.ties)
        if not back:
            label, kind = label_of(source, target)
            self.scene.tie(source.key, target.key, label, kind)


def main_service(look: _Look) -> Component | None:
    """The component that the others hang on: the best connected service."""
    for types in (("service", "api"), ("server", "function"), ("worker", "llm", "ml"), ("gateway", "loadbalancer")):
        actors = look.of(*types)
        if actors:
            return max(actors, key=lambda c: sum(c.key in (t.source, t.target) for t in look.scene.ties))
    return None


def _doors(scene: Scene) -> None:
    """Clients reach the outermost door, each door the next one."""
    look = _Look(scene)
    chain = [c for kind in DOORS for c in look.of(kind)]
    first = next((c for c in chain if c.type in ("loadbalancer", "gateway")), None)
    services = look.of("service", "api", "server", "function")
    fallback = [c for c in services if not look.reached(c)] or services or look.of("llm", "ml", "stream", "queue")
    for client in look.of(*FRONT):
        if look.leads(client) or _fed(look, client):
            continue
        sockets = [c for c in look.of("gateway") if {"websocket", "socket", "mqtt", "iot", "edge"} & set(c.stems)]
        if first is not None:
            look.tie(client, first)
            for socket in sockets:
                if socket is not first:
                    look.tie(client, socket)
        elif fallback:
            look.tie(client, nearest(client, fallback, scene) or fallback[0])
    clients = look.of(*FRONT)
    for door in chain:
        if not look.reached(door):
            before = chain[: chain.index(door)]
            source = next(
                (c for c in reversed(before) if c.type in ("loadbalancer", "gateway") and c.type != door.type), None
            )
            for one in [source] if source is not None and door.type in ("gateway", "loadbalancer") else clients[:3]:
                look.tie(one, door)
    for door in look.of("cdn", "dns"):
        if not look.leads(door):
            pages = [
                c
                for c in look.of("storage")
                if {"static", "asset", "media", "video", "image", "photo", "page", "object"} & set(c.stems)
            ]
            target = (
                pages or [c for c in chain if c.type in ("loadbalancer", "gateway")] or look.of("storage") or services
            )[:1]
            for one in target:
                look.tie(door, one)


def _fed(look: _Look, client: Component) -> bool:
    """Whether a client is where something ends, such as a dashboard over a warehouse."""
    sources = [look.scene.components[t.source].type for t in look.scene.ties if t.target == client.key]
    return any(source not in (*FRONT, *DOORS) for source in sources)


def _services(scene: Scene) -> None:
    """A service is called by a door, else by the service that has most to do with it."""
    look = _Look(scene)
    doors = [c for c in look.of("gateway", "loadbalancer") if not {"websocket", "socket"} & set(c.stems)] or look.of(
        "gateway", "loadbalancer"
    )
    clients = look.of(*FRONT)
    for service in look.of("service", "api", "server", "function"):
        if look.reached(service):
            continue
        others = [c for c in look.of("service", "api") if look.reached(c)]
        if service.type == "function" and look.of("queue", "stream") and not doors:
            continue
        if doors:
            look.tie(nearest(service, doors, scene) or doors[-1], service)
        elif others and look.leads(service) is False:
            look.tie(nearest(service, others, scene) or others[0], service)
        elif clients:
            look.tie(clients[0], service)
    for door in look.of("gateway", "loadbalancer"):
        targets = look.of("service", "api", "server", "function")
        if not look.leads(door) and targets:
            look.tie(door, nearest(door, targets, scene) or targets[0])


def _stores(scene: Scene) -> None:
    """A store is used by what shares its name, else by the main service."""
    look = _Look(scene)
    actors = look.of(*ACTORS[:5])
    for store in look.of(*_STORES):
        if look.reached(store):
            continue
        users = [a for a in actors if kinship(a, store)] or ([m] if (m := main_service(look)) else actors)
        if store.type == "cache" and not any(kinship(a, store) for a in actors):
            gateway = [
                a for a in actors if a.type == "gateway" and {"rate", "limit", "session", "presence"} & set(store.stems)
            ]
            users = gateway or users
        user = nearest(store, users, scene)
        if user is not None:
            look.tie(user, store)
        elif look.of("stream", "queue"):
            look.tie(look.of("stream", "queue")[0], store)
    stores = [s for s in look.of("database") if "replica" not in s.stems]
    for service in look.of("service", "api"):
        if not look.leads(service) and len(stores) == 1 and len(look.of("service", "api")) <= 6:
            look.tie(service, stores[0])


def _flows(scene: Scene) -> None:
    """Somebody writes to a queue, and somebody takes from it."""
    look = _Look(scene)
    pipes = look.of("queue", "stream")
    producers = [c for c in look.of("service", "api", "function", "gateway", "server") if c.type != "gateway"]
    workers = look.of("worker", "function")
    for pipe in pipes:
        if not look.reached(pipe):
            source = nearest(pipe, producers, scene) if any(kinship(pipe, p) for p in producers) else main_service(look)
            source = source or next(iter(look.of("gateway", "client", "external", "web", "mobile")), None)
            if source is not None and source.type != "worker":
                look.tie(source, pipe)
            elif clients := look.of("client", "external"):
                look.tie(clients[0], pipe)
    for worker in workers:
        if look.reached(worker):
            continue
        source = nearest(worker, pipes, scene) or nearest(worker, look.of("scheduler"), scene) or main_service(look)
        if source is not None and source.key != worker.key:
            look.tie(source, worker)
    for pipe in pipes:
        if not look.leads(pipe):
            takers = [
                c
                for c in (*workers, *look.of("service", "warehouse", "search"))
                if not any(t.source == c.key and t.target == pipe.key for t in scene.ties)
            ]
            taker = nearest(pipe, takers, scene)
            if taker is not None:
                look.tie(pipe, taker)


def _outside(scene: Scene) -> None:
    """What is not ours, models and sign-in are called by what has to do with them."""
    look = _Look(scene)
    for other in look.of("external", "llm", "ml", "auth", "network"):
        if look.tied(other):
            continue
        callers = (
            look.of("worker", "service", "api", "function", "server")
            if other.type != "auth"
            else look.of("gateway", "service", "api")
        )
        kin = [c for c in callers if kinship(other, c)]
        gate = next(iter(look.of("gateway")), None) if other.type == "auth" else None
        chosen = nearest(other, kin, scene) if kin else gate or main_service(look)
        if chosen is not None and chosen.key != other.key:
            look.tie(chosen, other)


def _watchers(scene: Scene) -> None:
    look = _Look(scene)
    for scheduler in look.of("scheduler"):
        targets = look.of("worker", "function", "service")
        if not look.leads(scheduler) and targets:
            look.tie(scheduler, nearest(scheduler, targets, scene) or targets[0])
    watched = look.of("service", "api", "server", "gateway", "worker", "function")[:3]
    before: Component | None = None
    for monitor in look.of("monitoring"):
        if look.tied(monitor):
            before = monitor
            continue
        for source in [before] if before is not None else watched:
            scene.tie(
                source.key, monitor.key, "feeds dashboards" if before is not None else "sends metrics and logs", "async"
            )
        before = monitor


def _rest(scene: Scene) -> None:
    """Whatever is still alone hangs on the main service."""
    look = _Look(scene)
    for component in list(scene.components.values()):
        main = main_service(look)
        others = [c for c in scene.components.values() if c.key != component.key]
        if look.tied(component) or not others:
            continue
        partner = main if main is not None and main.key != component.key else nearest(component, others, scene)
        if partner is not None:
            ends = (component, partner) if component.type in FRONT else (partner, component)
            look.tie(*ends)


def _one_piece(scene: Scene) -> None:
    """Tie separate parts of the drawing together."""
    look = _Look(scene)
    while True:
        parts = _parts(scene)
        if len(parts) < 2:
            return
        largest = max(parts, key=len)
        other = next(p for p in parts if p is not largest)
        inner = [scene.components[k] for k in largest]
        heads = [c for c in inner if c.type in ACTORS] or inner
        loose = [scene.components[k] for k in other]
        entry = next((c for c in loose if c.type in ACTORS and not _reached_by_service(look, c)), loose[0])
        source = main_service(_Look(Scene(components={c.key: c for c in heads}, ties=scene.ties))) or heads[0]
        before = len(scene.ties)
        look.tie(*((entry, source) if entry.type in FRONT else (source, entry)))
        if len(scene.ties) == before:
            return


def _reached_by_service(look: _Look, component: Component) -> bool:
    sources = {t.source for t in look.scene.ties if t.target == component.key}
    return any(look.scene.components[s].type in ACTORS for s in sources)


def _parts(scene: Scene) -> list[list[str]]:
    left, parts = dict.fromkeys(scene.components), list[list[str]]()
    while left:
        frontier, part = [next(iter(left))], list[str]()
        while frontier:
            key = frontier.pop()
            if key in left:
                del left[key]
                part.append(key)
                frontier += [
                    t.target if t.source == key else t.source for t in scene.ties if key in (t.source, t.target)
                ]
        parts.append(part)
    return parts
