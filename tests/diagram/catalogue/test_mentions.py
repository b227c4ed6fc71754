"""Technologies in free text: the tricky sentences."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.diagram.catalogue import find

SENTENCES: dict[str, list[tuple[str, str]]] = {
    "": [],
    "Postgres.": [("Postgres", "postgresql")],
    "redis/memcached": [("redis", "redis"), ("memcached", "memcached")],
    "RDS for Postgres, not plain Postgres": [
        ("RDS for Postgres", "aws-rds-postgresql"),
        ("Postgres", "postgresql"),
    ],
    "Go to the database in Go": [("Go", "go")],
    "go live, users come and go, ready to go": [],
    "a service written in go": [("go", "go")],
    "a golang service and a Go worker": [("golang", "go"), ("Go", "go")],
    "Express delivery with Express": [("Express", "express")],
    "express checkout": [],
    "the play button of a Play app": [("Play", "play-framework")],
    "it will spring up; a spring service": [("spring", "spring-boot")],
    "Swift over SWIFT, American Express": [("SWIFT", "swift-network"), ("American Express", "american-express")],
    "an app in Swift": [("Swift", "swift")],
    "the next step uses Next.js": [("Next.js", "nextjs")],
    "Rust never sleeps": [],
    "rust on metal, then Rust": [("Rust", "rust")],
    "We use flask and django": [("flask", "flask"), ("django", "django")],
    "a flask of water": [],
    "lambda architecture with Lambda functions": [("Lambda functions", "aws-lambda")],
    "a vector database, shipped by Vector": [("Vector", "vector-dev")],
    "temporal data in Temporal workflows": [("Temporal workflows", "temporal")],
    "segment customers with Segment": [("Segment", "segment")],
    "square metres; pays by Square": [("Square", "square")],
    "gin and tonic, a service in Gin": [("Gin", "gin")],
    "chi-square, go-chi": [("go-chi", "chi")],
    "salt the hash": [],
    "edge devices at the edge": [],
    "The app reacts": [],
    "a react app": [("react app", "react")],
    "node js, nodejs and Node.js": [("node js", "nodejs"), ("nodejs", "nodejs"), ("Node.js", "nodejs")],
    "C#, C++ and .NET on example.net": [("C#", "csharp"), ("C++", "cpp"), (".NET", "dotnet")],
    "S3 buckets, three Lambdas": [("S3 buckets", "aws-s3"), ("Lambdas", "aws-lambda")],
    "kafkaesque redistribution": [],
    "Redis\nPostgres": [("Redis", "redis"), ("Postgres", "postgresql")],
    "KAFKA -> flink -> ClickHouse": [("KAFKA", "kafka"), ("flink", "flink"), ("ClickHouse", "clickhouse")],
    "a message queue (RabbitMQ), an SMS gateway (Twilio)": [("RabbitMQ", "rabbitmq"), ("Twilio", "twilio")],
    "oauth with Auth0": [("Auth0", "auth0")],
    "add vault for the secrets": [("vault", "vault")],
}


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence[:40] or "empty")
def test_a_sentence_names_exactly_these_technologies(sentence: str) -> None:
    assert [(sentence[m.start : m.end], m.entry.id) for m in find(sentence)] == SENTENCES[sentence]


@given(st.text())
def test_mentions_come_in_order_and_never_overlap(text: str) -> None:
    places = [(m.start, m.end) for m in find(text)]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(places))
