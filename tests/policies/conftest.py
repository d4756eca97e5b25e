"""The usual world on both databases."""

from collections.abc import Iterator

import pytest

from tests.engine.world import PretendChannel, World, world


@pytest.fixture
def here(database_url: str) -> Iterator[World]:
    """A firm with WeChat first and SMS second."""
    with world(database_url, PretendChannel("wechat_oa"), PretendChannel("sms_twilio")) as made:
        yield made
