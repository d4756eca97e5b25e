"""Token buckets: never more than the limit, whoever asks, and what a gateway asked for is kept to."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from storage.buckets import Bucket, closings, give_back, shut, take, without_room
from storage.engine import open_engine
from storage.schema import bucket

NOON = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
TWO_A_SECOND = Bucket("account/sms/hk", capacity=4, per_second=2.0)
TEN_A_DAY = Bucket("day/sms/hk", capacity=10, since=NOON - timedelta(hours=12))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_engine(database_url)
    yield made
    made.dispose()


def taken(engine: Engine, one: Bucket, at: datetime, asked: int = 30) -> int:
    """How many of so many messages may leave at this moment."""
    with engine.begin() as connection:
        return sum(take(connection, one, at) for _ in range(asked))


def after(**time: float) -> datetime:
    return NOON + timedelta(**time)


@pytest.mark.parametrize(
    ("waited", "may_leave"),
    [(0, 0), (0.4, 0), (0.5, 1), (1.4, 2), (2, 4), (3600, 4), (-3600, 4), (-60, 0)],
    ids=["at once", "too soon", "half a second", "not yet three", "full", "never more than full",
         "the clock was set back by an hour", "another host's clock is a minute behind"],
)  # fmt: skip
def test_a_bucket_that_was_emptied_fills_by_its_rate(engine, waited: float, may_leave: int):
    assert taken(engine, TWO_A_SECOND, NOON) == 4
    assert taken(engine, TWO_A_SECOND, after(seconds=waited)) == may_leave


def test_half_a_token_is_not_lost_by_asking_too_soon(engine):
    taken(engine, TWO_A_SECOND, NOON)
    for tenth in range(1, 5):
        assert taken(engine, TWO_A_SECOND, after(seconds=tenth / 10)) == 0
    assert taken(engine, TWO_A_SECOND, after(seconds=0.5)) == 1


def test_a_day_s_quota_begins_anew_with_the_day_and_not_before(engine):
    assert taken(engine, TEN_A_DAY, NOON) == 10
    assert taken(engine, TEN_A_DAY, after(hours=11)) == 0
    tomorrow = Bucket(TEN_A_DAY.name, 10, since=after(hours=12))
    assert taken(engine, tomorrow, after(hours=12)) == 10
    assert taken(engine, tomorrow, after(hours=13)) == 0


def test_several_workers_together_take_no_more_than_there_is(engine):
    whole = Bucket("account/sms/shared", capacity=25, since=NOON)
    with ThreadPoolExecutor(4) as workers:
        found = workers.map(lambda _: taken(engine, whole, NOON, asked=10), range(6))
        assert sum(found) == 25


@pytest.mark.parametrize(
    "one", [TWO_A_SECOND, TEN_A_DAY, Bucket("account/free/main")], ids=lambda one: one.name
)
def test_a_closed_bucket_gives_nothing_until_the_gateway_s_wait_is_over(engine, one: Bucket):
    with engine.begin() as connection:
        shut(connection, one.name, NOON, after(minutes=5))
        shut(connection, one.name, NOON, after(minutes=1))  # a shorter wait does not open it earlier
        assert closings(connection, NOON) == {one.name: after(minutes=5)}
        assert without_room(connection, [one], after(minutes=4)) == {one.name}
    assert taken(engine, one, after(minutes=4)) == 0
    if one is not TEN_A_DAY:
        assert taken(engine, one, after(minutes=5), asked=1) == 1


def test_a_bucket_without_a_limit_keeps_no_count(engine):
    assert taken(engine, Bucket("account/free/main"), NOON, asked=100) == 100
    with engine.connect() as connection:
        assert connection.execute(sa.select(bucket)).all() == []


def test_a_token_given_back_can_be_taken_again(engine):
    taken(engine, TWO_A_SECOND, NOON)
    with engine.begin() as connection:
        give_back(connection, TWO_A_SECOND)
    assert taken(engine, TWO_A_SECOND, NOON) == 1


def test_a_trickle_is_not_worth_claiming_for(engine):
    with engine.begin() as connection:
        assert without_room(connection, [TWO_A_SECOND, TEN_A_DAY], NOON) == set()
    taken(engine, TWO_A_SECOND, NOON)
    taken(engine, TEN_A_DAY, NOON, asked=9)
    with engine.begin() as connection:
        assert without_room(connection, [TWO_A_SECOND, TEN_A_DAY], after(seconds=0.5)) == {TWO_A_SECOND.name}
        assert without_room(connection, [TWO_A_SECOND, TEN_A_DAY], after(seconds=1)) == set()
