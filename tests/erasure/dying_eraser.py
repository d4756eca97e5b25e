"""A process that approves an erasure and is killed at one point of it; started by test_once_more.py."""

import os
import signal
import sys
from pathlib import Path

from handlers import erase, erasing
from storage.access import user_by_id
from storage.book import Archive
from storage.engine import open_engine
from storage.erase_list import EraseList
from storage.ids import SystemIds
from storage.keys import Keys
from tests.world import HandClock


def main(url: str, folder: str, asked: str, user_id: str, at: str) -> None:
    """Approve, and die at ``begun``, ``destroyed`` or ``committed``."""
    keys = Keys("test", bytes(range(32)))
    archive = Archive(open_engine(url, keys), keys, HandClock(), SystemIds())
    with archive.reading() as view:
        user = user_by_id(view.connection, user_id)
    assert user is not None
    place, name = {
        "begun": (erasing, "carry_out"), "destroyed": (erasing, "_done"), "committed": (EraseList, "end")
    }[at]  # fmt: skip
    setattr(place, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    erase.approve(archive, Path(folder), asked, user)


if __name__ == "__main__":
    main(*sys.argv[1:])
