"""Jobs that wait for a person: they hold nothing of a budget, and are reserved for anew when somebody answers."""

import asyncio
from pathlib import Path

import pytest

from archwright.errors import BudgetSpent, TooManyJobs
from archwright.jobs.model import Allowance, Job, Resume
from archwright.model.scripted import Step
from archwright.wiring import Embedded
from tests.agent.product import DONE, PAIR, diagram_of, drawn, product, question, resumed


async def waiting_job(here: Embedded) -> Job:
    """A job that asks a question, once its reservation is given back."""
    job = await drawn(here)
    assert job.status == "awaiting_input"
    async with asyncio.timeout(10):
        while not (await here.ledger.account("local")).reserved[job.id].waiting:
            await asyncio.sleep(0.01)
    return job


ASK = Step.calls(question("Which cloud?", "AWS", "Azure"))


async def test_four_jobs_that_wait_lock_nobody_out(tmp_path: Path) -> None:
    script = [ASK, ASK, ASK, ASK, PAIR, DONE]
    async with product(tmp_path, script, limit_day_usd=5.2, limit_active_jobs=1, job_cost_usd=5.0) as (here, _):
        waiting = [await waiting_job(here) for _ in range(4)]
        account = await here.ledger.account("local")
        assert (account.running, [one.cost_usd for one in account.reserved.values()]) == (0, [0.0] * 4)
        assert account.cost_usd == pytest.approx(sum(job.cost_usd for job in waiting))
        job = await drawn(here)
        assert job.status == "succeeded"
        assert set((await diagram_of(here, job)).nodes) == {"web", "api"}


async def test_an_answer_reserves_anew_and_what_was_spent_is_counted_once(tmp_path: Path) -> None:
    async with product(tmp_path, [ASK, PAIR, DONE], limit_day_usd=5.0, job_cost_usd=5.0) as (here, _):
        job = await waiting_job(here)
        done = await resumed(here, job, answer="AWS")
        assert (done.status, done.allowance.cost_usd) == ("succeeded", pytest.approx(5.0))
        async with asyncio.timeout(20):  # a job is settled right after its end is stored
            while (account := await here.ledger.account("local")).reserved:
                await asyncio.sleep(0.01)
        assert (account.jobs, account.reserved) == (1, {})
        assert (account.tokens, account.cost_usd) == (done.usage.output_tokens, pytest.approx(done.cost_usd))


async def test_an_answer_that_nothing_is_left_for_is_refused_and_may_come_again(tmp_path: Path) -> None:
    async with product(tmp_path, [ASK, PAIR, DONE], limit_day_usd=5.0, job_cost_usd=5.0) as (here, _):
        job = await waiting_job(here)
        await here.ledger.reserve("local", "ses_other", "job_other")
        with pytest.raises(BudgetSpent, match="reserved by a job that runs"):
            await here.jobs.resume(job.id, "local", Resume(answer="AWS"))
        assert (await here.store.job(job.id)).status == "awaiting_input"
        await here.ledger.release("local", "ses_other", "job_other")
        assert (await resumed(here, job, answer="AWS")).status == "succeeded"


async def test_an_answer_counts_as_a_job_that_is_active(tmp_path: Path) -> None:
    async with product(tmp_path, [ASK], limit_active_jobs=1) as (here, _):
        job = await waiting_job(here)
        await here.ledger.reserve("local", "ses_other", "job_other")
        with pytest.raises(TooManyJobs):
            await here.jobs.resume(job.id, "local", Resume(answer="AWS"))


async def test_an_answer_of_the_wrong_kind_reserves_nothing(tmp_path: Path) -> None:
    async with product(tmp_path, [ASK], limit_day_usd=5.0) as (here, _):
        job = await waiting_job(here)
        before = await here.ledger.account("local")
        with pytest.raises(Exception, match="asked a question"):
            await here.jobs.resume(job.id, "local", Resume(decision="approve"))
        assert await here.ledger.account("local") == before
        assert before.reserved[job.id].model_dump(include={"tokens", "cost_usd", "waiting"}) == {
            **Allowance(tokens=0, cost_usd=0.0).model_dump(), "waiting": True,
        }  # fmt: skip
