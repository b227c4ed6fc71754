"""A streaming turn on the board: at once its first complete call, then at most ten times a second."""

import asyncio
import re
from typing import Any

from archwright.agent.board import Board, Drawing
from archwright.agent.sketch import Sketch
from archwright.model.calls import Anew
from archwright.model.failures import in_words
from archwright.model.ports import ModelEvent, TextDelta, ToolCallDone, Waiting

_EVERY_S = 0.1
_LINE_MAX = 200


class Show:
    """Told every event of one streaming turn, and when it starts anew. `number` is the turn's in the preview."""

    def __init__(self, board: Board, context: str, number: int, sketch: Sketch) -> None:
        self._board = board
        self._context = context
        self._number = number
        self._blank = sketch
        self._start_anew()

    def _start_anew(self) -> None:
        self._sketch = self._blank.copy()
        self._text = ""
        self._streamed = 0
        self._next_at = 0.0
        self._preview: dict[str, Any] | None = None

    async def tell(self, event: ModelEvent | Anew) -> None:
        loop = asyncio.get_running_loop()
        if isinstance(event, Anew):
            self._start_anew()
            await self._write("retrying", _one_line(event.why))
        elif isinstance(event, Waiting):
            said = f"The model is slow to start: no word from it for {in_words(event.seconds)}"
            await self._write("thinking", said)
        elif isinstance(event, TextDelta):
            self._text += event.text
            if loop.time() >= self._next_at:
                self._next_at = loop.time() + 5 * _EVERY_S
                await self._write("thinking", self._sentence())
        elif isinstance(event, ToolCallDone):
            self._sketch.add(event.name, event.input)
            self._streamed += 1
            if loop.time() >= self._next_at or self._streamed == 1:
                self._preview = await asyncio.to_thread(self._sketch.preview, self._number)
                await self._write("drawing", self._sentence())
                self._next_at = loop.time() + _EVERY_S

    def _sentence(self) -> str:
        first = re.split(r"(?<=[.!?])\s", " ".join(self._text.split()), maxsplit=1)[0]
        return first[:160] or "Working on it"

    async def _write(self, phase: str, message: str) -> None:
        nodes, edges = self._sketch.added()
        await self._board.show(self._context, phase, message, Drawing(self._streamed, nodes, edges, self._preview))


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LINE_MAX else f"{line[: _LINE_MAX // 2]} … {line[-_LINE_MAX // 2 :]}"
