"""Reminders per second: our worker beside a bare claim-and-insert and beside APScheduler's job store."""

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.rounds import Figures, interleaved, median, spread
from tests.databases import KINDS, started_run

SIDES = {
    "floor": "benchmarks.sides.floor",
    "ours": "benchmarks.sides.ours",
    "job store": "benchmarks.sides.job_store",
}
FIGURES = ("adds", "fires", "start_seconds", "idle_sweep_seconds", "memory_mb")
DUE = 500


def main() -> None:
    """Print a table of medians with their ratios, and the whole as JSON where --json names a file."""
    asked = _asked()
    found = {
        f"{kind}, {rows} reminders": _measured(kind, rows, asked.rounds)
        for kind in asked.databases
        for rows in asked.rows
    }
    for title, sides in found.items():
        print(f"\n{title}, {DUE} of them due")
        for name, figures in sides.items():
            print(f"  {name:10} " + "  ".join(f"{what} {value:,.4g}" for what, value in figures.items()))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


def _measured(kind: str, rows: int, rounds: int) -> dict[str, Figures]:
    with _rooms(kind, len(SIDES) * rounds) as urls:
        # One fresh database for each run; the words of a side are read anew in every round.
        sides = {name: (module, _Words(urls, rows)) for name, module in SIDES.items()}
        heard = interleaved(sides, rounds)
    made = {name: _summary(figures) for name, figures in heard.items()}
    for name in ("floor", "job store"):
        made["ours"][f"fires_over_{name.replace(' ', '_')}"] = made["ours"]["fires"] / made[name]["fires"]
    return made


def _summary(heard: list[Figures]) -> Figures:
    known = [what for what in FIGURES if what in heard[0]]
    return {what: median(heard, what) for what in known} | {"fires_spread": spread(heard, "fires")}


class _Words(list[str]):
    """The arguments of one side: every reading takes the next fresh database."""

    def __init__(self, urls: Iterator[str], rows: int) -> None:
        super().__init__()
        self._urls, self._rows = urls, rows

    def __iter__(self) -> Iterator[str]:
        return iter([next(self._urls), str(self._rows), str(DUE)])


@contextmanager
def _rooms(kind: str, count: int) -> Iterator[Iterator[str]]:
    """Lend as many fresh databases as there are runs, one after the other."""
    with started_run() as run, tempfile.TemporaryDirectory() as folder:

        def one_by_one() -> Iterator[str]:
            for _ in range(count):
                with run.database(kind, Path(folder), migrated=True) as url:
                    yield url

        yield one_by_one()


if __name__ == "__main__":
    main()
