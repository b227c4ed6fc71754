"""What the calls that happen most often cost, in DynamoDB's units."""

import asyncio
from typing import Any

import pytest

from archwright.access.ledger import Ledger
from archwright.access.limits import Limits
from archwright.agent.architect import Architect
from archwright.diagram.change import Change
from archwright.diagram.model import Point, Size
from archwright.diagram.ops import SetTitle, UpdateNode
from archwright.jobs.model import Budget, Fence
from archwright.jobs.ports import Control
from archwright.jobs.runner import LeaseTimes, Runner
from archwright.jobs.service import Jobs
from archwright.model.models import build_models
from archwright.model.pricing import cards
from archwright.queue.local import LocalQueue
from archwright.sessions.commit import change_result
from archwright.sessions.service import Sessions
from archwright.store.dynamodb import DynamoStore
from archwright.store.ports import Marker
from archwright.wiring import ModelChoice
from tests.aws import metered
from tests.builders import OWNER, a_change, a_job, a_message, a_node, adds, an_edge, at, epoch, message_of

CHAT = (
    "A real-time chat application: mobile and web clients, an API gateway, a websocket gateway, a chat service, "
    "a message store, Redis for presence, Kafka for fan-out and a notification worker"
)
PROSE = (
    "Keeps the orders of all customers for ten years and serves them to the shop, the warehouse and the accountants. "
    "Written by the order service alone; every other reader goes through its replica, which may be seconds behind. "
)


def answered(change: Change) -> Marker:
    """The marker that the product stores with an edit over REST: it repeats the whole change."""
    return Marker(change.change_id, change.version, "0" * 32, change_result(change))


def a_whole_node(number: int) -> Any:
    return a_node(
        f"node-{number}",
        label=f"Orders database {number}",
        technology="PostgreSQL",
        description=PROSE,
        position=Point(x=120.5 * number % 9_000, y=64),
        size=Size(width=180, height=64),
    )


async def fill(store: DynamoStore, session: str, elements: int) -> None:
    nodes = [a_whole_node(n) for n in range(elements // 2)]
    edges = [an_edge(node.id, nodes[n // 2].id, id=f"edge-{n}") for n, node in enumerate(nodes)]
    change = a_change(1, adds(*nodes, *edges))
    await store.append(session, OWNER, change, answered(change))


def a_drag(version: int, **fields: Any) -> Change:
    """A node that a person moved and renamed."""
    now = {"position": {"x": 317.25, "y": 88.5}, "pinned": True, "label": "Orders"}
    before = {"position": {"x": 0.0, "y": 64.0}, "pinned": False, "label": "Orders database 1"}
    change_id = "01K0000000000000000000000A-or-any-key-of-a-client"
    return a_change(version, [UpdateNode(id="node-1", set=now, before=before)], change_id=change_id, **fields)


@pytest.mark.parametrize("elements", [10, 1_000, 10_000])
async def test_an_edit_of_a_node_costs_the_same_in_every_diagram(
    store: DynamoStore, session: str, client: Any, elements: int
) -> None:
    await fill(store, session, elements)
    change = a_drag(2)
    with metered(client) as meter:
        await store.append(session, OWNER, change, answered(change))
    assert (meter.write, meter.read, meter.calls) == (8, 0, ["TransactWriteItems"])


async def test_an_edit_of_a_job_costs_no_more(store: DynamoStore, session: str, client: Any) -> None:
    await fill(store, session, 10)
    for n in range(9):
        job = a_job(f"job_{n}")
        await store.submit_job(job, message_of(job), "enqueue")
    claimed = await store.claim("job_0", "w1", epoch(), epoch(60))
    change = a_drag(2, job_id="job_0", turn=3)
    with metered(client) as meter:
        await store.append(session, OWNER, change, answered(change), Fence(job_id="job_0", number=claimed.fence))
    assert (meter.write, meter.calls) == (8, ["TransactWriteItems"])


async def test_a_new_node_with_a_long_description_stays_within_twelve_units(
    store: DynamoStore, session: str, client: Any
) -> None:
    node = a_whole_node(1).model_copy(update={"description": (PROSE * 20)[:4_000]})
    change = a_change(1, adds(node))
    with metered(client) as meter:
        await store.append(session, OWNER, change, answered(change))
    assert meter.write <= 12


async def test_a_title_costs_no_more_than_a_node(store: DynamoStore, session: str, client: Any) -> None:
    change = a_change(1, [SetTitle(title="T" * 200, before="Shop")])
    with metered(client) as meter:
        await store.append(session, OWNER, change, answered(change))
    assert (meter.write, meter.calls) == (6, ["TransactWriteItems"])


async def test_a_poll_reads_one_small_item(store: DynamoStore, session: str, client: Any) -> None:
    await fill(store, session, 1_000)
    with metered(client) as meter:
        await store.head(session, OWNER)
    assert (meter.read, meter.write, meter.calls) == (1, 0, ["GetItem"])


async def test_a_delta_poll_reads_what_is_new(store: DynamoStore, session: str, client: Any) -> None:
    await fill(store, session, 1_000)
    change = a_drag(2)
    await store.append(session, OWNER, change, answered(change))
    with metered(client) as meter:
        assert await store.changes(session, OWNER, 1) == (change,)
    assert (meter.read, meter.calls) == (2, ["GetItem", "Query"])


async def test_a_message_costs_as_much_in_a_long_conversation(store: DynamoStore, session: str, client: Any) -> None:
    await fill(store, session, 1_000)
    with metered(client) as meter:
        await store.add_message(session, OWNER, a_message("msg_1", text="Add a cache in front of the database"))
    assert (meter.write, meter.calls) == (4, ["TransactWriteItems"])


async def test_a_refused_edit_reads_why_in_one_call(store: DynamoStore, session: str, client: Any) -> None:
    await store.append(session, OWNER, a_change(1), answered(a_change(1)))
    with metered(client) as meter:
        assert await store.append(session, OWNER, a_change(1), answered(a_change(1))) == answered(a_change(1))
    assert meter.calls[:2] == ["TransactWriteItems", "TransactGetItems"]
    assert meter.write == 0


async def test_the_head_stays_below_a_kilobyte_while_many_wait(store: DynamoStore, session: str, client: Any) -> None:
    await store.append(session, OWNER, a_long_title(), answered(a_long_title()))
    for n in range(10):
        job = a_job(f"job_01K0000000000000000000000{n}", created_at=at(n))
        await store.submit_job(job, message_of(job), "enqueue")
    with metered(client) as meter:
        await store.append(session, OWNER, a_change(2, []), answered(a_change(2, [])))
    assert meter.write == 6


def a_long_title() -> Change:
    return a_change(1, [SetTitle(title="T" * 200, before="Shop")], change_id="chg_title")


async def test_a_whole_job_costs_about_as_much_as_its_changes(store: DynamoStore, client: Any) -> None:
    """Drawing a chat application offline: three turns, some twenty changes, previews and checkpoints."""
    sessions, queue, ledger = Sessions(store), LocalQueue(), Ledger(store, Limits(day_usd=5), Budget())
    available = cards(has_key=False)
    models = build_models(available, api_key=None, base_url=None, stall_s=60, offline_pace=0)
    agent = Architect(
        store, sessions, models, ModelChoice(models.cards()), budget=Budget(), retry_s=1, price=models.cost_usd
    )
    runner = Runner(store, queue, agent, "here", ledger=ledger, times=LeaseTimes(), max_attempts=3)
    jobs = Jobs(store, sessions, queue, ModelChoice(available), ledger)
    with metered(client) as meter:
        made = await jobs.start(OWNER, title=None, prompt=CHAT)
        await runner.run(made.job.id, Control(deadline=asyncio.get_running_loop().time() + 60))
    await models.close()
    changes = await store.changes(made.session_id, OWNER, 0)
    assert (await jobs.get(made.job.id, OWNER)).status == "succeeded"
    print(f"whole job: {len(changes)} changes, {meter.write} write units, {meter.read} read units")  # noqa: T201
    assert meter.write <= 16 * len(changes) + 300
