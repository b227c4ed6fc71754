"""The tokens that a provider reports, as far as they can be true. Pure."""

COUNT_MAX = 1_000_000_000
"""More tokens than any call uses."""

_USAGE = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cache_creation_input_tokens": "cache_write_tokens",
}


def counts_in(usage: object) -> dict[str, int]:
    """Return what a report of usage counts, by the names of `Usage`; what is no number of tokens is left out."""
    if not isinstance(usage, dict):
        return {}
    read = {ours: _count(usage.get(wire)) for wire, ours in _USAGE.items()}
    return {name: count for name, count in read.items() if count is not None}


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= COUNT_MAX else None
