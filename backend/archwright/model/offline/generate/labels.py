"""What flows between two components when nobody said."""

from collections.abc import Mapping

from archwright.diagram.model import EdgeKind
from archwright.model.offline.understand.scene import Component

PLAIN = frozenset({"service", "database", "store", "cache", "queue", "server", "api", "worker", "application", "client", "provider",
                   "gateway", "system", "stream", "bucket", "storage", "db", "backend", "function", "consumer", "handler"})  # fmt: skip
FRONT = ("client", "web", "mobile", "user")
DOORS = ("cdn", "dns", "loadbalancer", "gateway")
ACTORS = ("service", "api", "server", "function", "worker", "gateway", "ml", "llm")
_CLIENT_LABEL: Mapping[str, str] = {"dns": "resolves names", "cdn": "loads pages", "auth": "signs in", "gateway": "sends requests",
                                    "queue": "sends messages", "stream": "sends events", "web": "uses", "mobile": "uses"}  # fmt: skip
_TARGET: Mapping[str, tuple[str, EdgeKind]] = {
    "database": ("reads and writes", "data"), "cache": ("caches", "data"), "queue": ("enqueues jobs", "async"),
    "stream": ("publishes events", "async"), "storage": ("stores files", "data"), "search": ("searches", "data"),
    "vectordb": ("searches vectors", "data"), "warehouse": ("loads data", "data"), "auth": ("verifies tokens", "request"),
    "monitoring": ("sends metrics", "async"), "external": ("calls", "request"), "llm": ("sends prompts", "request"),
    "ml": ("asks for predictions", "request"), "cdn": ("serves through", "request"), "worker": ("hands work over", "async"),
    "function": ("invokes", "request"), "scheduler": ("schedules", "async"), "network": ("routes through", "request"),
    "service": ("calls", "request"), "api": ("calls", "request"), "server": ("sends requests", "request"),
    "gateway": ("sends requests", "request"), "loadbalancer": ("sends requests", "request"), "dns": ("resolves names", "request"),
    "web": ("updates", "request"), "mobile": ("notifies", "request"), "client": ("responds", "request"), "user": ("informs", "async"),
}  # fmt: skip


def label_of(source: Component, target: Component, kind: EdgeKind | None = None) -> tuple[str, EdgeKind]:
    """Return what flows from one component to another when nobody said, and how."""
    if source.type in FRONT and {"websocket", "socket"} & set(target.stems):
        return "opens a socket", "request"
    if source.type in FRONT:
        return _CLIENT_LABEL.get(target.type, "sends requests"), "request"
    if source.type in ("queue", "stream"):
        sink = target.type in ("database", "warehouse", "storage", "search")
        return ("loads events" if sink else "delivers events"), "async"
    if source.type in ("loadbalancer", "gateway", "dns", "cdn") and target.type in (*ACTORS, *DOORS, "web"):
        return "routes requests", "request"
    if source.type == "cdn" and target.type == "storage":
        return "fetches files", "data"
    if source.type == "scheduler":
        return "triggers", "async"
    if source.type == "external":
        return "sends events" if target.type in ("queue", "stream") else "calls", "request"
    if source.type == "database" and target.type == "database":
        return "replicates", "replication"
    if source.type in ("database", "storage", "warehouse", "search"):
        return ("feeds", "data")
    if target.type == "external" and source.type == "worker":
        return "delivers through", "request"
    return _TARGET.get(target.type, ("calls", "request"))
