"""Diagrams as people draw them, without geometry: small, middling and large."""

from collections.abc import Iterable
from typing import cast

from archwright.diagram.model import Diagram, Edge, EdgeKind, Node, NodeType

Nodes = Iterable[tuple[str, str, str, str, str]]
"""Each node's id, type, label, technology and parent."""
Edges = Iterable[tuple[str, str, str, str]]
"""Each edge's source, target, label and kind."""


def diagram_of(title: str, nodes: Nodes, edges: Edges) -> Diagram:
    built = [
        Node(id=i, type=cast(NodeType, kind), label=label, technology=technology, parent=parent or None)
        for i, kind, label, technology, parent in nodes
    ]
    tied = [
        Edge(id=f"{source}--{target}", source=source, target=target, label=label, kind=cast(EdgeKind, kind))
        for source, target, label, kind in edges
    ]
    return Diagram(title, {node.id: node for node in built}, {edge.id: edge for edge in tied})


def url_shortener() -> Diagram:
    """Six nodes, no groups."""
    return diagram_of(
        "URL shortener",
        [
            ("web", "web", "Web client", "", ""),
            ("gateway", "gateway", "API gateway", "Kong", ""),
            ("links", "service", "Link service", "Go", ""),
            ("cache", "cache", "Redirect cache", "Redis", ""),
            ("db", "database", "Links DB", "PostgreSQL", ""),
            ("clicks", "stream", "Click stream", "Apache Kafka", ""),
        ],
        [
            ("web", "gateway", "sends requests", "request"),
            ("gateway", "links", "routes requests", "request"),
            ("links", "cache", "reads hot links", "data"),
            ("links", "db", "reads and writes links", "data"),
            ("links", "clicks", "publishes clicks", "async"),
        ],
    )


def chat() -> Diagram:
    """Fifteen nodes in two nested groups."""
    return diagram_of(
        "Real-time chat",
        [
            ("mobile", "mobile", "Mobile client", "Flutter", ""),
            ("web", "web", "Web client", "React", ""),
            ("vpc", "group", "Production VPC", "AWS eu-west-1", ""),
            ("gateway", "gateway", "API gateway", "Kong", "vpc"),
            ("sockets", "gateway", "WebSocket gateway", "Node.js", "vpc"),
            ("auth", "auth", "Identity service", "Keycloak", "vpc"),
            ("chat", "service", "Chat service", "Go", "vpc"),
            ("data", "group", "Data", "", "vpc"),
            ("store", "database", "Message store", "Cassandra", "data"),
            ("presence", "cache", "Presence", "Redis", "data"),
            ("media", "storage", "Media files", "Amazon S3", "data"),
            ("fanout", "stream", "Message fan-out", "Apache Kafka", "vpc"),
            ("notifier", "worker", "Notification worker", "Go", "vpc"),
            ("push", "external", "Push notification provider", "Firebase Cloud Messaging", ""),
            ("metrics", "monitoring", "Metrics and alerts", "Prometheus, Grafana", ""),
        ],
        [
            ("mobile", "gateway", "sends requests", "request"),
            ("web", "gateway", "sends requests", "request"),
            ("mobile", "sockets", "opens a socket", "request"),
            ("web", "sockets", "opens a socket", "request"),
            ("gateway", "auth", "verifies tokens", "request"),
            ("gateway", "chat", "routes requests", "request"),
            ("sockets", "chat", "passes messages", "request"),
            ("sockets", "presence", "tracks presence", "data"),
            ("chat", "store", "stores messages", "data"),
            ("chat", "media", "keeps attachments", "data"),
            ("chat", "fanout", "publishes messages", "async"),
            ("fanout", "sockets", "delivers messages", "async"),
            ("fanout", "notifier", "delivers events", "async"),
            ("notifier", "push", "sends push notifications", "request"),
            ("chat", "metrics", "reports metrics", "async"),
        ],
    )


def shop() -> Diagram:
    """Forty nodes, groups three deep."""
    domains = (
        ("catalogue", "Catalogue", "Elasticsearch", "search"),
        ("orders", "Order", "PostgreSQL", "database"),
        ("payments", "Payment", "PostgreSQL", "database"),
        ("stock", "Inventory", "MongoDB", "database"),
    )
    nodes = [
        ("web", "web", "Storefront", "Next.js", ""),
        ("app", "mobile", "Mobile app", "React Native", ""),
        ("admin", "client", "Back office", "React", ""),
        ("cdn", "cdn", "CDN", "Amazon CloudFront", ""),
        ("dns", "dns", "DNS", "Amazon Route 53", ""),
        ("cloud", "group", "AWS eu-central-1", "", ""),
        ("assets", "storage", "Assets", "Amazon S3", "cloud"),
        ("vpc", "group", "Production VPC", "10.0.0.0/16", "cloud"),
        ("lb", "loadbalancer", "Load balancer", "Application Load Balancer", "vpc"),
        ("gateway", "gateway", "API gateway", "Kong", "vpc"),
        ("identity", "auth", "Identity", "Keycloak", "vpc"),
        ("sessions", "cache", "Sessions and carts", "Redis Cluster", "vpc"),
        ("events", "stream", "Event bus", "Apache Kafka", "vpc"),
        ("mailer", "worker", "E-mail worker", "Python", "vpc"),
        ("recommend", "ml", "Recommendations", "Amazon SageMaker", "vpc"),
        ("jobs", "scheduler", "Nightly jobs", "Apache Airflow", "vpc"),
        ("warehouse", "warehouse", "Data warehouse", "Snowflake", "cloud"),
        ("metrics", "monitoring", "Metrics", "Prometheus", "cloud"),
        ("stripe", "external", "Payment provider", "Stripe", ""),
        ("mail", "external", "E-mail provider", "Amazon SES", ""),
        ("courier", "external", "Courier", "DHL API", ""),
        ("analyst", "user", "Analyst", "", ""),
    ]
    edges = [
        ("web", "dns", "resolves", "request"),
        ("web", "cdn", "loads pages", "request"),
        ("cdn", "assets", "fetches assets", "data"),
        ("cdn", "lb", "forwards requests", "request"),
        ("app", "lb", "sends requests", "request"),
        ("admin", "lb", "sends requests", "request"),
        ("lb", "gateway", "spreads requests", "request"),
        ("gateway", "identity", "verifies tokens", "request"),
        ("gateway", "sessions", "reads sessions", "data"),
        ("payments-service", "stripe", "charges cards", "request"),
        ("stock-service", "courier", "books shipments", "request"),
        ("events", "mailer", "delivers events", "async"),
        ("mailer", "mail", "sends e-mail", "request"),
        ("events", "warehouse", "loads events", "async"),
        ("jobs", "warehouse", "runs reports", "data"),
        ("jobs", "recommend", "retrains", "depends"),
        ("gateway", "recommend", "asks for products", "request"),
        ("analyst", "warehouse", "queries", "request"),
        ("gateway", "metrics", "reports metrics", "async"),
        ("orders-service", "payments-service", "asks to pay", "request"),
        ("orders-service", "stock-service", "reserves stock", "request"),
    ]
    for key, label, technology, kind in domains:
        nodes += [
            (key, "group", f"{label} domain", "", "vpc"),
            (f"{key}-service", "service", f"{label} service", "Java, Spring Boot", key),
            (f"{key}-db", kind, f"{label} DB", technology, key),
            (f"{key}-worker", "worker", f"{label} worker", "Java", key),
        ]
        edges += [
            ("gateway", f"{key}-service", "routes requests", "request"),
            (f"{key}-service", f"{key}-db", "reads and writes", "data"),
            (f"{key}-service", "events", "publishes events", "async"),
            ("events", f"{key}-worker", "delivers events", "async"),
            (f"{key}-worker", f"{key}-db", "updates", "data"),
        ]
    nodes += [
        ("replica", "database", "Order replica", "PostgreSQL", "orders"),
        ("waf", "network", "Firewall", "AWS WAF", "cloud"),
    ]
    edges += [("orders-db", "replica", "replicates", "replication"), ("cdn", "waf", "passes through", "request")]
    return diagram_of("Online shop", nodes, edges)
