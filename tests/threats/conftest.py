"""The deployment under attack, on both databases or on one, with papers left out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.export.firm import members
from tests.signer.office import Backup
from tests.threats.bent import Files
from tests.threats.court import Court, opened_court
from tests.world import opened_world


@pytest.fixture(autouse=True)
def no_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn for people is made of the same records elsewhere, and takes seconds."""
    monkeypatch.setattr("handlers.export.bundle.Bundle._papers", lambda *_: None)
    monkeypatch.setattr("scheduler.signer.signing.WAIT", 0.3)


@pytest.fixture
def court(database_url: str, tmp_path: Path) -> Iterator[Court]:
    with opened_world(database_url) as world, opened_court(world, database_url, tmp_path) as made:
        made.live()
        yield made


@pytest.fixture
def bag(court: Court) -> tuple[Court, Files]:
    """The files of an export."""
    return court, members(court.export())


@pytest.fixture
def back_up(court: Court, tmp_path: Path) -> Iterator[Callable[[], Backup]]:
    made: list[Backup] = []

    def make() -> Backup:
        made.append(Backup(court.office, tmp_path))
        return made[-1]

    yield make
    for one in made:
        one.drop()
