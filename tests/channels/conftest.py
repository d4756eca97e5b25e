"""What tests of channels share: a port on which nobody listens."""

import socket
from collections.abc import Iterator

import pytest


@pytest.fixture
def closed_port() -> Iterator[str]:
    """An address on this machine that refuses every connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, so nobody else gets it; not listening, so it refuses
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
