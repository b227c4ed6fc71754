"""A figure: its name, its repeats, and how it stands against its goal and the last committed run."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median

LAST = Path(__file__).parent / "last.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """`values` are the repeats in `unit`; the figure is their median. `goal` is the most that is wanted, or with
    `more` the least."""

    name: str
    unit: str
    values: tuple[float, ...]
    goal: float | None = None
    more: bool = False

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def reached(self) -> bool:
        if self.goal is None:
            return True
        return self.median >= self.goal if self.more else self.median <= self.goal

    def line(self, last: float | None) -> str:
        goal = "" if self.goal is None else f"{'>=' if self.more else '<='} {self.goal:g}"
        ratio = "" if not last else f"x{self.median / last:.2f} of last"
        spread = f"{min(self.values):.3g} to {max(self.values):.3g}"
        mark = "ok  " if self.reached else "MISS"
        return f"{mark} {self.name:<58} {self.median:>9.3g} {self.unit:<6} {goal:<9} ({spread}) {ratio}"


def read_last() -> dict[str, float]:
    return json.loads(LAST.read_text()) if LAST.exists() else {}


def write_last(figures: list[Figure]) -> None:
    LAST.write_text(json.dumps({f.name: round(f.median, 4) for f in figures}, indent=2, sort_keys=True) + "\n")
