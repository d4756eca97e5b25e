"""What every test may ask for: real databases, a server of its own, the public test vectors."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.browser import launched
from tests.databases import KINDS, TestRun, started_run
from tests.postgres import PostgresServer
from tests.templates import remember_templates

RUN = "HUIZHENG_TEST_RUN"  # tells the workers of pytest-xdist the folder of their controller
ROOT = Path(__file__).parent.parent
_open = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    # Plain lines as in production: the coloured traceback of a terminal takes seconds to draw.
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()]
    )
    remember_templates()
    if not hasattr(config, "workerinput"):
        os.environ[RUN] = str(_open.enter_context(started_run()).folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    _open.close()


@pytest.fixture(scope="session")
def test_run() -> TestRun:
    return TestRun(Path(os.environ[RUN]))


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, test_run: TestRun, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database; the test runs once on each kind."""
    with test_run.database(request.param, tmp_path, migrated=True) as url:
        yield url


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, test_run: TestRun, tmp_path: Path) -> Iterator[str]:
    """A fresh database without any table; the test runs once on each kind."""
    with test_run.database(request.param, tmp_path, migrated=False) as url:
        yield url


@pytest.fixture
def own_postgres(test_run: TestRun) -> Iterator[PostgresServer]:
    """A PostgreSQL server that this test alone uses and may stop and start."""
    server = PostgresServer(test_run.folder / os.urandom(4).hex())
    server.create()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for the whole run."""
    yield from launched()


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of public test vectors, which lies beside the project and not in it."""
    folder = Path(os.environ.get("HUIZHENG_VECTORS", ROOT.parent / "shared" / "vectors"))
    if not folder.is_dir():
        pytest.skip(f"no test vectors in {folder}; HUIZHENG_VECTORS may name another folder")
    return folder
