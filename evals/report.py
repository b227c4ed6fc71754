"""What a run says of each set: figures, and the cases that are wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from evals.outcomes import Verdict
from evals.statistics import Interval, interval, paired, percentile

_WHY_MAX = 8


@dataclass(frozen=True, slots=True)
class Report:
    """The verdicts of one set; a case that was repeated has several."""

    name: str
    verdicts: tuple[Verdict, ...]

    @property
    def by_case(self) -> dict[str, float]:
        """For each case the share of its repeats that is right."""
        return self._mean_of(lambda verdict: float(verdict.right))

    def _mean_of(self, value: Callable[[Verdict], float]) -> dict[str, float]:
        found: dict[str, list[float]] = {}
        for verdict in self.verdicts:
            found.setdefault(verdict.case, []).append(value(verdict))
        return {case: fmean(values) for case, values in found.items()}

    @property
    def right(self) -> float:
        return fmean(self.by_case.values())

    @property
    def interval(self) -> Interval:
        return interval(list(self.by_case.values()))

    def figures(self) -> dict[str, float]:
        """The figures of the set, as the history keeps them. Shares are of 1, times in seconds."""
        total = {name: sum(getattr(v, name) for v in self.verdicts) for name in _COUNTS}
        times = [verdict.wall_s for verdict in self.verdicts]
        return {
            "cases": len(self.by_case),
            "right": self.right,
            "low": self.interval.low,
            "high": self.interval.high,
            "held": fmean(self._mean_of(lambda verdict: verdict.share).values()),
            "calls_accepted": _share(total["calls"] - total["refused"], total["calls"]),
            "calls_right": _share(total["fitting"], total["edits"]),
            "wasted_turns": total["wasted"] / len(self.verdicts),
            "moved_nodes": sum(len(verdict.moved) for verdict in self.verdicts),
            "moved_px": max(verdict.moved_px for verdict in self.verdicts),
            "cost_usd": total["cost_usd"],
            "median_s": percentile(times, 0.5),
            "p95_s": percentile(times, 0.95),
        }

    def lines(self) -> Iterator[str]:
        """The wrong cases, then the figures."""
        for verdict in self.verdicts:
            if not verdict.right or verdict.moved:
                yield f"  {'moved' if verdict.right else 'wrong'}  {verdict.case}  {verdict.text[:120]}"
                yield from (f"           {line}" for line in _reasons(verdict))
        f = self.figures()
        repeats = len(self.verdicts) / len(self.by_case)
        trials = f"{len(self.by_case)} cases" + (f", {repeats:g} times each" if repeats > 1 else "")
        held = f", {f['held']:.1%} of all that is expected" if abs(f["held"] - f["right"]) > 1e-9 else ""
        sure = f"{f['low']:.1%} to {f['high']:.1%}, 95 % Wilson over {trials}"
        yield f"{self.name}: {f['right']:.1%} right ({sure}){held}"
        yield (
            f"  calls: {f['calls_accepted']:.1%} accepted, {f['calls_right']:.1%} part of what is right;"
            f" turns wasted: {f['wasted_turns']:.2f} a case; untouched nodes moved: {f['moved_nodes']:g}"
            f" (by at most {f['moved_px']:.1f} px)"
        )
        yield f"  cost: ${f['cost_usd']:.4f}; time: median {f['median_s']:.2f} s, p95 {f['p95_s']:.2f} s"


_COUNTS = ("calls", "refused", "edits", "fitting", "wasted", "cost_usd")


def compared(name: str, before: Mapping[str, object], after: Report) -> Iterator[str]:
    """How a set stands against an earlier run of it, as the history keeps it."""
    cases, old = before.get("by_case"), before.get("figures")
    if not isinstance(cases, dict) or not isinstance(old, dict):
        return
    test, new = paired(cases, after.by_case), after.figures()
    yield (
        f"{name}, against the last run: {test.difference:+.1%} over {test.cases} shared cases"
        f" ({test.better} better, {test.worse} worse, p = {test.p_value:.2f})"
    )
    changed = [
        f"{key} {old[key]:.4g} → {new[key]:.4g}" for key in new if key in old and abs(new[key] - old[key]) > 1e-9
    ]
    yield f"  {'; '.join(changed) or 'every figure is the same'}"
    yield from (f"  now wrong: {case}" for case in cases if after.by_case.get(case, 1.0) < cases[case])


def _reasons(verdict: Verdict) -> Sequence[str]:
    moved = [f"moved: {', '.join(verdict.moved)}, by up to {verdict.moved_px:.1f} px"] if verdict.moved else []
    more = [f"… {len(verdict.why) - _WHY_MAX} more"] if len(verdict.why) > _WHY_MAX else []
    return [*verdict.why[:_WHY_MAX], *more, *moved]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
