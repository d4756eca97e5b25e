"""What depends on those outside (threats T10, T12, T20): forged answers, clocks that were set, silence."""

import pytest

from evidence.report import Report
from handlers.anchors import record_missed
from handlers.vouching import AnchorFailed
from tests.export.firm import lines, members
from tests.signer.office import ON_ONE
from tests.threats.court import ALL, LOG, SEEN, STAMPED, Court, found, unmet, unshown

pytestmark = ON_ONE


# ---- T10: who administers the token of a webhook writes "the employee's reply".


def test_t10_a_reply_that_whoever_knows_the_token_could_write_is_worth_no_more_than_that(court: Court):
    """The residual: nothing tells it from a true one, so the record claims no more than a shared secret."""
    court.world.reply(court.world.wechat, "我自愿放弃工伤待遇", key="forged")

    kept = lines(members(court.export())["data/records.jsonl"])
    assert {one["assurance"] for one in kept if one["kind"] == "reply.received"} == {"C1"}


# ---- T12: the clock of the firm is set back.


def composed(court: Court, **clock: float) -> tuple[str, Report]:
    """Compose a notice while the firm's own clock goes wrong by so much; show the log an hour later."""
    court.anchor()
    court.outside.pass_by(days=1)
    court.world.clock.pass_by(**clock)
    court.world.notify()
    court.outside.pass_by(hours=1)
    court.anchor()
    bundle = court.export()
    kept = lines(members(bundle)["data/records.jsonl"])
    notices = [one["at"] for one in kept if one["kind"] == "notice.composed"]
    return notices[-1], court.verify(bundle, *ALL)


@pytest.mark.parametrize(
    ("days", "claimed"), [(-20, "2026-11-03"), (300, "2027-09-19")], ids=["back", "forward"]
)
def test_t12_the_sandwich_shows_when_a_notice_was_really_sealed(court: Court, days: int, claimed: str):
    at, report = composed(court, days=days)
    last = report.times[-1]

    assert at.startswith(claimed)
    assert last.not_before == "2026-11-23T06:00:00.000Z"
    assert last.not_after == "2026-11-24T07:00:00.000Z"
    assert "not.clock" in unshown(report)


def test_t12_without_those_outside_nothing_is_said_of_the_time(court: Court):
    composed(court, days=-20)
    times = court.verify(court.made[-1]).times

    assert [(one.not_before, one.not_after) for one in times] == [(None, None)] * len(times)


# ---- T20: nobody outside is shown the log any more.


def silent(court: Court, monkeypatch: pytest.MonkeyPatch, days: int = 2) -> None:
    """Let nobody outside answer for some days, as when their addresses were blocked."""
    for anchor in court.desk.anchors:
        monkeypatch.setattr(type(anchor), "anchor", _nobody)
    court.anchor()
    for _ in range(days):
        court.pass_by(days=1, minutes=1)
        record_missed(court.desk)
    court.world.notify()


def _nobody(*_: object) -> None:
    raise AnchorFailed("no answer")


def test_t20_silence_is_recorded_and_every_bundle_says_so(court: Court, monkeypatch: pytest.MonkeyPatch):
    silent(court, monkeypatch)
    report = court.verify(court.export(), *ALL)

    missed = [one.values for one in report.unproved if one.words == "not.missed"]
    assert [one["count"] for one in missed] == [2, 2]
    assert {"not.reach.witness", "not.reach.anchor"} <= unshown(report)
    assert report.times[-1].not_after is None
    assert (found(report), unmet(report)) == (set(), set())  # what was seen before the silence still holds


def test_t20_services_taken_out_of_the_settings_are_missed_by_whoever_asks_for_them(court: Court):
    """The residual: no record tells of it, but the policy's own lines reach no later record."""
    cut = type(court.desk)(**{**vars(court.desk), "anchors": ()})
    court.pass_by(days=30)
    court.world.notify()
    report = court.verify(court.export(cut), LOG, SEEN, STAMPED)

    reach = {one.words: one.values["cseq"] for one in report.unproved if one.words.startswith("not.reach")}
    assert reach.keys() == {"not.reach.witness", "not.reach.anchor"}
    assert max(reach.values()) < report.records
    assert report.times[-1].not_after is None
