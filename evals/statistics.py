"""How sure a share is, and whether two runs differ. Pure, and the same figures for the same input."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, sqrt
from statistics import fmean

_Z = 1.959964
"""Two-sided 95 %."""
_FLIPS = 10_000
_SEED = 20_261


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


def wilson(share: float, count: float) -> Interval:
    """Return the 95 % Wilson score interval of a share of `count` independent trials. Unlike the usual mean ± 2
    standard errors it keeps its coverage near 0 and 1, where good models are."""
    if count <= 0:
        return Interval(0.0, 1.0)
    centre = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def interval(by_case: Sequence[float]) -> Interval:
    """Return the 95 % interval of the mean over cases, each a share of its repeats that is right.

    Repeats of a case are not independent, so the trials are counted by their design effect (Korn and Graubard): the
    Wilson interval at the number of independent trials that would vary as the cases do. That is the number of cases
    with one repeat, or when each case is always right or always wrong, and more when repeats differ within cases."""
    share, cases = fmean(by_case), len(by_case)
    variance = sum((one - share) ** 2 for one in by_case) / (cases * max(1, cases - 1))
    effective = share * (1 - share) / variance if variance > 0 else cases
    return wilson(share, max(cases, effective))


@dataclass(frozen=True, slots=True)
class Paired:
    """A comparison over the cases that two runs share: how many got better and worse, the difference of the mean
    shares, and how likely so large a one is if nothing changed."""

    cases: int
    better: int
    worse: int
    difference: float
    p_value: float


def paired(before: Mapping[str, float], after: Mapping[str, float]) -> Paired:
    """Compare two runs case by case.

    Where every case is wholly right or wrong in both, the p-value is that of the exact McNemar test; with repeats
    that differ it is that of a permutation test, which lets each case's difference change its sign."""
    shared = [case for case in before if case in after]
    gains = [after[case] - before[case] for case in shared]
    better, worse = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
    whole = all(gain in (-1, 0, 1) for gain in gains)
    p_value = _mcnemar(better, worse) if whole else _sign_flips([gain for gain in gains if gain])
    return Paired(len(shared), better, worse, fmean(gains) if gains else 0.0, p_value)


def _mcnemar(better: int, worse: int) -> float:
    changed = better + worse
    tail = sum(comb(changed, k) for k in range(min(better, worse) + 1)) * 0.5**changed
    return min(1.0, 2 * tail)


def _sign_flips(gains: Sequence[float]) -> float:
    chance, found = random.Random(_SEED), abs(sum(gains))
    flips = (abs(sum(gain * chance.choice((-1, 1)) for gain in gains)) for _ in range(_FLIPS))
    return (1 + sum(flip >= found - 1e-9 for flip in flips)) / (1 + _FLIPS)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0
