"""What everyday names of components mean: "message queue", "auth", "admin panel"."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from archwright.diagram.catalogue import Entry, managed, technology
from archwright.diagram.model import NodeType
from archwright.model.offline.edits.words import stems


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of component: its node type, what it is called when nobody names it, its usual technology."""

    type: NodeType
    label: str
    technology: str
    heads: tuple[str, ...]


@cache
def kinds() -> tuple[Kind, ...]:
    """Return every kind, in the order of the file. Reads the file once."""
    tables = tomllib.loads(files(__package__).joinpath("kinds.toml").read_text(encoding="utf-8"))
    return tuple(Kind(t["type"], label, t.get("technology", ""), tuple(t["heads"])) for label, t in tables.items())


GENERIC = frozenset({
    "cluster", "server", "instance", "integration", "service", "layer", "setup", "stack", "system", "solution",
    "provider", "platform", "account", "api", "deployment", "installation", "engine",
})  # fmt: skip
"""Heads that say less than the technology before them: a "Kafka cluster" is a stream."""

NEEDS = frozenset({
    "auth", "login", "sso", "sign on", "oauth", "oauth2", "oidc", "identity", "iam", "sign in", "email", "sms",
    "payment", "push", "notification", "search", "full text search", "analytics", "backup", "metric", "log", "trace",
    "alert", "secret", "map", "ci/cd", "cicd", "ci", "cdc", "mq", "dlq", "dead letter", "websocket",
    "websocket support", "persistence", "telemetry", "observability", "file upload", "smtp", "recommendation", "ml", "machine learning",
    "text message", "push notification", "health check", "rate limit", "ai", "service discovery", "user auth",
    "single sign on", "ddos protection", "change data capture", "vector search", "audit log", "transactional email",
    "email delivery", "feature flag", "feature toggle", "secret management", "key management", "identity management",
    "workflow orchestration",
})  # fmt: skip
"""What people ask for by its purpose; such a component takes its kind's name."""


def is_need(phrase: str) -> bool:
    """Whether a phrase names a purpose ("caching", "emails") and not the thing that serves it."""
    words = stems(phrase)
    return " ".join(words) in _need_stems() or bool(words and words[-1].endswith("ing"))


@cache
def _need_stems() -> frozenset[str]:
    return frozenset(" ".join(stems(need)) for need in NEEDS)


_BY_CLOUD: Mapping[str, Mapping[str, str]] = {
    "cloudflare": {"aws": "aws-cloudfront", "gcp": "google-cloud-cdn", "azure": "azure-front-door"},
    "cloudflare-dns": {"aws": "aws-route53", "gcp": "google-cloud-dns", "azure": "azure-dns"},
    "cloudflare-waf": {"aws": "aws-waf", "gcp": "cloud-armor", "azure": "azure-waf"},
    "kafka": {"aws": "aws-msk", "gcp": "pubsub", "azure": "azure-event-hubs"},
    "rabbitmq": {"aws": "aws-sqs", "gcp": "pubsub", "azure": "azure-service-bus"},
    "clickhouse": {"aws": "aws-redshift", "gcp": "bigquery", "azure": "azure-synapse"},
    "pgvector": {"aws": "aws-opensearch", "gcp": "vertex-vector-search", "azure": "azure-ai-search"},
    "prometheus": {"aws": "aws-cloudwatch", "gcp": "google-cloud-monitoring", "azure": "azure-monitor"},
    "aws-lambda": {"gcp": "google-cloud-functions", "azure": "azure-functions"},
    "aws-s3": {"gcp": "google-cloud-storage", "azure": "azure-blob-storage", "cloudflare": "cloudflare-r2"},
    "aws-dynamodb": {"gcp": "bigtable", "azure": "azure-cosmos-db"},
    "spark": {"aws": "aws-glue", "gcp": "dataflow", "azure": "azure-data-factory"},
}
_AS_IT_IS = frozenset({"react", "stripe", "sendgrid", "twilio", "fcm", "github-actions", "pgbouncer", "sentry"})


@cache
def heads() -> Mapping[tuple[str, ...], Kind]:
    """Every name of a kind, as stems."""
    names: dict[tuple[str, ...], Kind] = {}
    for kind in kinds():
        for head in kind.heads:
            names.setdefault(stems(head), kind)
    return names


def usual(kind: Kind, cloud: str | None) -> Entry | None:
    """Return the usual technology of a kind, on the cloud that the diagram is on."""
    if not kind.technology:
        return None
    entry = technology(kind.technology)
    if cloud is None or entry.id in _AS_IT_IS:
        return entry
    counterpart = _BY_CLOUD.get(entry.id, {}).get(cloud)
    return technology(counterpart) if counterpart else managed(entry, cloud) or entry


TYPE_NOUNS: Mapping[str, frozenset[NodeType]] = {
    "database": frozenset({"database"}),
    "store": frozenset({"database", "storage", "cache"}),
    "service": frozenset({"service", "api"}),
    "backend": frozenset({"service", "api", "server"}),
    "api": frozenset({"api"}),
    "server": frozenset({"server"}),
    "worker": frozenset({"worker"}),
    "consumer": frozenset({"worker"}),
    "function": frozenset({"function"}),
    "lambda": frozenset({"function"}),
    "queue": frozenset({"queue"}),
    "broker": frozenset({"queue", "stream"}),
    "bus": frozenset({"stream", "queue"}),
    "stream": frozenset({"stream"}),
    "cache": frozenset({"cache"}),
    "gateway": frozenset({"gateway"}),
    "loadbalancer": frozenset({"loadbalancer"}),
    "proxy": frozenset({"loadbalancer"}),
    "cdn": frozenset({"cdn"}),
    "dns": frozenset({"dns"}),
    "storage": frozenset({"storage"}),
    "bucket": frozenset({"storage"}),
    "search": frozenset({"search"}),
    "vector": frozenset({"vectordb"}),
    "warehouse": frozenset({"warehouse"}),
    "auth": frozenset({"auth"}),
    "client": frozenset({"client", "web", "mobile"}),
    "frontend": frozenset({"web", "mobile"}),
    "web": frozenset({"web"}),
    "website": frozenset({"web"}),
    "ui": frozenset({"web"}),
    "mobile": frozenset({"mobile"}),
    "application": frozenset({"web", "mobile", "client"}),
    "user": frozenset({"user"}),
    "customer": frozenset({"user"}),
    "llm": frozenset({"llm"}),
    "model": frozenset({"llm", "ml"}),
    "ml": frozenset({"ml"}),
    "scheduler": frozenset({"scheduler"}),
    "monitoring": frozenset({"monitoring"}),
    "external": frozenset({"external"}),
    "provider": frozenset({"external"}),
    "party": frozenset({"external"}),
    "third": frozenset({"external"}),
    "network": frozenset({"network"}),
    "firewall": frozenset({"network"}),
    "waf": frozenset({"network"}),
    "group": frozenset({"group"}),
    "vpc": frozenset({"group"}),
    "cluster": frozenset({"group"}),
    "subnet": frozenset({"group"}),
    "region": frozenset({"group"}),
    "namespace": frozenset({"group"}),
}
"""Which node types a noun means when it stands for nodes that exist."""
