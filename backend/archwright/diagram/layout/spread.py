"""Keeping values apart with the least change."""

from collections.abc import Sequence


def spread(wishes: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Return values in the given order, at least `apart` from each other and between `low` and `high`, each as near
    to its wish as the others let it. Where there is no room for that, they stand closer, at equal distances."""
    if len(wishes) == 1:
        return [min(max(wishes[0], low), high)]
    apart = min(apart, max(0.0, (high - low) / (len(wishes) - 1)))
    blocks: list[tuple[float, int]] = []
    for index, wish in enumerate(wishes):
        mean, count = wish - index * apart, 1
        while blocks and blocks[-1][0] > mean:
            other, size = blocks.pop()
            mean, count = (other * size + mean * count) / (size + count), size + count
        blocks.append((mean, count))
    top = high - (len(wishes) - 1) * apart
    means = [min(max(mean, low), top) for mean, count in blocks for _ in range(count)]
    return [mean + index * apart for index, mean in enumerate(means)]
