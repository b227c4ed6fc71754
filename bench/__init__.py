"""Measurements of the numbers that the design sets; run with `scripts/bench`."""
