"""What tests of the API share: the pretend firm, and a program that calls the API."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.calling import Program
from tests.databases import TestRun
from tests.world import World, opened_world


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a module's tests on the databases that it names: both where it writes, else the quick one."""
    if "world" in metafunc.fixturenames:
        metafunc.parametrize("world", getattr(metafunc.module, "DATABASES", ["sqlite"]), indirect=True)


@pytest.fixture
def world(request: pytest.FixtureRequest, test_run: TestRun, tmp_path: Path) -> Iterator[World]:
    with test_run.database(request.param, tmp_path, migrated=True) as url, opened_world(url) as opened:
        yield opened


@pytest.fixture
def hr(world: World) -> Program:
    """A program of HR that may do everything but see numbers in full."""
    return Program(world, "hr", "read", "write", "tasks")
