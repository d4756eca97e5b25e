"""A firm whose webhooks come in through the real web application, and the means to take its database away."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.databases import TestRun
from tests.engine.world import PretendChannel, World, world
from tests.operations.door import Door


@pytest.fixture
def make_world(database_url: str) -> Iterator[Callable[..., World]]:
    """Make a world with these channels on a fresh database."""
    with ExitStack() as worlds:
        yield lambda *channels: worlds.enter_context(world(database_url, *channels))


@pytest.fixture
def anywhere(make_world: Callable[..., World]) -> World:
    """The usual world, WeChat first, SMS second, on each kind of database."""
    return make_world(PretendChannel("wechat_oa"), PretendChannel("sms_twilio"))


@pytest.fixture
def here(test_run: TestRun, tmp_path: Path) -> Iterator[World]:
    """The usual world on SQLite, for what does not depend on the database."""
    lent = test_run.database("sqlite", tmp_path, migrated=True)
    with lent as url, world(url, PretendChannel("wechat_oa"), PretendChannel("sms_twilio")) as firm:
        yield firm


@pytest.fixture
def door(test_run: TestRun, tmp_path: Path) -> Iterator[Door]:
    """The door for webhooks of a firm, with a SQLite database that can be taken away."""
    with test_run.database("sqlite", tmp_path, migrated=True) as url, _opened(url, tmp_path) as made:
        yield made


@pytest.fixture
def any_door(database_url: str, tmp_path: Path) -> Iterator[Door]:
    """The same on each kind of database."""
    with _opened(database_url, tmp_path) as made:
        yield made


@contextmanager
def _opened(url: str, folder: Path) -> Iterator[Door]:
    with world(url, PretendChannel("wechat_oa")) as firm, Door(firm, folder) as made:
        yield made
