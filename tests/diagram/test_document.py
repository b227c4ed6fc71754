"""The document beside the diagram: what each section rests on, who wrote it, and when it is stale."""

from collections.abc import Sequence

import pytest

from archwright.diagram.apply import apply
from archwright.diagram.change import Actor, Change
from archwright.diagram.core import diff
from archwright.diagram.document import Standing, slug_of, standings, to_write, wanted
from archwright.diagram.model import Diagram
from archwright.diagram.ops import op_input_adapter

AGENT, ADA = Actor(kind="job", id="job_1"), Actor(kind="user", id="ada")


class Log:
    """A change log as the product writes it."""

    def __init__(self) -> None:
        self.diagram = Diagram()
        self.changes: list[Change] = []

    def commit(self, actor: Actor, *ops: dict[str, object], reverts: str | None = None) -> Change:
        after = apply(self.diagram, [op_input_adapter.validate_python(op) for op in ops])
        return self.to(after, actor, reverts)

    def to(self, after: Diagram, actor: Actor, reverts: str | None = None) -> Change:
        number = len(self.changes) + 1
        change = Change(
            change_id=f"c{number}", version=number, actor=actor, reverts=reverts, at="2026-11-24T00:00:00.000Z",
            ops=diff(self.diagram, after),
        )  # fmt: skip
        self.changes.append(change)
        self.diagram = after
        return change

    def stale(self) -> list[str]:
        return [slug for slug, standing in standings(self.changes).items() if standing.stale]


def section(slug: str, body: str = "text") -> dict[str, object]:
    return {"op": "set_section", "slug": slug, "title": slug.title(), "body": body}


@pytest.fixture
def log() -> Log:
    """A shop of three nodes with a whole document, written by a job."""
    log = Log()
    nodes = [("web", "web", "React"), ("api", "service", "FastAPI"), ("db", "database", "PostgreSQL")]
    log.commit(
        AGENT,
        *({"op": "add_node", "node": {"id": i, "type": t, "label": i.upper(), "technology": k}} for i, t, k in nodes),
        {"op": "add_edge", "edge": {"id": "e1", "source": "web", "target": "api", "label": "calls"}},
        {"op": "add_edge", "edge": {"id": "e2", "source": "api", "target": "db", "label": "reads"}},
    )
    log.commit(AGENT, *(section(one.slug, f"About {one.title}.") for one in wanted(log.diagram)))
    return log


EVERYWHERE = ["summary", "components", "failure-modes", "security", "trade-offs"]
EDITS: Sequence[tuple[str, list[dict[str, object]], list[str]]] = [
    ("a technology", [{"op": "update_node", "id": "db", "set": {"technology": "MySQL"}}],
     ["summary", "components", "component-db", "failure-modes", "security", "trade-offs"]),
    ("a label", [{"op": "update_node", "id": "api", "set": {"label": "Shop API"}}],
     ["summary", "components", "component-web", "component-api", "component-db", "data-flow", "failure-modes",
      "security", "trade-offs"]),
    ("a description", [{"op": "update_node", "id": "api", "set": {"description": "Sells."}}], ["component-api"]),
    ("a place", [{"op": "update_node", "id": "api", "set": {"position": {"x": 900, "y": 900}}}], []),
    ("an edge's label", [{"op": "update_edge", "id": "e2", "set": {"label": "writes"}}],
     ["component-api", "component-db", "data-flow"]),
    ("a new edge", [{"op": "add_edge", "edge": {"id": "e3", "source": "web", "target": "db"}}],
     ["component-web", "component-db", "data-flow"]),
    ("a lost edge", [{"op": "delete_edge", "id": "e1"}], ["component-web", "component-api", "data-flow"]),
    ("a new node", [{"op": "add_node", "node": {"id": "cache", "type": "cache", "label": "Cache"}}], EVERYWHERE),
    ("a lost node", [{"op": "delete_node", "id": "web"}],
     ["summary", "components", "component-web", "component-api", "data-flow", "failure-modes", "security",
      "trade-offs"]),
    ("the title", [{"op": "set_title", "title": "Another"}], []),
    ("another section", [section("goals", "Many people.")], []),
]  # fmt: skip


@pytest.mark.parametrize(("what", "ops", "expected"), EDITS, ids=[edit[0] for edit in EDITS])
def test_exactly_the_sections_that_rest_on_what_changed_are_stale(
    log: Log, what: str, ops: list[dict[str, object]], expected: list[str]
) -> None:
    assert log.stale() == []
    log.commit(ADA, *ops)
    assert sorted(log.stale()) == sorted(expected)


def test_what_is_changed_and_changed_back_is_not_stale(log: Log) -> None:
    before = log.diagram
    change = log.commit(ADA, {"op": "update_node", "id": "db", "set": {"technology": "MySQL"}})
    log.to(before, ADA, reverts=change.change_id)
    assert log.stale() == []


def test_a_section_that_is_written_anew_is_current_also_when_its_text_is_the_same(log: Log) -> None:
    log.commit(ADA, {"op": "update_node", "id": "db", "set": {"technology": "MySQL"}})
    same = log.commit(AGENT, section("summary", "About Summary.") | {"title": "Summary"})
    assert standings(log.changes)["summary"].stale
    assert not standings(log.changes, {same.change_id: "summary"})["summary"].stale


def test_what_a_person_wrote_is_theirs_until_they_take_it_back(log: Log) -> None:
    before = log.diagram
    change = log.commit(ADA, section("summary", "My own words."))
    assert standings(log.changes)["summary"].by == "user"
    assert "summary" not in [one.slug for one in to_write(log.diagram, standings(log.changes), only_stale=False)]
    log.to(before, ADA, reverts=change.change_id)
    assert standings(log.changes)["summary"].by == "job"


def test_a_technology_that_a_person_names_in_the_text_is_proposed_to_the_diagram(log: Log) -> None:
    log.commit(ADA, section(slug_of("db"), "Keeps orders.\n\n**Technology:** Aurora PostgreSQL\n"))
    proposed = standings(log.changes)[slug_of("db")].proposes
    assert proposed == {"op": "update_node", "id": "db", "set": {"technology": "Aurora PostgreSQL"}}
    log.commit(ADA, proposed)
    assert standings(log.changes)[slug_of("db")].proposes is None


def test_a_section_of_the_agents_that_names_another_technology_is_stale_and_says_both(log: Log) -> None:
    log.commit(AGENT, section(slug_of("db"), "Keeps orders.\n\n**Technology:** MySQL\n"))
    now = standings(log.changes)[slug_of("db")]
    assert (now.stale, now.proposes) == (True, None)
    assert now.reason == "DB: the text names MySQL, the diagram PostgreSQL."
    log.commit(ADA, {"op": "update_node", "id": "db", "set": {"technology": "CockroachDB"}})
    reason = standings(log.changes)[slug_of("db")].reason
    assert reason == "DB has changed since: the text names MySQL, the diagram CockroachDB."


NAMED: Sequence[tuple[str, str, bool]] = [
    ("**Technology:** PostgreSQL", "PostgreSQL", True),
    ("- **Technology**: `postgresql`.", "PostgreSQL", True),
    ("**Technology:** PostgreSQL 17 on Amazon RDS", "PostgreSQL", True),
    ("**Technology:** Postgres", "PostgreSQL", False),
    ("**Technology:** C++", "C++", True),
    ("**Technology:** C", "C++", False),
    ("**Technology:** .NET", ".NET", True),
    ("**Technology:** Node\\.js", "Node.js", True),
    ("**Technology:** open", "", True),
    ("**Technology:** –", "", True),
    ("**Technology:** open", "PostgreSQL", False),
    ("**Technology:** PostgreSQL", "", False),
    ("It keeps orders.", "PostgreSQL", True),
    ("Its technology is MySQL.", "PostgreSQL", True),
]


@pytest.mark.parametrize(("body", "technology", "agrees"), NAMED, ids=[f"{n[0]} / {n[1]}" for n in NAMED])
def test_a_text_agrees_with_the_technology_that_it_names(log: Log, body: str, technology: str, agrees: bool) -> None:
    log.commit(ADA, {"op": "update_node", "id": "db", "set": {"technology": technology}})
    log.commit(AGENT, section(slug_of("db"), body))
    assert standings(log.changes)[slug_of("db")].stale is not agrees


def test_a_persons_text_that_leaves_the_technology_open_proposes_nothing(log: Log) -> None:
    log.commit(ADA, section(slug_of("db"), "**Technology:** open"))
    assert standings(log.changes)[slug_of("db")].proposes is None


def test_a_text_that_comes_back_with_a_revert_rests_on_what_it_rested_on(log: Log) -> None:
    log.commit(AGENT, section(slug_of("api"), "Sells.\n\n**Technology:** FastAPI"))
    old = log.diagram.sections
    log.commit(ADA, {"op": "update_node", "id": "api", "set": {"technology": "Go", "description": "Sells more."}})
    change = log.commit(AGENT, section(slug_of("api"), "Sells more.\n\n**Technology:** Go"))
    assert not standings(log.changes)[slug_of("api")].stale
    log.to(log.diagram.replace(sections=old), ADA, reverts=change.change_id)
    now = standings(log.changes)[slug_of("api")]
    assert (now.by, now.stale) == ("job", True)
    assert now.reason == "API has changed since: the text names FastAPI, the diagram Go."
    log.commit(ADA, {"op": "update_node", "id": "api", "set": {"technology": "FastAPI", "description": ""}})
    assert not standings(log.changes)[slug_of("api")].stale


def test_how_a_section_stands_is_the_same_however_its_changes_are_cut(log: Log) -> None:
    log.commit(ADA, {"op": "update_node", "id": "db", "set": {"technology": "MySQL"}})
    log.commit(ADA, {"op": "delete_node", "id": "web"})
    log.commit(ADA, section("summary", "Mine."), {"op": "update_node", "id": "api", "set": {"technology": "Go"}})
    now = standings(log.changes)
    assert (now["summary"].by, now["summary"].stale) == ("user", False)
    assert now["component-web"].reason == "Its component is no longer in the diagram."
    assert now["component-db"].stale and now["component-api"].stale


def test_only_stale_sections_are_brought_up_to_date(log: Log) -> None:
    log.commit(ADA, {"op": "update_node", "id": "api", "set": {"description": "Sells."}})
    now = standings(log.changes)
    assert [one.slug for one in to_write(log.diagram, now, only_stale=True)] == ["component-api"]
    assert now["component-api"] == Standing(
        by="job", version=2, node_id="api", stale=True, reason="API has changed since."
    )
