"""Firms with many people on both databases."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.engine.world import World, world
from tests.throttles.world import Crowd


@pytest.fixture
def crowd(database_url: str) -> Iterator[Callable[..., Crowd]]:
    """Make a firm with these accounts on a fresh database."""
    with ExitStack() as open_ones:

        def make(*gateways: object, **limits: object) -> Crowd:
            made = Crowd(database_url, *gateways, **limits)
            open_ones.callback(made.archive.engine.dispose)
            return made

        yield make


@pytest.fixture
def make_world(database_url: str) -> Iterator[Callable[..., World]]:
    """Make the usual firm with these channels on a fresh database."""
    with ExitStack() as worlds:
        yield lambda *channels: worlds.enter_context(world(database_url, *channels))
