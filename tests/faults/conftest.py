"""Worlds on both databases, and a place for a gateway's book."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.conftest import here, make_world
from tests.engine.world import World
from tests.faults.world import Booked

__all__ = ["here", "make_world"]


@pytest.fixture
def booked(make_world, tmp_path: Path) -> Callable[..., tuple[World, Booked]]:
    """Make a world with one gateway whose book survives a killed worker."""

    def make(able: str = "nothing") -> tuple[World, Booked]:
        gateway = Booked(tmp_path / "gateway.jsonl", able)
        return make_world(gateway), gateway

    return make
