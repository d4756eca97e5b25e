"""What is foreseen is what happens: the same ladder foreseen, and lived through by the real engine."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from casework.assumptions import Assumptions, read_fates
from casework.ladder_form import load_policy
from casework.playing import Played, play
from casework.workdays import load_calendar
from tests.databases import TestRun
from tests.simulation.drawn import Drawn, examples
from tests.simulation.lived import Lived, live, world_of

MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)  # 9:00 in Beijing
BY_HAND = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # to make an example smaller takes a life for each try
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def foreseen(played: Played) -> Lived:
    """Put what was foreseen into the form of what is kept of a life."""
    steps = tuple(
        (
            act.planned.rung, act.planned.action.value, act.planned.channel, act.begun_at, act.ended_at,
            act.planned.why[:300], "skipped" if act.withdrawn else "done",
        )
        for act in played.acts
    )  # fmt: skip
    return Lived(steps, played.ended_at, "paused" if played.story.human_reply else played.ended)


def lived(test_run: TestRun, drawn: Drawn) -> Lived:
    with TemporaryDirectory() as folder, test_run.database("sqlite", Path(folder), migrated=True) as url:
        here = world_of(url, drawn)
        try:
            return live(here, drawn)
        finally:
            here.archive.engine.dispose()


@pytest.mark.parametrize(
    "assume", [(), ("paper=refused+2d", "first=displayed+3h"), ("first=rejected_perm+1h",)]
)
@pytest.mark.parametrize("name", ["return_notice", "return_reminder", "recovery_visit"])
def test_a_packaged_ladder_goes_as_the_simulator_foresaw(
    test_run: TestRun, name: str, assume: tuple[str, ...]
) -> None:
    policy, channels = load_policy(name), ("wechat_oa", "sms_twilio")
    known = {rung.name for rung in policy.rungs}
    fates = read_fates(one for one in assume if one.partition("=")[0] in known)
    drawn = Drawn(policy, load_calendar(), MONDAY, Assumptions(channels, fates=fates))

    assert lived(test_run, drawn) == foreseen(play(policy, drawn.calendar, MONDAY, drawn.assumed))


@settings(BY_HAND, max_examples=15)
@given(examples())
def test_a_ladder_goes_as_the_simulator_foresaw(test_run: TestRun, drawn: Drawn) -> None:
    assert lived(test_run, drawn) == foreseen(play(drawn.policy, drawn.calendar, drawn.start, drawn.assumed))


@pytest.mark.long
@settings(BY_HAND, max_examples=200)
@given(examples())
def test_two_hundred_ladders_go_as_the_simulator_foresaw(test_run: TestRun, drawn: Drawn) -> None:
    assert lived(test_run, drawn) == foreseen(play(drawn.policy, drawn.calendar, drawn.start, drawn.assumed))
