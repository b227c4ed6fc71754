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
KEPT = 10
"""The last messages, which stay word for word."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A summary of the messages up to the one with the id `until`."""

    summary: str = ""
    until: str = ""


def to_sum_up(messages: Sequence[Message]) -> Sequence[Message]:
    """Return the messages that belong in the summary: none until they have grown long, then all but the last ten."""
    long = len(messages) > MESSAGES or sum(len(message.text) for message in messages) > CHARACTERS
    return messages[:-KEPT] if long else ()
