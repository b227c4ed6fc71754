"""The provider's prompt cache as its documentation describes it, so that a test can count what it would have served.

A prefix is kept up to each mark, tools first, then the system prompt, then the messages block by block; the automatic
mark stands on the last block. A request is served the longest prefix that ends at most 20 blocks before one of its
marks.
Prefixes below 4,096 tokens, the most that any model asks for, are not kept. Caches are of one model each.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

LEAST_TOKENS = 4_096
LOOK_BACK = 20
CHARS_A_TOKEN = 4


class PromptCache:
    """Counts the usage of one request after the other, as the provider would report it."""

    def __init__(self) -> None:
        self._kept: set[str] = set()

    def usage(self, body: dict[str, Any]) -> dict[str, int]:
        """Return input, cache read and cache write tokens of a request, and keep its prefixes."""
        blocks = list(_blocks(body))
        ends, marks, digest, total = [], [], hashlib.sha256(body["model"].encode()), 0
        for text, marked in blocks:
            digest.update(text.encode())
            total += max(1, len(text) // CHARS_A_TOKEN)
            ends.append((digest.copy().hexdigest(), total))
            marks += [len(ends) - 1] if marked else []
        read = max((self._served(ends, mark) for mark in marks), default=0)
        self._kept |= {ends[mark][0] for mark in marks if ends[mark][1] >= LEAST_TOKENS}
        last = ends[marks[-1]][1] if marks else 0
        written = last - read if last >= LEAST_TOKENS else 0
        return {
            "input_tokens": total - read - written, "cache_read_input_tokens": read,
            "cache_creation_input_tokens": written,
        }  # fmt: skip

    def _served(self, ends: list[tuple[str, int]], mark: int) -> int:
        near = range(mark, max(-1, mark - LOOK_BACK), -1)
        return next((ends[index][1] for index in near if ends[index][0] in self._kept), 0)


def _blocks(body: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    parts = [*body.get("tools", []), *_listed(body.get("system") or [])]
    for message in body["messages"]:
        parts += [{**block, "role": message["role"]} for block in _listed(message["content"])]
    for index, part in enumerate(parts):
        marked = "cache_control" in part or (index == len(parts) - 1 and "cache_control" in body)
        yield json.dumps({name: value for name, value in part.items() if name != "cache_control"}), marked


def _listed(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content
