"""A loop in the background survives whatever its step raises, and logs it."""

import asyncio

import pytest

from archwright.errors import Unavailable
from archwright.jobs import loops


async def test_a_loop_goes_on_after_any_error_and_logs_each(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "AFTER_AN_ERROR_S", 0)
    errors = iter([Unavailable("the disk is full"), ValueError("a bug"), KeyError("job_1")])
    done = asyncio.Event()

    async def step() -> None:
        for error in errors:
            raise error
        done.set()
        await asyncio.sleep(1)

    loop = asyncio.create_task(loops.forever("the scan", step))
    await asyncio.wait_for(done.wait(), 5)
    loop.cancel()
    assert caplog.text.count("the scan: ") == 3
    assert "the disk is full" in caplog.text and "ValueError: a bug" in caplog.text


async def test_a_loop_that_is_cancelled_ends() -> None:
    loop = asyncio.create_task(loops.forever("the scan", lambda: asyncio.sleep(10)))
    await asyncio.sleep(0)
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop
