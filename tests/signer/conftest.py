"""The pretend firm with a signer, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scheduler.signer import signing
from tests.signer.office import Backup, Office
from tests.world import opened_world


@pytest.fixture
def office(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(signing, "WAIT", 0.3)  # no test waits ten seconds for what does not come
    with opened_world(database_url) as world:
        yield Office(world, database_url, tmp_path)


@pytest.fixture
def back_up(office: Office, tmp_path: Path) -> Iterator[Callable[[], Backup]]:
    """Make backups when the test wants them."""
    made: list[Backup] = []

    def make() -> Backup:
        made.append(Backup(office, tmp_path))
        return made[-1]

    yield make
    for one in made:
        one.drop()


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of four leaves, so that a short log has many."""
    for module in ("memory", "tail", "state"):
        monkeypatch.setattr(f"scheduler.signer.{module}.BLOCK", 4)
    for module in ("memory", "blocks"):
        monkeypatch.setattr(f"scheduler.signer.{module}.LEVEL", 2)
