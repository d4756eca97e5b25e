"""Worlds on both databases."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.engine.world import PretendChannel, World, world


@pytest.fixture
def make_world(database_url: str) -> Iterator[Callable[..., World]]:
    """Make a world with these channels on a fresh database."""
    with ExitStack() as worlds:
        yield lambda *channels: worlds.enter_context(world(database_url, *channels))


@pytest.fixture
def here(make_world: Callable[..., World]) -> World:
    """The usual world: WeChat first, SMS second, neither able to tell what became of a lost answer."""
    return make_world(PretendChannel("wechat_oa"), PretendChannel("sms_twilio"))
