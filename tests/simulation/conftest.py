"""Worlds on both databases, for what a calendar does to running ladders."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.databases import TestRun
from tests.engine.world import PretendChannel, World, world


@pytest.fixture
def make_world(database_url: str) -> Iterator[Callable[..., World]]:
    """Make a world with these channels on a fresh database."""
    with ExitStack() as worlds:
        yield lambda *channels: worlds.enter_context(world(database_url, *channels))


@pytest.fixture
def here(make_world: Callable[..., World]) -> World:
    """The usual world: WeChat first, SMS second."""
    return make_world(PretendChannel("wechat_oa"), PretendChannel("sms_twilio"))


@pytest.fixture
def quick(test_run: TestRun, tmp_path: Path) -> Iterator[World]:
    """The usual world on SQLite alone, for what is only about the time."""
    channels = PretendChannel("wechat_oa"), PretendChannel("sms_twilio")
    with test_run.database("sqlite", tmp_path, migrated=True) as url, world(url, *channels) as made:
        yield made
