"""What an edge says when nobody says it: the usual label and kind between two kinds of node."""

from collections.abc import Mapping

from archwright.diagram.model import EdgeKind, Node
from archwright.model.offline.edits.draft import technology_of

ENTRIES = frozenset({"client", "web", "mobile", "user"})
STORES = frozenset({"database", "cache", "storage", "search", "vectordb", "warehouse"})
CARRIERS = frozenset({"queue", "stream"})
RUNNERS = frozenset({"service", "api", "server", "worker", "function", "ml"})
FRONTS = frozenset({"gateway", "loadbalancer", "cdn", "network", "dns"})

_INTO: Mapping[str, tuple[str, EdgeKind]] = {
    "database": ("reads and writes", "data"),
    "cache": ("caches data in", "data"),
    "storage": ("stores files in", "data"),
    "search": ("searches", "request"),
    "vectordb": ("searches embeddings", "request"),
    "warehouse": ("loads data into", "data"),
    "queue": ("publishes messages", "async"),
    "stream": ("publishes events", "async"),
    "auth": ("verifies identity", "request"),
    "monitoring": ("sends metrics", "async"),
    "scheduler": ("schedules work", "request"),
    "gateway": ("sends requests", "request"),
    "loadbalancer": ("sends requests", "request"),
    "cdn": ("loads content", "request"),
    "dns": ("resolves names", "request"),
    "llm": ("prompts", "request"),
    "ml": ("requests predictions", "request"),
    "web": ("uses", "request"),
    "mobile": ("uses", "request"),
    "client": ("uses", "request"),
    "network": ("sends traffic", "request"),
    "worker": ("hands over work", "async"),
    "function": ("invokes", "request"),
}
_OUT_OF: Mapping[str, tuple[str, EdgeKind]] = {
    "queue": ("delivers messages", "async"),
    "stream": ("delivers events", "async"),
    "loadbalancer": ("distributes requests", "request"),
    "gateway": ("routes requests", "request"),
    "cdn": ("fetches from origin", "request"),
    "dns": ("resolves to", "request"),
    "network": ("passes filtered traffic", "request"),
    "scheduler": ("triggers", "async"),
    "monitoring": ("watches", "depends"),
}
_PURPOSES: Mapping[str, str] = {
    "payments": "takes payments", "email, SMS and push": "sends messages", "maps": "looks up places",
    "feature flags": "reads flags", "product analytics": "tracks events", "business service": "syncs records",
}  # fmt: skip
_MONITORED: Mapping[str, str] = {
    "log": "sends logs",
    "trac": "sends traces",
    "error": "reports errors",
    "alert": "raises alerts",
}


def usual_link(source: Node, target: Node) -> tuple[str, EdgeKind]:
    """Return the label and kind of an edge for which nobody gave any."""
    if source.type in CARRIERS or (source.type in _OUT_OF and target.type not in STORES | {"monitoring"} | CARRIERS):
        return _OUT_OF[source.type]
    if source.type in STORES:
        return _from_store(source, target)
    if target.type == "monitoring":
        words = f"{target.label} {target.technology} {getattr(technology_of(target), 'category', '')}".casefold()
        return next((label for cue, label in _MONITORED.items() if cue in words), "sends metrics"), "async"
    if target.type == "external":
        entry = technology_of(target)
        return _PURPOSES.get(entry.category, "calls") if entry else "calls", "request"
    if target.type == "cache" and source.type in FRONTS | ENTRIES:
        return "looks up", "data"
    return _INTO.get(target.type, ("uses" if source.type == "user" else "calls", "request"))


def _from_store(source: Node, target: Node) -> tuple[str, EdgeKind]:
    if source.type == "cache" and target.type in STORES:
        return "loads on a miss, writes through", "data"
    if source.type == "cache":
        return "fetches on a miss", "request"
    if source.type == target.type:
        return "replicates to", "replication"
    if target.type in CARRIERS:
        return "streams changes", "async"
    if target.type == "storage":
        return "backs up to", "data"
    if target.type == "search":
        return "is indexed in", "data"
    return ("feeds", "data") if target.type in STORES else ("provides data", "data")
