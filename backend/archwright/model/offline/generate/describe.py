"""One sentence on what a component does in this system, from its type and its links."""

from collections.abc import Mapping

from archwright.model.offline.edits.words import enumerated, uncapital
from archwright.model.offline.understand.scene import Component, Scene

_FOR: Mapping[str, str] = {
    "client": "The client that people or devices use", "web": "What people use in the browser", "mobile": "What people use on their phones",
    "user": "The people who use the system", "gateway": "The way in: authenticates, limits and routes requests",
    "loadbalancer": "Spreads the load over healthy instances", "cdn": "Serves content from close to its readers", "dns": "Resolves names to the nearest entry",
    "service": "Holds the logic of {name}", "api": "Offers {name} to its callers", "server": "Runs {name}", "worker": "Works in the background on {name}",
    "function": "Runs on demand for {name}", "queue": "Keeps jobs until a worker takes them", "stream": "Carries events in order to all who subscribe",
    "cache": "Answers repeated reads from memory", "database": "Keeps the records of {name}", "storage": "Keeps files and large objects",
    "search": "Answers full-text and filtered searches", "vectordb": "Finds what is similar by its embedding", "warehouse": "Answers analytical questions over history",
    "auth": "Signs people in and issues tokens", "ml": "Predicts for {name}", "llm": "Writes the answers in natural language", "scheduler": "Starts work at its time",
    "monitoring": "Watches health, latency and errors", "external": "Run by others: {name}", "network": "Guards and routes the traffic of the network", "group": "Groups its members",
}  # fmt: skip


def description_of(component: Component, scene: Scene) -> str:
    """Return a sentence such as "Holds the logic of orders; used by API gateway."."""
    name = _name(component)
    text = _FOR[component.type].format(name=name)
    users = [scene.components[t.source].label for t in scene.ties if t.target == component.key][:3]
    targets = [scene.components[t.target].label for t in scene.ties if t.source == component.key][:3]
    if component.type in ("queue", "stream", "service", "api", "worker", "function", "gateway") and targets:
        return f"{text}; works with {enumerated(targets)}."
    return f"{text}; used by {enumerated(users)}." if users else f"{text}."


def _name(component: Component) -> str:
    words = [
        w
        for w in component.label.split()
        if w.casefold() not in ("service", "database", "db", "store", "worker", "function", "server")
    ]
    text = " ".join(words) or component.label
    return uncapital(text)
