"""Measure how well a model draws, edits, asks and writes, over the development sets.

Every case is a whole job over the whole product; with --batch only the first turn of each is asked for, at half the
price. Calls of a real model cost money: --only and --set choose a few, and the cost is printed.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, get_args

from evals import history
from evals.batching import batched
from evals.cases import Part
from evals.outcomes import Verdict
from evals.report import Report, compared
from evals.running import Product, product
from evals.sets import SETS, Trial

Run = Callable[[Sequence[Trial], int], Awaitable[list[Verdict]]]


def options_of(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/eval", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", help="which model to ask; by default the one that the product would")
    parser.add_argument("--set", default="all", choices=["all", *SETS], help="which set to run")
    parser.add_argument(
        "--part", default="all", choices=get_args(Part), help="of edits and drawings: the hold-out or the rest"
    )
    parser.add_argument("--only", default="", help="run only the cases whose id or text holds this")
    parser.add_argument("--repeats", type=_count, default=1, help="how often to run each case")
    parser.add_argument("--concurrency", type=_count, default=4, help="cases at once")
    parser.add_argument("--batch", action="store_true", help="ask for first turns alone, by the Message Batches API")
    parser.add_argument("--write", action="store_true", help="keep the run in evals/history.jsonl")
    parser.add_argument("--compare", action="store_true", help="print the difference to the last run that was kept")
    return parser.parse_args(words)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number of 1 or more")
    return int(text)


async def evaluate(options: argparse.Namespace, say: Callable[[str], object]) -> list[Report]:
    """Run the sets that the options choose, report each as it ends, and keep or compare as they say."""
    settings = {name: getattr(options, name) for name in ("part", "only", "repeats", "batch")}
    async with product(options.model, concurrency=options.concurrency, works=not options.batch) as at:
        reports = list[Report]()
        for name, trials in _chosen(options).items():
            verdicts = await (batched if options.batch else _whole_jobs)(at, trials, options.repeats)
            reports.append(Report(name, tuple(verdicts)))
            for line in [*reports[-1].lines(), *_against_last(at.model, reports[-1], settings, options.compare)]:
                say(line)
        if options.write and reports:
            history.keep(history.entry(reports, at.model, settings))
    return reports


def _chosen(options: argparse.Namespace) -> dict[str, list[Trial]]:
    names = list(SETS) if options.set == "all" else [options.set]
    found = {name: [t for t in SETS[name](options.part) if t.matches(options.only)] for name in names}
    if options.batch:
        found = {name: [trial for trial in trials if trial.submit is not None] for name, trials in found.items()}
    return {name: trials for name, trials in found.items() if trials}


async def _whole_jobs(at: Product, trials: Sequence[Trial], repeats: int) -> list[Verdict]:
    room = asyncio.Semaphore(at.here.settings.worker_concurrency)

    async def one(trial: Trial) -> Verdict:
        async with room:
            return trial.judge(await trial.run(at))

    return list(await asyncio.gather(*(one(trial) for trial in trials for _ in range(repeats))))


def _against_last(model: str, report: Report, settings: dict[str, Any], wanted: bool) -> list[str]:
    if not wanted:
        return []
    run = history.last(model, report.name, settings)
    if run is None:
        return [f"{report.name}: no run of {model} was kept to compare with"]
    told = f"  the last run: {run['at']}, commit {run['commit']}, prompts {run['prompts']}"
    return [*compared(report.name, run["sets"][report.name], report), told]


def main() -> int:
    def say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    reports = asyncio.run(evaluate(options_of(), say))
    if not reports:
        say("No case is meant by that.")
    return 0 if reports else 1


if __name__ == "__main__":
    sys.exit(main())
