"""送达评估: what the recorded signs prove, argue or lack, and the one act that would cure it."""

from datetime import date

import pytest

from casework.denials import denies
from casework.service_assessment import Strength, assess, day_named
from casework.service_signs import Sign
from casework.workdays import load_calendar

TODAY = date(2026, 11, 23)  # a Monday
CALENDAR = load_calendar()


SMS = {"channel": "sms_twilio/hk", "assurance": "C1"}
BOUND = {"channel": "wechat_oa/main", "assurance": "C1", "agreed": True}


def judged(*signs: Sign, due: date | None = None):
    return assess(signs, due, TODAY, CALENDAR)


@pytest.mark.parametrize(
    ("signs", "strength"),
    [
        ((), "missing"),
        ((Sign("accepted", 3),), "missing"),
        ((Sign("sent", 3),), "missing"),
        ((Sign("rejected_perm", 3),), "missing"),
        ((Sign("unknown", 3),), "missing"),
        ((Sign("locker", 3),), "missing"),
        ((Sign("returned", 3),), "missing"),
        ((Sign("delivered", 3),), "arguable"),
        ((Sign("delivered", 3, agreed=True),), "arguable"),
        ((Sign("displayed", 3),), "arguable"),
        ((Sign("read", 3, assurance="C1"),), "arguable"),
        ((Sign("read", 3, assurance="C4"),), "proved"),
        ((Sign("signed", 3, kept=True),), "proved"),
        ((Sign("signed", 3),), "arguable"),
        ((Sign("refused", 3, agreed=True),), "proved"),
        ((Sign("refused", 3),), "arguable"),
        ((Sign("reached", 3),), "arguable"),
        ((Sign("delivered", 3), Sign("locker", 4)), "arguable"),
        ((Sign("locker", 3), Sign("signed", 4, kept=True)), "proved"),
    ],
    ids=lambda value: "+".join(f"{one.act}" for one in value) if isinstance(value, tuple) else value,
)
def test_each_sign_has_its_weight(signs, strength):
    assert judged(*signs).strength is Strength(strength)


ANSWER = Sign("replied", 9, **BOUND, meaning="received", confirmed=True)


@pytest.mark.parametrize(
    ("sign", "strength", "cure"),
    [
        (ANSWER, "proved", None),
        (Sign("replied", 9, **BOUND, meaning="declined", confirmed=True), "proved", None),
        (Sign("replied", 9, **BOUND, meaning="agreed", confirmed=True), "proved", None),
        (Sign("replied", 9, **BOUND, meaning="extension", confirmed=True), "proved", None),
        (Sign("replied", 9, **BOUND, meaning="returned", confirmed=True), "proved", None),
        (Sign("replied", 9, **BOUND, meaning="received"), "arguable", "由人事核对原话"),
        (Sign("replied", 9, **BOUND, meaning="unclear"), "arguable", "由人事核对原话"),
        (Sign("replied", 9, **BOUND, meaning="unclear", confirmed=True), "arguable", "由人事核对原话"),
        (Sign("replied", 9, **BOUND, meaning="help", confirmed=True), "arguable", "由人事核对原话"),
        (Sign("replied", 9, **BOUND), "arguable", "由人事核对原话"),
        (Sign("replied", 9, **SMS, meaning="received", confirmed=True), "arguable", "扫码绑定"),
        (Sign("replied", 9, **SMS, meaning="unclear", denied=True), "missing", "核实号码"),
        (Sign("replied", 9, **BOUND, meaning="received", denied=True), "missing", "核实号码"),
        (
            Sign("replied", 9, **BOUND, meaning="received", confirmed=True, denied=True),
            "arguable",
            "核实号码",
        ),
        (Sign("answered", 9, assurance="C4", meaning="declined"), "proved", None),
        (Sign("answered", 9, assurance="C4", meaning="help"), "arguable", "由人事核对原话"),
        (Sign("answered", 9, assurance="C4", meaning="declined", denied=True), "arguable", "核实号码"),
        (Sign("answered", 9, assurance="C1", meaning="declined"), "arguable", "扫码绑定"),
        (Sign("read", 9, assurance="C1"), "arguable", "扫码绑定"),
        (Sign("read", 9, assurance="C4"), "proved", None),
        (Sign("met", 9), "arguable", "送达回证"),
        (Sign("met", 9, kept=True), "arguable", "送达回证"),
        (Sign("met", 9, two=True), "arguable", "送达回证"),
        (Sign("met", 9, kept=True, two=True), "proved", None),
    ],
    ids=lambda value: value.act if isinstance(value, Sign) else None,
)
def test_only_a_settled_answer_of_the_person_proves_and_what_falls_short_names_its_cure(sign, strength, cure):
    found = judged(Sign("accepted", 3), sign)
    assert found.strength is Strength(strength)
    assert (found.cure and cure in found.cure.act) if cure else found.cure is None


@pytest.mark.parametrize(
    "words",
    [
        "我没有收到通知，你发错人了",
        "没收到",
        "我沒收到啊，没收到过任何通知",
        "未收到",
        "还没看到通知",
        "你打错了",
        "不是我",
        "我不是他本人，不认识",
        "链接打不开",
        "wrong number",
        "I did not receive it",
    ],
)
def test_words_that_say_nothing_was_received_are_heard_as_that(words):
    assert denies(words)
    denied = Sign("replied", 9, **SMS, meaning="received", denied=denies(words))
    assert judged(denied).strength is Strength.MISSING


@pytest.mark.parametrize(
    "words", ["收到", "收到，明天返岗", "我不同意", "医生说再养半月", "没有问题，收到了"]
)
def test_other_words_deny_nothing(words):
    assert not denies(words)


def test_a_reply_completes_service_and_leaves_nothing_to_cure():
    found = judged(Sign("accepted", 3), ANSWER)
    assert found.cure is None
    assert [point.records for point in found.proved] == [(9,)]
    assert "在线诉讼规则 31" in found.proved[0].law


def test_delivered_is_never_called_read():
    found = judged(Sign("delivered", 3))
    assert found.proved == ()
    assert "到达不等于看过" in found.arguable[0].text


def test_a_locker_is_not_service_and_the_cure_is_to_ring_the_person():
    found = judged(Sign("locker", 5))
    assert "不算送达" in found.missing[0].text
    assert found.cure is not None
    assert "打电话请本人领取" in found.cure.act


def test_silence_is_named_as_what_is_missing_and_read_as_nothing():
    texts = [point.text for point in judged(Sign("accepted", 3)).missing]
    assert any("没有回音不等于知道" in text for text in texts)


def test_equal_findings_are_one_point_with_all_their_records():
    found = judged(Sign("delivered", 3), Sign("delivered", 8))
    assert [point.records for point in found.arguable] == [(3, 8)]


@pytest.mark.parametrize(
    ("due", "before"),
    [
        (date(2026, 11, 26), date(2026, 11, 26)),
        (TODAY, date(2026, 11, 26)),
        (date(2026, 11, 20), date(2026, 11, 26)),
        (None, date(2026, 11, 26)),
        (date(2026, 12, 31), date(2026, 12, 31)),
    ],
    ids=["still ahead", "today", "past", "none named", "far ahead"],
)
def test_the_cure_comes_before_the_notices_own_day_or_within_three_working_days(due, before):
    found = judged(Sign("accepted", 3), due=due)
    assert found.cure is not None
    assert found.cure.before == before


@pytest.mark.parametrize(
    ("facts", "day"),
    [
        ([("到岗时间", "2026 年 11 月 26 日（周四）上午 8:30")], date(2026, 11, 26)),
        ([("停工留薪期到", "2026年11月19日"), ("到岗时间", "2026-11-26")], date(2026, 11, 26)),
        ([("到岗时间", "下周四")], None),
        ([("到岗时间", "2026 年 13 月 40 日")], None),
        ([], None),
    ],
    ids=["written out", "the latest", "in words", "no real day", "no facts"],
)
def test_the_day_that_a_notice_names_is_read_from_its_facts(facts, day):
    assert day_named(facts) == day
