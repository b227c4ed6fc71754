"""What is remembered of a long conversation: a summary of its beginning; the messages after it stay word for word."""

from collections.abc import Sequence
from dataclasses import dataclass

from archwright.jobs.model import Message

KIND = "memory"
"""The kind of value under which a session's memory is stored."""
CHARACTERS = 24_000
"""Of messages word for word, from which on the older ones are summed up: about 6,000 tokens."""
MESSAGES = 60
"""The same as a number of messages."""
KEPT, KEPT_CHARACTERS = 10, 8_000
"""At most so many of the last messages stay word for word, with so many characters; the last two always."""
MESSAGE_MAX = 4_000
"""Characters of a message that a model is told."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A summary of the messages up to the one with the id `until`."""

    summary: str = ""
    until: str = ""


def to_sum_up(messages: Sequence[Message]) -> Sequence[Message]:
    """Return the messages that belong in the summary: none until they have grown long, then all but the last ones."""
    sizes = [min(len(message.text), MESSAGE_MAX) for message in messages]
    if len(sizes) <= MESSAGES and sum(sizes) <= CHARACTERS:
        return ()
    kept, total = 0, 0
    for size in reversed(sizes[-KEPT:]):
        total += size
        if kept >= 2 and total > KEPT_CHARACTERS:
            break
        kept += 1
    return messages[: len(messages) - kept]
