"""Run several programs in turn, round after round, and keep the medians and how far they spread."""

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence

Figures = dict[str, float]


def run_side(module: str, words: Sequence[str]) -> Figures:
    """Run one program in a fresh process and return what it measured. Raises with its last words."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words], capture_output=True, text=True, check=False, timeout=3600
    )
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(words)} failed:\n{done.stderr[-2000:]}")
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def interleaved(sides: Mapping[str, tuple[str, Sequence[str]]], rounds: int) -> dict[str, list[Figures]]:
    """Run every side once in each round, so that a noisy minute harms all of them alike."""
    heard: dict[str, list[Figures]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, (module, words) in sides.items():
            print(f"round {number + 1}/{rounds}: {name}", file=sys.stderr)
            heard[name].append(run_side(module, words))
    return heard


def median(heard: Sequence[Figures], what: str) -> float:
    """Return the median of one figure over the rounds."""
    return statistics.median(one[what] for one in heard)


def spread(heard: Sequence[Figures], what: str) -> float:
    """Return how far the rounds lie apart, as a part of their median."""
    found = [one[what] for one in heard]
    middle = statistics.median(found)
    return (max(found) - min(found)) / middle if middle else 0.0
