"""A migration that is killed (SIGKILL) before its n-th statement; run by test_upgrades.py."""

import os
import signal
import sys

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from storage.migrations import upgrade


def main(url: str, last: str) -> None:
    left = [int(last)]

    @sa.event.listens_for(Engine, "before_cursor_execute")
    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    upgrade(url)
    print("survived")


if __name__ == "__main__":
    main(*sys.argv[1:])
