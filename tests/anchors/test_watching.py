"""Where an operator sees that somebody outside owes us an answer."""

import pytest

from bot.app import create_app
from bot.commands.silence import silences
from bot.config import load
from handlers.anchors import anchor_now
from tests.anchors.world import DOWN, PretendAnchor
from tests.bot.test_config import GOOD


@pytest.fixture
def here(make_world):
    made = make_world(PretendAnchor("bad.example.cn", answers=[DOWN] * 9), PretendAnchor("good.example.cn"))
    anchor_now(made.desk, 10)
    return made


def test_the_figures_tell_how_long_which_service_has_been_silent(here, tmp_path):
    (tmp_path / "config.toml").write_text(GOOD, "utf-8")
    app, arrivals = create_app(here.desk, load(tmp_path / "config.toml", {}))
    here.clock.pass_time(hours=2)
    figures = app.test_client().get("/metrics").text
    arrivals.close()

    name = "huizheng_anchor_unanswered_seconds"
    assert f'{name}{{kind="tsa",service="bad.example.cn"}} 7200.0' in figures
    assert "good.example.cn" not in figures


@pytest.mark.parametrize(("waited", "right"), [(23, True), (24, False)])
def test_check_finds_fault_with_a_silence_of_a_day(here, waited, right):
    here.clock.pass_time(hours=waited)
    found = {what: (fine, said) for what, fine, said in silences(here.desk)}

    assert found["anchor tsa bad.example.cn"][0] is right
    assert "no answer since 2026-11-16 01:00 UTC (no answer)" in found["anchor tsa bad.example.cn"][1]
    assert found["anchor tsa good.example.cn"] == (True, "has answered")


def test_a_log_that_nobody_outside_sees_is_said_to_be_one(make_world):
    ((what, right, said),) = silences(make_world().desk)
    assert (what, right) == ("anchors", True) and "STILL TO DO" in said
