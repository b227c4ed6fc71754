"""The catalogue as data: whole, unambiguous, and consistent with itself."""

from collections import defaultdict
from typing import get_args

from archwright.diagram.catalogue import entries, lookup
from archwright.diagram.catalogue.mentions import bare
from archwright.diagram.model import NodeType

TOLD_APART_BY_CASE = {"swift": {"swift", "swift-network"}}


def test_it_holds_hundreds_of_technologies_with_unique_ids() -> None:
    ids = [entry.id for entry in entries()]
    assert len(ids) >= 280
    assert len(set(ids)) == len(ids)


def test_every_type_is_a_node_type() -> None:
    assert {entry.type for entry in entries()} <= set(get_args(NodeType))


def test_a_spelling_means_one_technology_unless_its_case_tells_them_apart() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for entry in entries():
        for spelling in (entry.id, *entry.aliases):
            owners[bare(spelling)].add(entry.id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == TOLD_APART_BY_CASE


def test_every_managed_equivalent_exists_and_runs_on_the_cloud_it_stands_for() -> None:
    by_id = {entry.id: entry for entry in entries()}
    for entry in entries():
        for cloud, equivalent in entry.managed.items():
            assert cloud in {"aws", "gcp", "azure", "cloudflare", "saas"}, entry.id
            if cloud != "saas":
                assert by_id[equivalent].cloud == cloud, entry.id


def test_what_a_managed_service_runs_is_known_the_other_way_round() -> None:
    by_id = {entry.id: entry for entry in entries()}
    for entry in entries():
        for equivalent in entry.managed.values():
            run = by_id[equivalent].self_managed
            assert run is not None
            assert equivalent in by_id[run].managed.values()


def test_names_are_short_enough_for_a_label() -> None:
    assert all(0 < len(entry.name) <= 60 and len(entry.category) <= 60 for entry in entries())


def test_any_alias_in_any_case_looks_up_its_entry() -> None:
    for entry in entries():
        for spelling in (entry.id, *entry.aliases):
            found = lookup(spelling.upper())
            assert found is not None
            assert found.id in TOLD_APART_BY_CASE.get(bare(spelling), {entry.id})


def test_a_name_that_is_no_technology_looks_up_nothing() -> None:
    assert lookup("orders") is None
    assert lookup("") is None
