"""A whole deployment for each test: real database, web server, worker processes, pretend gateways."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from rich.console import Console

from bot.commands.cast import CAST
from bot.commands.demonstration import Demonstration, demonstration, worker_process
from bot.commands.story import Teller
from storage.book import Archive
from tests.databases import KINDS, TestRun


class Journey:
    """One deployment and the means to look into it from outside."""

    def __init__(self, stage: Demonstration, log: Path) -> None:
        self.stage, self.log, self.person = stage, log, CAST[0]
        self.teller = Teller(stage, Console(quiet=True))
        self.http = requests.Session()
        self.http.trust_env = False

    @property
    def archive(self) -> Archive:
        return self.stage.desk.archive

    def worker(self, **env: str):
        return worker_process(self.stage.data / "config.toml", self.log, **env)

    def until(self, what: str, ready: Callable[[], object], seconds: float = 60):
        import time

        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := ready():
                return found
            time.sleep(0.05)  # polling a real process from outside: there is no event to wait for
        raise AssertionError(f"{what} did not happen within {seconds:.0f} s:\n{self.log.read_text()[-3000:]}")

    def gateway(self, act: str, **body: object):
        return self.http.post(f"{self.stage.gateways_url}/admin/{act}", json=body, timeout=30).json()

    def shown(self) -> list[int]:
        """How often the person would have seen each message that a gateway accepted."""
        accepted = self.http.get(f"{self.stage.gateways_url}/admin/accepted", timeout=10).json()
        return [one["shown"] for one in accepted]


@pytest.fixture(scope="module", params=KINDS)
def shared(request: pytest.FixtureRequest, test_run: TestRun, tmp_path_factory) -> Iterator[Journey]:
    """One deployment with its worker for a file whose tests need no fresh one: a start takes seconds."""
    room = tmp_path_factory.mktemp("shared")
    with test_run.database(request.param, room, migrated=True) as url:
        port = random.randint(9_000, 29_000)
        with demonstration(room / "data", port, url, worker=True) as stage:
            started = Journey(stage, stage.data / "worker.log")
            started.teller._enter(started.person)
            yield started


@pytest.fixture
def journey(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Journey]]:
    """Start deployments on this test's database."""
    with ExitStack() as running:

        def start(*, worker: bool) -> Journey:
            port = random.randint(9_000, 29_000)  # below the range that outgoing connections use
            stage = running.enter_context(demonstration(tmp_path / "data", port, database_url, worker=worker))
            return Journey(stage, tmp_path / "worker.log" if not worker else stage.data / "worker.log")

        yield start
