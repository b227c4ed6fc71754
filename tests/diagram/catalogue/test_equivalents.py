"""Managed equivalents and the palette's search."""

import pytest

from archwright.diagram.catalogue import managed, search, technology

EQUIVALENTS = [
    ("postgresql", None, "aws-rds-postgresql"),
    ("postgresql", "gcp", "cloud-sql-postgresql"),
    ("redis", "azure", "azure-cache-redis"),
    ("kafka", "aws", "aws-msk"),
    ("rabbitmq", None, "aws-mq"),
    ("elasticsearch", "aws", "aws-opensearch"),
    ("kubernetes", "gcp", "gke"),
    ("minio", None, "aws-s3"),
    ("vitess", "aws", "planetscale"),
    ("aws-rds-postgresql", "gcp", "cloud-sql-postgresql"),
    ("aws-rds-postgresql", "aws", None),
    ("aws-s3", None, None),
    ("react", None, None),
]


@pytest.mark.parametrize(("entry_id", "cloud", "expected"), EQUIVALENTS)
def test_a_technology_has_this_managed_equivalent(entry_id: str, cloud: str | None, expected: str | None) -> None:
    equivalent = managed(technology(entry_id), cloud)
    assert (equivalent.id if equivalent else None) == expected


def test_search_puts_the_name_before_what_merely_contains_it() -> None:
    assert [entry.id for entry in search("redis", 3)] == ["redis", "redis-cloud", "redis-streams"]


def test_search_finds_by_alias_and_by_kind_and_vendor() -> None:
    assert search("k8s", 1)[0].id == "kubernetes"
    assert {entry.id for entry in search("azure vector")} == set()
    assert "azure-service-bus" in {entry.id for entry in search("azure queue")}


def test_search_for_nothing_lists_the_first_and_for_nonsense_none() -> None:
    assert len(search("", 5)) == 5
    assert search("zzzz") == ()
