"""How sure a share is, and whether two runs differ."""

import pytest

from evals.statistics import Interval, Paired, interval, paired, percentile, wilson


def rounded(found: Interval) -> tuple[float, float]:
    return round(found.low, 3), round(found.high, 3)


def test_wilson_s_interval_is_that_of_the_textbook() -> None:
    assert rounded(wilson(8 / 10, 10)) == (0.490, 0.943)
    assert rounded(wilson(0.0, 10)) == (0.0, 0.278)
    assert rounded(wilson(1.0, 66)) == (0.945, 1.0)


def test_one_run_counts_each_case_once() -> None:
    assert interval([1.0] * 8 + [0.0] * 2).low == pytest.approx(wilson(0.8, 10).low, abs=0.02)


def test_repeats_that_always_agree_say_no_more_than_one() -> None:
    assert interval([1.0, 1.0, 0.0, 1.0]) == interval([1.0, 1.0, 0.0, 1.0])
    assert rounded(interval([1.0] * 20)) == rounded(wilson(1.0, 20))


def test_repeats_that_vary_within_the_cases_make_it_surer() -> None:
    mixed, fixed = interval([0.75, 0.5] * 10), interval([1.0] * 12 + [0.0] * 8)
    assert mixed.high - mixed.low < fixed.high - fixed.low


def test_two_runs_are_compared_over_the_cases_that_they_share() -> None:
    before = {"a": 1.0, "b": 0.0, "c": 0.0, "d": 0.0, "gone": 1.0}
    after = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 0.0, "new": 0.0}
    assert paired(before, after) == Paired(cases=4, better=2, worse=0, difference=0.5, p_value=0.5)


def test_many_changes_one_way_are_no_chance() -> None:
    cases = [f"c{n}" for n in range(12)]
    assert paired(dict.fromkeys(cases, 0.0), dict.fromkeys(cases, 1.0)).p_value == pytest.approx(2 / 2**12)


def test_repeats_are_compared_by_their_shares() -> None:
    cases = [f"c{n}" for n in range(12)]
    assert paired(dict.fromkeys(cases, 0.5), dict.fromkeys(cases, 0.75)).p_value < 0.01
    assert paired({"a": 0.5, "b": 0.75}, {"a": 0.75, "b": 0.5}).p_value == 1.0


def test_runs_that_share_nothing_do_not_differ() -> None:
    assert paired({"a": 1.0}, {"b": 0.0}) == Paired(0, 0, 0, 0.0, 1.0)


def test_the_percentile_of_nothing_is_zero() -> None:
    assert (percentile([], 0.95), percentile([3.0, 1.0, 2.0], 0.5)) == (0.0, 2.0)
