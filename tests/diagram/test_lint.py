"""What the review says of a diagram."""

from archwright.diagram.lint import lint
from archwright.diagram.model import Diagram

from .test_apply import SHOP, add, after, tie


def rules(diagram: Diagram) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.rule, finding.ids) for finding in lint(diagram)]


def test_a_sound_diagram_has_no_findings() -> None:
    labelled = [{"op": "update_edge", "id": e, "set": {"label": "uses"}} for e in ("calls", "reads")]
    technology = {"op": "update_node", "id": "db", "set": {"technology": "PostgreSQL"}}
    assert rules(after(SHOP, *labelled, technology)) == []


def test_each_rule_names_the_elements_that_it_is_about() -> None:
    flawed = after(
        SHOP,
        add("alone"),
        add("empty", type="group"),
        tie("web", "orders", id="again"),
        tie("orders", "orders", id="loop", label="retries"),
        {"op": "add_node", "node": {"id": "db2", "label": "DB", "type": "database", "parent": "zone"}},
    )
    assert rules(flawed) == [
        ("isolated-node", ("alone",)),
        ("empty-group", ("empty",)),
        ("isolated-node", ("db2",)),
        ("missing-label", ("calls",)),
        ("missing-label", ("reads",)),
        ("duplicate-edge", ("calls", "again")),
        ("missing-label", ("again",)),
        ("self-loop", ("loop",)),
        ("missing-technology", ("db",)),
        ("duplicate-node", ("db", "db2")),
        ("missing-technology", ("db2",)),
    ]


def test_a_system_that_nobody_uses_lacks_an_entry_point() -> None:
    inner = after(Diagram(), add("a"), add("b"), add("c"), tie("a", "b", label="x"), tie("b", "c", label="y"))
    assert rules(inner) == [("no-entry-point", ())]


def test_a_lone_database_that_many_share_is_a_single_point_of_failure() -> None:
    services = [add(f"s{n}") for n in range(4)]
    reads = [tie(f"s{n}", "db", label="reads") for n in range(4)]
    enters = [tie("user", f"s{n}", label="uses") for n in range(4)]
    people = add("user", type="user")
    database = add("db", type="database", technology="MySQL")
    shared = after(Diagram(), people, database, *services, *reads, *enters)
    assert rules(shared) == [("single-point-of-failure", ("db",))]
    replica = add("replica", type="database", technology="MySQL")
    assert rules(after(shared, replica, tie("db", "replica", kind="replication", label="copies"))) == []
