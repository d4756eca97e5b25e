"""What the papers are made of: exhibits, intervals, times of others, translations; nothing is drawn."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.export import renderings
from handlers.export.events import Event, Notice
from handlers.export.exhibit_paper import notice_facts, wrapped
from handlers.export.exhibits import plan
from handlers.export.outside import Anchor, Sandwich, Times
from handlers.export.timeline_paper import interval

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NOTICE = Notice("n", 1, "返岗提醒", "r2", b"\0" * 32, AT)


def event(cseq: int, what: str, notice: str | None = "n", subject: str | None = None, *parts: str, **told):
    who, channel = "system:worker", "wechat_oa/main"
    return Event(
        f"r{cseq}", what, cseq, cseq, bytes(32), AT, who, channel, "", "C0", told, notice, subject, parts
    )


STORY = [
    event(1, "case.opened", None, None, "facts", name="张伟"),
    event(2, "notice.composed", "n", None, "facts", "text", title="返岗提醒"),
    event(3, "attempt.started", "n", "d1", "request"),
    event(4, "receipt.received", "n", "d1", "facts", "inner"),
    event(5, "attempt.started", "n", "d2", "request"),
    event(6, "reply.received", "n", "p1", "facts", "text", "attachment-1", "attachment-2"),
    event(7, "reply.confirmed", "n", "p1", "facts", confirmed="received"),
    event(8, "task.done", "n", "t1", "facts", "attachment-1", kind="paper", outcome="posted"),
    event(9, "step.planned", "n", None, "facts", why="x"),
]


def test_there_is_an_exhibit_for_each_text_sending_reply_outcome_and_attachment():
    made = plan(STORY, {"n": NOTICE}, long=False)

    assert [(one.label, one.sort, [each.cseq for each in one.events], one.part) for one in made] == [
        ("E001", "identity", [1], ""),
        ("E002", "text", [2], ""),
        ("E003", "sending", [3, 4], ""),
        ("E004", "sending", [5], ""),
        ("E005", "reply", [6, 7], ""),
        ("E006", "attachment", [6], "attachment-1"),
        ("E007", "attachment", [6], "attachment-2"),
        ("E008", "outcome", [8], ""),
        ("E009", "attachment", [8], "attachment-1"),
    ]


def test_a_long_case_has_one_exhibit_for_the_course_of_each_notice():
    made = plan(STORY, {"n": NOTICE}, long=True)

    assert [(one.sort, [each.cseq for each in one.events], one.part) for one in made] == [
        ("identity", [1], ""),
        ("course", [2, 6, 8], ""),
        ("attachment", [6], "attachment-1"),
        ("attachment", [6], "attachment-2"),
        ("attachment", [8], "attachment-1"),
    ]


def test_what_is_withheld_is_no_exhibit():
    closed = [event(1, "case.opened", None), event(8, "task.done", "n", "t1")]
    assert plan(closed, {"n": NOTICE}, long=False) == []


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=30), ""),
        (timedelta(minutes=5), "+5 分"),
        (timedelta(hours=2, minutes=3), "+2 时 3 分"),
        (timedelta(days=3), "+3 天 0 时"),
    ],
    ids=str,
)
def test_the_time_between_two_steps_is_said_in_days_and_hours(passed, said):
    assert interval(passed) == said


def anchor(position: int, size: int, minute: int | None) -> Anchor:
    time = None if minute is None else AT + timedelta(minutes=minute)
    return Anchor("r", position, "tsa", "t", 1, size, time, b"", b"")


@pytest.mark.parametrize(
    ("position", "after", "before"),
    [(5, None, 10), (9, None, 10), (10, None, 30), (12, 10, 30), (35, 30, None)],
    ids=["below all", "the last leaf seen", "first not seen", "between", "above all"],
)
def test_a_record_lies_between_the_last_time_below_it_and_the_first_above(position, after, before):
    found = Sandwich([anchor(11, 10, 10), anchor(20, 15, None), anchor(31, 30, 30)]).times(position)
    minutes = lambda value: None if value is None else AT + timedelta(minutes=value)  # noqa: E731
    assert found == Times(minutes(after), minutes(before))


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (
            b'{"errcode":0,"errmsg":"ok"}',
            [("errcode", "0", "错误码：没有错误"), ("errmsg", "ok", "错误说明：成功")],
        ),
        (
            b"MessageSid=SM1&MessageStatus=undelivered",
            [("MessageSid", "SM1", "短信编号"), ("MessageStatus", "undelivered", "消息状态：未送达")],
        ),
        (
            b"<xml><CreateTime>1764000000</CreateTime><Status><![CDATA[success]]></Status></xml>",
            [
                ("CreateTime", "1764000000", "产生时间：2025-11-25 00:00:00（北京时间）"),
                ("Status", "success", "状态：成功"),
            ],
        ),
        (
            b'{"data":{"value":"x"},"to":["a"]}',
            [("data.value", "x", "值"), ("to.1", "a", "（网关自定字段）")],
        ),
        (b"\xff\xfe", []),
        (b"plain words", []),
        (b"[" * 100_000, []),
    ],
    ids=["JSON", "form", "XML", "nested", "not text", "not a form", "nested without end"],
)
def test_a_gateways_fields_stand_beside_their_chinese(data, rows):
    assert renderings.rows_of(data) == rows


def test_a_long_line_is_broken_and_wide_characters_count_twice():
    assert wrapped("a" * 100) == "a" * 96 + "\n" + "a" * 4
    assert wrapped("中" * 50) == "中" * 48 + "\n" + "中" * 2
    assert wrapped("a\nb") == "a\nb"


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"key_facts":[["a"]]}', b'{"key_facts":7}'])
def test_a_notice_that_cannot_be_read_has_no_facts(text):
    assert notice_facts(text) == []
