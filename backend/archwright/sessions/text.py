"""The text that people send to the agent, checked once for every way in."""

from archwright.diagram.model import plain_text
from archwright.errors import InvalidRequest, LimitExceeded

PROMPT_MAX = 20_000


def check_prompt(text: str) -> str:
    """Return the text without surrounding white space. Raises InvalidRequest for an empty text or control
    characters, LimitExceeded above 20,000 characters."""
    stripped = text.strip()
    if len(stripped) > PROMPT_MAX:
        raise LimitExceeded(f"The text has {len(stripped):,} characters; at most {PROMPT_MAX:,} are allowed.")
    try:
        plain_text(stripped)
    except ValueError as error:
        raise InvalidRequest(f"The text {error}.") from None
    if not stripped:
        raise InvalidRequest("The text is empty: describe a system, or say what to change.")
    return stripped
