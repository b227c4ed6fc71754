"""In which order components are drawn: from who uses the system to where its data lies."""

from archwright.model.offline.understand.scene import Component, Scene

_ORDER = ("user", "client", "web", "mobile", "dns", "cdn", "network", "loadbalancer", "gateway", "auth", "api", "service", "server",
          "function", "scheduler", "queue", "stream", "worker", "llm", "ml", "cache", "database", "search", "vectordb", "storage",
          "warehouse", "external", "monitoring", "group")  # fmt: skip


def by_layer(scene: Scene) -> list[Component]:
    """Return the components, entry points first."""
    return sorted(scene.components.values(), key=lambda c: _ORDER.index(c.type))
