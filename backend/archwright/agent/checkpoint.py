"""A LangGraph checkpointer over our own store; a thread is a job. Every write carries the run's fence."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
)
from langgraph.checkpoint.base import Checkpoint as Graph

from archwright.jobs.model import Fence
from archwright.store.ports import Checkpoint, JobStore, PendingWrite


class StoreSaver(BaseCheckpointSaver[str]):
    """Keeps checkpoints in a `JobStore`; asynchronous only."""

    def __init__(self, store: JobStore, fence: Fence | None = None) -> None:
        super().__init__()
        self._store = store
        self._fence = fence

    async def aput(
        self, config: RunnableConfig, checkpoint: Graph, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> RunnableConfig:
        thread, namespace = _place(config)
        kind, body = self.serde.dumps_typed((checkpoint, get_checkpoint_metadata(config, metadata)))
        stored = Checkpoint(namespace, checkpoint["id"], get_checkpoint_id(config), _packed(kind, body))
        await self._store.put_checkpoint(thread, stored, self._fence)
        return _config(thread, namespace, checkpoint["id"])

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        thread, namespace = _place(config)
        pending = [
            PendingWrite(task_id, WRITES_IDX_MAP.get(channel, index), self._dumped((channel, value)), task_path)
            for index, (channel, value) in enumerate(writes)
        ]
        await self._store.put_writes(thread, namespace, config["configurable"]["checkpoint_id"], pending, self._fence)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        thread, namespace = _place(config)
        wanted = get_checkpoint_id(config)
        found = await self._store.checkpoints(thread, namespace, None, None if wanted else 1)
        for checkpoint in found:
            if wanted is None or checkpoint.id == wanted:
                return self._tuple(thread, checkpoint)
        return None

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        if config is None:
            raise ValueError("checkpoints are listed by thread")
        thread, wanted = config["configurable"]["thread_id"], get_checkpoint_id(config)
        namespace = config["configurable"].get("checkpoint_ns")
        until = get_checkpoint_id(before) if before else None
        listed = 0
        for checkpoint in await self._store.checkpoints(thread, namespace, until):
            found = self._tuple(thread, checkpoint)
            matches = all(found.metadata.get(name) == value for name, value in (filter or {}).items())
            if matches and wanted in (None, checkpoint.id) and (limit is None or listed < limit):
                listed += 1
                yield found

    async def adelete_thread(self, thread_id: str) -> None:
        await self._store.drop_checkpoints(thread_id)

    def get_next_version(self, current: str | None, channel: None) -> str:
        return f"{int(current or 0) + 1:012d}"

    def _dumped(self, value: Any) -> bytes:
        return _packed(*self.serde.dumps_typed(value))

    def _loaded(self, body: bytes) -> Any:
        kind, _, packed = body.partition(b"\n")
        return self.serde.loads_typed((kind.decode(), packed))

    def _tuple(self, thread: str, stored: Checkpoint) -> CheckpointTuple:
        checkpoint, metadata = self._loaded(stored.body)
        return CheckpointTuple(
            config=_config(thread, stored.namespace, stored.id),
            checkpoint=checkpoint,
            metadata=metadata,
            parent_config=_config(thread, stored.namespace, stored.parent_id) if stored.parent_id else None,
            pending_writes=[(write.task_id, *self._loaded(write.body)) for write in stored.writes],
        )


def _packed(kind: str, body: bytes) -> bytes:
    return kind.encode() + b"\n" + body


def _place(config: RunnableConfig) -> tuple[str, str]:
    return config["configurable"]["thread_id"], config["configurable"].get("checkpoint_ns", "")


def _config(thread: str, namespace: str, checkpoint_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": namespace, "checkpoint_id": checkpoint_id}}
