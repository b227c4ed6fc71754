"""One line a record on standard error."""

import logging


def configure_logging(level: str) -> None:
    """Send records of `level` and above to standard error. Level: debug, info, warning or error."""
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", datefmt="%H:%M:%S"
    )
    for chatty in ("httpx2", "httpcore2", "anthropic", "asyncio", "filelock", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
