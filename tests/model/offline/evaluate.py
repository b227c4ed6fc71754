"""Score the offline planner: `scripts/eval [prompts.toml …]`."""

import sys
from pathlib import Path

from tests.model.offline.scoring import prompts, score

DEVELOPMENT = Path(__file__).parent / "prompts" / "development.toml"


def main(paths: list[Path]) -> None:
    scores = [score(expected) for path in paths for expected in prompts(path)]
    for found in scores:
        sys.stdout.write(f"{found.share:5.0%}  {found.nodes:3d} nodes  {found.text[:80]!r}\n")
        for missing in found.missing:
            sys.stdout.write(f"         missing: {missing}\n")
    wanted, missing = sum(s.wanted for s in scores), sum(len(s.missing) for s in scores)
    sys.stdout.write(f"{1 - missing / wanted:.1%} of {wanted} expectations over {len(scores)} prompts\n")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [DEVELOPMENT])
