"""Who is shown what: the table of the two views, part by part."""

import json

import pytest

from evidence import records
from handlers.export import views
from tests.export.firm import leaf_of

OPEN = None
COUNSEL = ("hold.set", "hold.lifted", "erase.asked", "erase.refused")
EMPTY: dict[str, str] = {}


@pytest.mark.parametrize("kind", sorted(records.RECORD_KINDS))
def test_the_tribunal_is_shown_every_part_of_every_record_of_the_case(kind: str):
    if "case" in records.RECORD_KINDS[kind] and kind not in COUNSEL:
        assert views.withheld("full", leaf_of(kind), "facts", EMPTY) is None


@pytest.mark.parametrize(
    ("kind", "part", "told", "reason"),
    [
        ("case.opened", "facts", EMPTY, "third-person"),
        ("notice.composed", "text", EMPTY, OPEN),
        ("paper.made", "paper", EMPTY, OPEN),
        ("plan.started", "facts", EMPTY, "internal"),
        ("step.planned", "facts", EMPTY, "internal"),
        ("plan.paused", "facts", EMPTY, "internal"),
        ("attempt.started", "facts", EMPTY, "internal"),
        ("attempt.started", "request", EMPTY, OPEN),
        ("attempt.accepted", "response", EMPTY, OPEN),
        ("receipt.received", "facts", EMPTY, OPEN),
        ("receipt.received", "inner", EMPTY, OPEN),
        ("reply.received", "text", EMPTY, OPEN),
        ("reply.received", "attachment-1", EMPTY, OPEN),
        ("reply.confirmed", "facts", EMPTY, "internal"),
        ("page.read", "facts", EMPTY, OPEN),
        ("page.answered", "attachment-2", EMPTY, OPEN),
        ("contact.shown", "facts", EMPTY, "third-person"),
        ("task.opened", "facts", {"kind": "call_contact"}, "third-person"),
        ("task.opened", "facts", {"kind": "paper"}, "internal"),
        ("task.done", "facts", {"kind": "call_contact"}, "third-person"),
        ("task.done", "facts", {"kind": "paper_result"}, "internal"),
        ("task.done", "attachment-1", {"kind": "paper"}, OPEN),
        ("task.done", "attachment-1", {"kind": "visit"}, "third-person"),
        ("custody.exported", "facts", EMPTY, OPEN),
        ("custody.handed_over", "facts", EMPTY, "third-person"),
        ("erase.done", "facts", EMPTY, OPEN),
        ("hold.set", "facts", EMPTY, "privileged"),
        ("notice.composed", "draft", EMPTY, "internal"),
        ("transfer.cross_border", "facts", EMPTY, "internal"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_other_side_is_shown_only_what_the_table_opens(kind, part, told, reason):
    assert views.withheld("minimised", leaf_of(kind), part, told) == reason


@pytest.mark.parametrize("view", views.VIEWS)
@pytest.mark.parametrize("kind", COUNSEL)
def test_why_something_is_held_or_to_be_erased_is_counsels_and_in_no_copy(view: str, kind: str):
    assert views.withheld(view, leaf_of(kind), "facts", {"why": "败诉风险"}) == "privileged"
    assert views.may_tell(view, kind, {"why": "败诉风险"}) == {}


def test_a_courier_who_names_whoever_opened_the_door_is_not_shown_to_the_other_side():
    record = leaf_of("receipt.received", channel="courier_kuaidi100/main")
    assert views.withheld("minimised", record, "inner", EMPTY) == "third-person"
    assert views.withheld("full", record, "inner", EMPTY) is None


@pytest.mark.parametrize("view", views.VIEWS)
@pytest.mark.parametrize(
    ("raw", "shared", "reason"),
    [
        (b"<xml><Content>x</Content></xml>", False, OPEN),
        (b'{"sid":"1"}', False, OPEN),
        (b'[{"phone":"1"}]', False, OPEN),
        (b'[{"phone":"1"},{"phone":"2"}]', False, "other-people"),
        (b" [{}, ", False, "other-people"),
        (b'{"sid":"1"}', True, "other-people"),
    ],
    ids=["one message", "one object", "a list of one", "a batch", "a broken batch", "held by two records"],
)
def test_a_batch_is_left_out_whole_in_both_views(view, raw, shared, reason):
    assert views.withheld_of_intake(view, "raw", raw, shared=shared) == reason


@pytest.mark.parametrize(
    ("target", "full"),
    [("/hooks/wechat_oa/main?signature=x", OPEN), ("/hooks/sms_aliyun/cn/s3cret", "internal")],
    ids=["no secret", "a secret in the path"],
)
def test_headers_are_for_the_tribunal_unless_they_hold_a_secret_of_ours(target, full):
    data = json.dumps({"method": "POST", "target": target, "headers": {}}).encode()
    assert views.withheld_of_intake("full", "headers", data, shared=False) == full
    assert views.withheld_of_intake("minimised", "headers", data, shared=False) == "internal"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("anchor.received", OPEN),
        ("key.rotated", OPEN),
        ("heads.made", OPEN),
        ("user.saved", "internal"),
    ],
)
def test_of_the_systems_records_only_the_logs_own_are_shown(kind, reason):
    assert views.withheld_of_system(kind) == reason


def test_papers_for_the_other_side_repeat_no_word_of_our_staff():
    told = {"kind": "paper_result", "outcome": "signed", "waybill": "EB1", "note": "保安老周代收"}
    assert views.may_tell("minimised", "task.done", told) == {
        "kind": "paper_result", "outcome": "signed", "waybill": "EB1",
    }  # fmt: skip
    assert views.may_tell("minimised", "task.done", {**told, "kind": "visit"}) == {}
    assert views.may_tell("minimised", "step.planned", {"why": "通知从未打开，打给紧急联系人"}) == {}
    assert views.may_tell("full", "task.done", told) == told
