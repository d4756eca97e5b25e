"""A process that keeps arrivals on disk until it is killed; run by test_spool.py."""

import sys
from pathlib import Path

from storage.ids import SystemIds
from storage.spool import Spool
from tests.engine.world import KEYS


def main(folder: str) -> None:
    spool, ids, number = Spool(Path(folder), KEYS, files=10**9), SystemIds(), 0
    while True:
        spool.keep(ids.uuid(), str(number).encode())
        print(number, flush=True)  # the acknowledgement
        number += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
