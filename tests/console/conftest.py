"""The firm with its console, on SQLite; test_journey walks through it on both databases."""

import pytest

from casework.messages import Outcome
from tests.web import signed_in, web_app
from tests.world import opened_world


@pytest.fixture
def world(database_url):
    with opened_world(database_url) as world:
        yield world


@pytest.fixture
def app(world):
    return web_app(world)


@pytest.fixture
def hr(world, app):
    return signed_in(world, app)


@pytest.fixture
def told(world):
    """The firm after its reminder went out by WeChat and was delivered."""
    world.notify()
    world.work()
    world.report(world.wechat, Outcome.DELIVERED, "success")
    return world


@pytest.fixture
def calling(told):
    """The firm three days later: the SMS failed, and HR is asked to ring."""
    told.clock.pass_by(days=1)
    told.work()
    told.report(told.sms, Outcome.REJECTED_PERM, "undelivered 30003")
    told.clock.pass_by(days=2)
    told.work()
    return told
