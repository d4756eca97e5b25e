"""Once a day the log checks itself, records what came of it, and raises an alarm when something is wrong."""

import json

import structlog

from bot.commands.nags import nags
from handlers.selfcheck import check_self, last_selfcheck
from scheduler.retention import check_log
from scheduler.who import Worker
from storage import source
from tests.erasure.living import Lived


def told(lived: Lived) -> list[dict[str, object]]:
    with lived.archive.reading() as view:
        found = lived.rows("SELECT id FROM record WHERE kind = 'selfcheck.done' ORDER BY position")
        return [json.loads(source.openings_of(view, row.id)["facts"].data)["told"] for row in found]


def test_a_self_check_states_what_it_recomputed(lived: Lived):
    with lived.archive.reading() as view:
        point = source.checkpoint(view.connection)
    found = check_self(lived.archive)

    assert found is not None
    assert found.sound
    assert told(lived) == [
        {"findings": 0, "records": point.size, "root": point.root.hex(), "size": point.size, "took_ms": 0}
    ]
    assert lived.findings() == set()


def test_it_is_made_once_a_day_whoever_asks(lived: Lived):
    worker = Worker(lived.world.desk, "test")
    for _ in range(3):
        assert check_log(worker) == 0
    lived.world.clock.pass_by(hours=23)
    check_log(worker)
    assert len(told(lived)) == 1
    lived.world.clock.pass_by(hours=1)
    check_log(worker)

    assert len(told(lived)) == 2


def test_an_alarm_names_codes_and_nobody(lived: Lived):
    lived.run("UPDATE receipt SET said = '张伟'")
    with structlog.testing.capture_logs() as logs:
        check_log(Worker(lived.world.desk, "test"))

    (alarm,) = logs
    assert (alarm["event"], alarm["log_level"]) == ("selfcheck_found", "error")
    assert alarm["codes"] == {"row-differs": 1}
    assert "张伟" not in str(alarm)
    assert told(lived)[0]["findings"] == 1


def test_check_tells_how_the_last_one_ended(lived: Lived):
    check_self(lived.archive)
    assert reminded(lived) == (True, "nothing was found at 2026-11-24")
    lived.world.clock.pass_by(days=3)
    assert reminded(lived)[0] is False
    lived.run("UPDATE receipt SET said = 'x'")
    check_self(lived.archive)

    assert reminded(lived) == (False, "1 findings at 2026-11-27: run `huizheng audit`")


def reminded(lived: Lived) -> tuple[bool, str]:
    """What `check` says of the self-check."""
    return next((right, said) for what, right, said in nags(lived.world.desk) if what == "self-check")


def test_before_the_first_one_nothing_is_wrong(lived: Lived):
    assert next(iter(nags(lived.world.desk)))[:2] == ("self-check", True)
    with lived.archive.reading() as view:
        assert last_selfcheck(view) is None
