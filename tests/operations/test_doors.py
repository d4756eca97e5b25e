"""What operators see: /readyz and /metrics tell the truth, the command line and the console stop messages."""

import re
from dataclasses import replace

import pytest
from click.testing import CliRunner
from flask import Flask

from bot.commands.main import huizheng as group
from bot.monitoring import monitoring
from handlers.vitals import spool_of
from storage.health import record_sweep
from storage.ids import SystemIds
from storage.pauses import standing_pauses
from tests.engine.world import World
from tests.journey.test_settings import GOOD
from tests.operations.door import refused
from tests.web import post, signed_in, web_app
from tests.world import opened_world


@pytest.fixture
def asked(here: World, tmp_path):
    """A browser of the monitoring addresses, on a firm whose worker has just beaten."""
    desk = replace(here.desk, data_dir=tmp_path)
    with here.archive.engine.begin() as connection:
        record_sweep(connection, "worker-1", "send_due", here.clock.at)
    app = Flask("monitored")
    app.register_blueprint(monitoring(desk))
    client = app.test_client()
    client.desk = desk
    return client


def test_a_process_is_ready_while_a_worker_works_and_nothing_waits(asked):
    ready = asked.get("/readyz")

    assert (ready.status_code, ready.json) == (200, {"status": "ok", "findings": [], "spooled": 0})


def test_it_is_not_ready_without_a_worker_and_says_what_to_do(asked, here: World):
    here.clock.pass_time(minutes=3)
    ready = asked.get("/readyz")

    assert ready.status_code == 503
    assert "huizheng worker" in ready.json["status"]
    assert ready.json["findings"][0]["code"] == "no_worker"


def test_while_the_database_is_away_it_says_so_and_still_counts_what_lies_on_disk(asked, here: World):
    spool_of(asked.desk).keep(SystemIds().uuid(), b"x")
    with refused(here.archive.engine):
        ready, figures, alive = asked.get("/readyz"), asked.get("/metrics").text, asked.get("/healthz")

    assert (ready.status_code, ready.json["spooled"], alive.status_code) == (503, 1, 200)
    assert "huizheng_database_up 0.0" in figures
    assert "huizheng_spool_files 1.0" in figures
    assert "huizheng_log_records" not in figures  # what is not known is not drawn as zero


def test_figures_tell_what_is_late_and_what_is_stopped(asked, here: World):
    here.remind()
    here.clock.pass_time(minutes=30)
    figures = asked.get("/metrics").text

    assert "huizheng_overdue_seconds 1800.0" in figures
    assert "huizheng_paused 0.0" in figures
    assert "huizheng_database_up 1.0" in figures
    assert not re.search("张伟|E017|GS-2026", figures)


# --- the emergency stop, by hand ---


@pytest.fixture
def deployed(tmp_path):
    (tmp_path / "config.toml").write_text(GOOD.format(folder=tmp_path))
    run = lambda *words: CliRunner().invoke(group, [*words, "--config", str(tmp_path / "config.toml")])  # noqa: E731
    assert run("migrate").exit_code == 0
    return run


def test_the_command_line_stops_messages_and_lets_them_go_on(deployed):
    assert deployed("pause", "--why", "演练").stdout == "paused: everything\n"
    assert deployed("pause", "--why", "演练").stdout == "paused already: everything\n"
    assert deployed("pause", "--channel", "wechat_oa", "--why", "演练").exit_code == 0
    done = deployed("resume", "--channel", "wechat_oa", "--why", "完毕")
    assert done.stdout.startswith("resumed: wechat_oa")
    assert "still paused: everything" in done.stdout
    assert '"still_paused": []' in deployed("resume", "--why", "完毕", "--json").stdout
    assert deployed("resume", "--why", "完毕").stdout == "nothing was paused\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("pause",), 2, "--why"),
        (("pause", "--why", " "), 1, "请写明原因"),
        (("pause", "--channel", "pigeon", "--why", "x"), 1, "wechat_oa"),
    ],
    ids=["no reason", "an empty reason", "an unknown channel"],
)
def test_a_stop_that_cannot_be_taken_says_why(deployed, words, code, said):
    done = deployed(*words)

    assert done.exit_code == code
    assert said in done.stderr


@pytest.fixture
def firm(test_run, tmp_path):
    with test_run.database("sqlite", tmp_path, migrated=True) as url, opened_world(url) as made:
        yield made


def test_hr_presses_the_big_button_gives_a_reason_and_every_page_says_so(firm):
    app = web_app(firm)
    hr = signed_in(firm, app)
    assert 'href="/pause"' in hr.get("/").text
    page = hr.get("/pause").text
    assert "不会停" in page
    assert "为什么要停" in page

    assert post(hr, "/pause", "/pause", scope="", why="短信商故障").status_code == 303
    for path in ("/", "/cases", "/pause"):
        assert "已停止发送：全部渠道" in hr.get(path).text
    firm.notify()
    firm.work()
    assert firm.wechat.taken == []

    assert post(hr, "/pause", "/pause/resume", scope="", why="故障排除").status_code == 303
    assert "已停止发送：全部渠道" not in hr.get("/cases").text
    firm.work()
    assert len(firm.wechat.taken) == 1


def test_a_stop_without_a_reason_is_asked_for_again(firm):
    hr = signed_in(firm, web_app(firm))

    assert post(hr, "/pause", "/pause", scope="", why=" ").status_code == 422
    with firm.desk.archive.reading() as view:
        assert standing_pauses(view.connection) == []


@pytest.mark.parametrize(("role", "allowed"), [("admin", True), ("legal", False), ("auditor", False)])
def test_only_those_who_work_cases_may_stop_messages_but_all_see_that_they_are(firm, role, allowed):
    other = signed_in(firm, web_app(firm), role)
    answered = post(other, "/cases", "/pause", scope="", why="演练")

    assert answered.status_code == (303 if allowed else 403)
    assert ("已停止" in other.get("/pause").text) == allowed
    assert ('class="button stop"' in other.get("/").text) == allowed


def test_the_workbench_shows_what_the_self_audit_found(firm):
    hr = signed_in(firm, web_app(firm))

    assert "后台程序没有在工作" in hr.get("/").text
