"""Tokens, template fields and reply windows keep the platform's documented rules."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.wechat_oa.errors import Refusal
from sandbox.wechat_oa.fields import complaint, obeys
from sandbox.wechat_oa.memory import Memory, OAuthCode
from sandbox.wechat_oa.tokens import Tokens

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


class Watch:
    seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def tokens(watch):
    return Tokens(watch)


def code_of(call, *arguments):
    with pytest.raises(Refusal) as refused:
        call(*arguments)
    return refused.value.code


def test_the_stable_token_stays_the_same_while_it_is_good(tokens, watch):
    first, seconds = tokens.stable(force=False)
    watch.seconds += 6000
    again, left = tokens.stable(force=False)
    assert (again, seconds, left) == (first, 7200, 1200)


def test_the_stable_token_is_renewed_in_its_last_five_minutes_and_both_are_good_then(tokens, watch):
    first, _ = tokens.stable(force=False)
    watch.seconds += 6901
    second, left = tokens.stable(force=False)
    tokens.check(first)
    tokens.check(second)
    assert second != first and left == 7200


def test_a_forced_renewal_ends_the_old_token_at_once_and_is_rationed(tokens, watch):
    first, _ = tokens.stable(force=False)
    second, _ = tokens.stable(force=True)
    assert code_of(tokens.check, first) == 40001
    assert code_of(tokens.stable, True) == 45011
    watch.seconds += 31
    assert tokens.stable(force=True)[0] != second


def test_a_plain_token_outlives_its_successor_by_five_minutes_and_leaves_the_stable_one_alone(tokens, watch):
    stable, _ = tokens.stable(force=False)
    old, _ = tokens.plain()
    tokens.plain()
    watch.seconds += 299
    tokens.check(old)
    watch.seconds += 2
    assert code_of(tokens.check, old) == 42001
    tokens.check(stable)


@pytest.mark.parametrize(("token", "code"), [(None, 41001), ("", 41001), ("invented", 40001)])
def test_a_missing_or_invented_token_is_refused(tokens, token, code):
    assert code_of(tokens.check, token) == code


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("thing1", "返" * 20, True),
        ("thing1", "返" * 21, False),
        ("phrase3", "待确认", True),
        ("phrase3", "等待您确认吧", False),
        ("phrase3", "OK", False),
        ("time2", "2026-11-24 09:00", True),
        ("time2", "2026年11月24日 09:00~2026年11月25日 18:00", True),
        ("time2", "15:01", True),
        ("time2", "明天上午", False),
        ("date9", "2026年11月24日", True),
        ("date9", "15:01", False),
        ("character_string4", "GS-2026-0007", True),
        ("character_string4", "工伤0007", False),
        ("character_string4", "A" * 33, False),
        ("amount5", "￥100000.00元", True),
        ("amount5", "十万", False),
        ("name6", "张伟", True),
        ("name6", "Zhang Wei", True),
        ("name6", "张" * 11, False),
        ("number7", "12", True),
        ("number7", "十二", False),
        ("phone_number8", "+85291234567", True),
        ("letter2", "ABC", True),
        ("letter2", "AB1", False),
        ("symbol2", "!!!!!!", False),
        ("car_number1", "粤A12345", True),
        ("keyword1", "anything goes in an old template", True),
    ],
)
def test_a_template_field_is_held_to_the_rule_in_its_name(name, value, good):
    assert obeys(name, value) is good


def test_the_complaint_names_the_first_field_that_is_wrong():
    declared = {"thing1": "事项", "phrase3": "状态"}
    assert complaint(declared, {"thing1": {"value": "返岗"}}) == "data.phrase3.value is empty"
    assert complaint(declared, {"thing1": {"value": "返" * 21}}) == "data.thing1.value invalid"
    assert complaint(declared, "not an object") == "data is empty"
    assert complaint({}, {"thing1": "not an object"}) == "data.thing1.value is empty"


@pytest.fixture
def memory(tokens):
    return Memory(tokens)


def test_a_client_msg_id_is_remembered_for_ten_minutes_and_per_person(memory):
    memory.sent["oEMP0001", "k1"] = 7, NOON
    assert memory.recall("oEMP0001", "k1", NOON + timedelta(minutes=9, seconds=59)) == 7
    assert memory.recall("oEMP0001", "k1", NOON + timedelta(minutes=10)) is None
    assert memory.recall("oEMP0002", "k1", NOON) is None


def test_a_message_without_a_key_is_never_taken_for_a_repeat(memory):
    memory.sent["oEMP0001", ""] = 7, NOON
    assert memory.recall("oEMP0001", "", NOON) is None


def test_a_persons_message_allows_five_answers_in_forty_eight_hours(memory):
    memory.open_window("oEMP0001", NOON + timedelta(hours=48), 5, anew=True)
    for _ in range(5):
        memory.use_window("oEMP0001", NOON + timedelta(hours=47))
    assert code_of(memory.use_window, "oEMP0001", NOON + timedelta(hours=47)) == 45047
    assert code_of(memory.use_window, "oEMP0001", NOON + timedelta(hours=48)) == 45015
    assert code_of(memory.use_window, "oSTRANGER", NOON) == 45015


def test_a_new_message_starts_the_five_answers_anew(memory):
    memory.open_window("oEMP0001", NOON + timedelta(hours=48), 1, anew=True)
    memory.use_window("oEMP0001", NOON)
    memory.open_window("oEMP0001", NOON + timedelta(hours=49), 1, anew=True)
    memory.use_window("oEMP0001", NOON)


def test_an_oauth_code_works_once_and_for_five_minutes(memory):
    memory.codes["c1"] = OAuthCode("oEMP0001", NOON + timedelta(minutes=5))
    memory.codes["c2"] = OAuthCode("oEMP0001", NOON)
    assert memory.exchange("c1", NOON) == "oEMP0001"
    assert code_of(memory.exchange, "c1", NOON) == 40163
    assert code_of(memory.exchange, "c2", NOON) == 42003
    assert code_of(memory.exchange, "c3", NOON) == 40029


def test_message_ids_need_more_than_fifty_three_bits_and_fit_into_sixty_four(memory):
    ids = {memory.next_id() for _ in range(100)}
    assert len(ids) == 100 and min(ids) > 2**53 and max(ids) < 2**63
