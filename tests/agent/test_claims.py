"""What a closing message may say, of what the log holds. Pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.agent.claims import truthful
from archwright.diagram.core import diff
from archwright.diagram.deeds import NOTHING, deeds_of, told
from archwright.diagram.model import Diagram, Edge, Node, Section
from archwright.diagram.ops import Op
from tests.diagram.strategies import diagrams


def _node(label: str, kind: str = "service", **others: object) -> Node:
    return Node.model_validate({"id": label.lower().replace(" ", "-"), "type": kind, "label": label, **others})


def _diagram(*nodes: Node, edges: tuple[str, ...] = (), sections: tuple[str, ...] = ()) -> Diagram:
    lines = [Edge(id=f"{a}--{b}", source=a, target=b, label="calls") for a, b in (e.split(">") for e in edges)]
    texts = [Section(slug=s.lower(), title=s, body=f"On {s}.", position=1) for s in sections]
    return Diagram(
        nodes={n.id: n for n in nodes}, edges={e.id: e for e in lines}, sections={s.slug: s for s in texts}
    )  # fmt: skip


WEB, API, DB, CACHE = _node("Web", "web"), _node("API"), _node("Orders DB", "database"), _node("Redis cache", "cache")
TWO = _diagram(WEB, API, edges=("web>api",))
FOUR = _diagram(WEB, API, DB, CACHE, edges=("web>api", "api>orders-db", "api>redis-cache"))
RENAMED = _diagram(WEB, API.model_copy(update={"label": "Orders API"}), edges=("web>api",))
WRITTEN = _diagram(WEB, API, edges=("web>api",), sections=("Summary", "Goals"))
TLS = TWO.with_edge(TWO.edges["web--api"].model_copy(update={"label": "calls over TLS"}))

CALLED_A = TWO.with_node(API.model_copy(update={"technology": "Go", "label": "A"}))

FALSE = [
    (TWO, TWO, "Done: 12 components."),
    (TWO, TWO, "Done."),
    (TWO, TWO, "All done!"),
    (TWO, TWO, "I've added a cache in front of the API."),
    (TWO, TWO, "**Removed** the Web client."),
    (TWO, TWO, "I renamed API to Orders API."),
    (TWO, TWO, "The API has been renamed."),
    (TWO, TWO, "I connected the web client to the API."),
    (TWO, TWO, "- Added a queue\n- Connected it"),
    (TWO, TWO, "Sure! I replaced PostgreSQL with MySQL."),
    (TWO, TWO, "The cache is gone."),
    (TWO, TWO, "12 components and 15 connections."),
    (TWO, FOUR, "Added 12 components."),
    (TWO, FOUR, "Done: 12 components and 15 connections. Next steps:\n- Add monitoring"),
    (TWO, FOUR, "I drew two components and seven connections."),
    (TWO, FOUR, "Removed the Orders DB."),
    (TWO, FOUR, "Renamed Web to Site."),
    (TWO, FOUR, "Added Orders DB and Web."),
    (TWO, FOUR, "Added the Redis cache and connected Web to Orders DB. I also connected Web to Orders DB."),
    (TWO, FOUR, "The diagram now has 9 components."),
    (FOUR, TWO, "Removed 6 nodes."),
    (FOUR, TWO, "I removed the Orders DB, the Redis cache and the API."),
    (FOUR, TWO, "Orders DB, Redis cache and API were removed from the diagram."),
    (FOUR, TWO, "Added a message queue."),
    (TWO, RENAMED, "Added a Redis cache."),
    (TWO, RENAMED, "I removed the Web client, connected nothing else."),
    (TWO, RENAMED, "Connected Web to API."),
    (TWO, WRITTEN, "I wrote 9 sections of the design document."),
]
TRUE = [
    (TWO, TWO, "There is no flux capacitor in the diagram."),
    (TWO, TWO, "Nothing was removed, as you refused it."),
    (TWO, TWO, "I did not remove anything."),
    (TWO, TWO, "I removed nothing."),
    (TWO, TWO, "No changes were made."),
    (TWO, TWO, "I could have added a cache. Shall I?"),
    (TWO, TWO, "If the cache is removed, reads are slower."),
    (TWO, TWO, "I have not changed anything: the API is called so already."),
    (TWO, TWO, "You can add a cache in front of the API.\n\nNext steps:\n- Add a cache\n- 2 nodes for Redis"),
    (TWO, TWO, "Redis was added in an earlier step, and I left it."),
    (TWO, TWO, "Which API do you mean?"),
    (TWO, TWO, "You refused the plan: too much. Nothing was done."),
    (TWO, TWO, "The API is a service. It is made with Go. It leads to Orders DB (reads)."),
    (TWO, FOUR, "Done."),
    (TWO, FOUR, "I added the Orders DB and a Redis cache, and connected both to the API."),
    (TWO, FOUR, "Added 2 components and 2 connections."),
    (TWO, FOUR, "Added a cache between Web and API for speed, so that 10 nodes are enough."),
    (TWO, FOUR, "Shop: 4 components and 3 connections in 2 groups."),
    (TWO, FOUR, "The diagram now has 4 components and three connections."),
    (TWO, FOUR, "I connected API to Orders DB."),
    (TWO, FOUR, "Added about 12 components' worth of capacity."),
    (TWO, FOUR, "I've added Redis cache in front of Orders DB. It assumes 3 nodes per zone."),
    (FOUR, TWO, "Removed Orders DB and Redis cache, with their 2 connections."),
    (FOUR, TWO, "Both stores were removed from the diagram; Web still calls API."),
    (FOUR, TWO, "The diagram no longer contains the Orders DB."),
    (FOUR, TWO, "Replaced the stores: nothing is kept."),
    (TWO, RENAMED, "Renamed API to Orders API."),
    (TWO, TLS, "Added TLS to the connection."),
    (TWO, TLS, "I added a label to it."),
    (TWO, WRITTEN, "I wrote 2 sections of the design document from the diagram."),
    (TWO, WRITTEN, "I removed nothing and added a summary."),
]


def _ops(before: Diagram, after: Diagram) -> tuple[Op, ...]:
    return diff(before, after)


@pytest.mark.parametrize(("before", "after", "text"), FALSE, ids=[text for *_, text in FALSE])
def test_a_message_that_claims_what_the_log_does_not_hold_gives_way_to_the_logs_sentence(
    before: Diagram, after: Diagram, text: str
) -> None:
    ops = _ops(before, after)
    assert truthful(text, ops, after) == told(deeds_of(ops), after)


@pytest.mark.parametrize(("before", "after", "text"), TRUE, ids=[text for *_, text in TRUE])
def test_a_message_that_holds_is_left_as_it_is(before: Diagram, after: Diagram, text: str) -> None:
    assert truthful(text, _ops(before, after), after) == text


@pytest.mark.parametrize(
    "text",
    [
        "I added Redis so that reads are quick. It was introduced because the database was slow.",
        "Built with Go, the API was designed for 10,000 users. Connected to it are 3 components.",
        "The diagram has 99 components.",
        "Removed items are kept for 30 days. Added value comes from the cache.",
        "The cache was removed when the load fell.",
    ],
)
def test_an_answer_may_speak_of_what_was_done_at_another_time(text: str) -> None:
    assert truthful(text, (), TWO, answer=True) == text


@pytest.mark.parametrize(
    "text", ["I've removed the cache.", "Removed the cache.", "Done.", "We have now added 3 nodes."]
)
def test_an_answer_may_not_say_that_something_was_done_just_now(text: str) -> None:
    assert truthful(text, (), TWO, answer=True) == NOTHING


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (TWO, TWO, NOTHING),
        (Diagram(), TWO, "Added 2 components (Web and API) and 1 connection."),
        (FOUR, TWO, "Removed 2 components (Orders DB and Redis cache) and 2 connections."),
        (TWO, RENAMED, "Renamed API to Orders API."),
        (TWO, TLS, "Changed 1 connection."),
        (TWO, WRITTEN, "Wrote 2 sections of the document (Summary and Goals)."),
        (WRITTEN, TWO, "Removed 2 sections of the document (Summary and Goals)."),
        (TWO, CALLED_A, "Renamed API to A. Changed A (technology)."),
    ],
)
def test_the_logs_sentence_says_what_was_done(before: Diagram, after: Diagram, sentence: str) -> None:
    assert told(deeds_of(_ops(before, after)), after) == sentence


def test_what_was_added_and_removed_again_is_not_told() -> None:
    ops = (*_ops(TWO, FOUR), *_ops(FOUR, TWO))
    assert (bool(deeds_of(ops)), told(deeds_of(ops), TWO)) == (False, NOTHING)


@given(diagrams, diagrams)
def test_the_logs_own_sentence_is_always_true(before: Diagram, after: Diagram) -> None:
    ops = _ops(before, after)
    sentence = told(deeds_of(ops), after)
    assert truthful(sentence, ops, after) == sentence


@given(diagrams, diagrams, st.text())
def test_what_is_said_in_the_end_is_the_message_or_the_logs_sentence(
    before: Diagram, after: Diagram, text: str
) -> None:
    ops = _ops(before, after)
    assert truthful(text, ops, after) in (text, told(deeds_of(ops), after))


@given(diagrams, st.sampled_from([text for *_, text in FALSE]))
def test_of_a_job_that_did_nothing_no_claim_is_believed(diagram: Diagram, text: str) -> None:
    assert truthful(text, (), diagram) == NOTHING
