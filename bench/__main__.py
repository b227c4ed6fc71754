"""Run every measurement, print it, and with --write keep it as the run to compare with."""

import argparse
import asyncio
import sys
from collections.abc import Iterator

from bench import browser, core, serving
from bench.figures import Figure, read_last, write_last


def measure(only: str | None) -> Iterator[Figure]:
    for group in (
        core.layouts,
        core.imports,
        core.commits,
        core.opening,
        core.turns,
        serving.polls,
        serving.crowd,
        browser.editor,
    ):
        if only is None or only == group.__name__:
            outcome = group()
            yield from asyncio.run(outcome) if asyncio.iscoroutine(outcome) else outcome


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep this run as the one to compare with")
    parser.add_argument("--only", help="one group of measurements")
    options = parser.parse_args()
    last, figures = read_last(), []
    for figure in measure(options.only):
        figures.append(figure)
        sys.stdout.write(figure.line(last.get(figure.name)) + "\n")
        sys.stdout.flush()
    if options.write:
        write_last(figures)
    return 0


sys.exit(main())
