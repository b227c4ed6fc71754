"""The checkpointer keeps LangGraph's promises, by LangGraph's own suite."""

from collections.abc import AsyncIterator
from pathlib import Path

from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.report import CapabilityReport

from archwright.agent.checkpoint import StoreSaver
from archwright.store.sqlite import SqliteStore


async def test_the_checkpointer_passes_langgraphs_conformance_suite(tmp_path: Path) -> None:
    opened = list[SqliteStore]()

    async def saver() -> AsyncIterator[StoreSaver]:
        store = SqliteStore.open(tmp_path / f"{len(opened)}.db")
        opened.append(store)
        yield StoreSaver(store)
        await store.close()

    report: CapabilityReport = await validate(checkpointer_test(name="StoreSaver")(saver))
    failed = {name: found.failures for name, found in report.results.items() if found.detected and not found.passed}
    assert failed == {}
    assert report.passed_all_base()
