"""The firm with two cases; unsigned as it stands, or with the real signer and a time-stamp service."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.anchors.tsa import TimeStampService
from handlers.desk import Desk
from sandbox.server import Settings, serve
from tests.export.firm import live, live_elsewhere
from tests.signer.office import Office
from tests.world import World, opened_world


@pytest.fixture
def firm(database_url: str) -> Iterator[World]:
    with opened_world(database_url) as world:
        live(world)
        live_elsewhere(world)
        yield world


@pytest.fixture
def signed(firm: World, database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """The firm's desk with its signer behind a socket and the sandbox's time-stamp service."""
    office = Office(firm, database_url, tmp_path)
    with office.running(), serve(Settings("http://127.0.0.1:1", port=0)) as gateways:
        service = TimeStampService(f"{gateways.url}/tsa", secrets.token_bytes)
        yield replace(office.desk, anchors=(service,))
