"""Worlds with a signer and anchors, on both databases; a pretend time-stamp service."""

from contextlib import ExitStack

import pytest

from sandbox.server import Settings, serve
from tests.anchors.world import anchored_world


@pytest.fixture
def make_world(database_url, tmp_path):
    with ExitStack() as worlds:
        yield lambda *anchors: worlds.enter_context(anchored_world(database_url, tmp_path, *anchors))


@pytest.fixture
def tsa():
    """The sandbox's service; its address, with room for a fate behind it."""
    with serve(Settings("http://127.0.0.1:1", port=0, hold_seconds=20)) as running:
        yield f"{running.url}/tsa"
