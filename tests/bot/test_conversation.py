"""What a reply seems to mean: the words of real people, and the traps in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import propose
from casework.messages import Meaning

PLAIN = (
    """
收到|收到。| 收到！ |收到了|已收到|我已收到|我已经收到了|确认收到|我确认收到。|收到通知了|通知已收到
已阅|已阅读|我已阅读并确认收到|Received|received.|收\u200b到|ｒｅｃｅｉｖｅｄ|~收到~
""".strip()
    .replace("\n", "|")
    .split("|")
)

NEVER_PLAIN = (
    """
好的|OK|ok|嗯|1|可以|知道了|收到，谢谢|收到👌|收到？|收到了吗|没收到|收到了但是不同意|收到收到
好的收到|收到个屁|收到，我下周去复查|收到 12 月 1 日|RECEIVED?|收到 不同意
""".strip()
    .replace("\n", "|")
    .split("|")
)

MEANINGS = [
    # received, but not plain
    ("好的", Meaning.RECEIVED),
    ("好的，收到", Meaning.RECEIVED),
    ("收到，谢谢", Meaning.RECEIVED),
    ("知道了", Meaning.RECEIVED),
    ("已閱，謝謝", Meaning.RECEIVED),
    ("看到了", Meaning.RECEIVED),
    ("明白", Meaning.RECEIVED),
    ("Ok, got it", Meaning.RECEIVED),
    ("ＯＫ", Meaning.RECEIVED),
    ("好的谢谢", Meaning.RECEIVED),
    ("收到，我电话换了", Meaning.RECEIVED),
    # agreed
    ("同意", Meaning.AGREED),
    ("我同意公司的安排", Meaning.AGREED),
    ("没意见", Meaning.AGREED),
    ("没有意见", Meaning.AGREED),
    ("没问题", Meaning.AGREED),
    ("收到，我会准时到", Meaning.AGREED),
    ("明天回来上班", Meaning.AGREED),
    ("I agree", Meaning.AGREED),
    # declined: the refusal wins over the receipt beside it
    ("不同意", Meaning.DECLINED),
    ("不太同意", Meaning.DECLINED),
    ("我没有同意", Meaning.DECLINED),
    ("不能接受", Meaning.DECLINED),
    ("收到了但是不同意", Meaning.DECLINED),
    ("拒绝", Meaning.DECLINED),
    ("拒絕", Meaning.DECLINED),
    ("不行", Meaning.DECLINED),
    ("不", Meaning.DECLINED),
    ("我有意见", Meaning.DECLINED),
    ("对这个安排有异议", Meaning.DECLINED),
    ("我不想回去了", Meaning.DECLINED),
    ("不干了，你们看着办", Meaning.DECLINED),
    ("凭什么让我去", Meaning.DECLINED),
    ("received but I disagree", Meaning.DECLINED),
    ("I don't agree", Meaning.DECLINED),
    ("No", Meaning.DECLINED),
    # extension
    ("我想延期", Meaning.EXTENSION),
    ("能不能延期？", Meaning.EXTENSION),
    ("还没好", Meaning.EXTENSION),
    ("手還沒好", Meaning.EXTENSION),
    ("手还疼得厉害", Meaning.EXTENSION),
    ("医生说还要养半个月，片子我拍给你。", Meaning.EXTENSION),
    ("医生让我再休一个月", Meaning.EXTENSION),
    ("医生不同意我上班", Meaning.EXTENSION),
    ("醫生不讓我上班", Meaning.EXTENSION),
    ("医生说可以上班但是不能干重活", Meaning.EXTENSION),
    ("我去不了", Meaning.EXTENSION),
    ("上不了班", Meaning.EXTENSION),
    ("收到，我下周去复查", Meaning.EXTENSION),
    ("同意，但是要延期", Meaning.EXTENSION),
    ("请假到月底行吗", Meaning.EXTENSION),
    ("晚几天回去上班", Meaning.EXTENSION),
    ("I need more time", Meaning.EXTENSION),
    ("not yet back, still in hospital", Meaning.EXTENSION),
    # returned
    ("我已经上班了", Meaning.RETURNED),
    ("已返岗", Meaning.RETURNED),
    ("我昨天就回来上班了", Meaning.RETURNED),
    ("上班了", Meaning.RETURNED),
    ("周一已经到岗", Meaning.RETURNED),
    ("I am back at work", Meaning.RETURNED),
    # help
    ("救命", Meaning.HELP),
    ("帮帮我", Meaning.HELP),
    ("请给我回电话", Meaning.HELP),
    ("麻烦打个电话给我", Meaning.HELP),
    ("電話", Meaning.HELP),
    ("没钱看病了", Meaning.HELP),
    ("help", Meaning.HELP),
    ("我不想活了", Meaning.HELP),
    ("如果要我回去我就不想活了", Meaning.HELP),
    ("不同意，活不下去了", Meaning.HELP),
    # automatic: only what says so itself
    ("[自动回复]您好，我现在有事不在", Meaning.AUTOMATIC),
    ("【自动回复】", Meaning.AUTOMATIC),
    ("自动回复：稍后联系您", Meaning.AUTOMATIC),
    ("Automatic reply: I am away", Meaning.AUTOMATIC),
    ("Auto-reply", Meaning.AUTOMATIC),
    ("Out of office until Monday", Meaning.AUTOMATIC),
    ("您好，我现在有事不在，一会再和您联系。", Meaning.AUTOMATIC),
    ("这不是自动回复，收到", Meaning.RECEIVED),
    ("自动回复？我是本人，还没好", Meaning.EXTENSION),
    # unclear: a person must read it
    ("没收到", Meaning.UNCLEAR),
    ("我没有收到任何通知", Meaning.UNCLEAR),
    ("链接打不开", Meaning.UNCLEAR),
    ("I have not received anything", Meaning.UNCLEAR),
    ("不是不同意", Meaning.UNCLEAR),
    ("我没说同意", Meaning.UNCLEAR),
    ("我不反对", Meaning.UNCLEAR),
    ("不得不同意", Meaning.UNCLEAR),
    ("同意才怪", Meaning.UNCLEAR),
    ("收到个屁", Meaning.UNCLEAR),
    ("如果补工资我就同意", Meaning.UNCLEAR),
    ("同意的话有什么好处", Meaning.UNCLEAR),
    ("是否同意要看医生", Meaning.UNCLEAR),
    ("你们收到我的材料了吗？", Meaning.UNCLEAR),
    ("收到？", Meaning.UNCLEAR),
    ("同意吗", Meaning.UNCLEAR),
    ("医生说可以上班了", Meaning.UNCLEAR),
    ("不用延期了", Meaning.UNCLEAR),
    ("不明白什么意思", Meaning.UNCLEAR),
    ("还没上班", Meaning.UNCLEAR),
    ("什么时候上班", Meaning.UNCLEAR),
    ("我在别的厂上班了", Meaning.UNCLEAR),
    ("别给我打电话", Meaning.UNCLEAR),
    ("在开车，稍后回复", Meaning.UNCLEAR),
    ("你是谁", Meaning.UNCLEAR),
    ("👌", Meaning.UNCLEAR),
    ("😡😡😡", Meaning.UNCLEAR),
    ("", Meaning.UNCLEAR),
    (" \n\t\u3000", Meaning.UNCLEAR),
    ("。。。", Meaning.UNCLEAR),
    ("？", Meaning.UNCLEAR),
    ("asdfgh", Meaning.UNCLEAR),
    ("收到" * 5000, Meaning.UNCLEAR),
]


@pytest.mark.parametrize("text", PLAIN)
def test_a_bare_receipt_is_taken_as_it_stands(text):
    proposal = propose(text)

    assert (proposal.meaning, proposal.unambiguous) == (Meaning.RECEIVED, True)


@pytest.mark.parametrize("text", NEVER_PLAIN)
def test_anything_beside_or_instead_of_the_bare_receipt_needs_a_person(text):
    assert not propose(text).unambiguous


@pytest.mark.parametrize(("text", "meaning"), MEANINGS, ids=[text[:30] for text, _ in MEANINGS])
def test_a_reply_is_proposed_to_mean(text, meaning):
    proposal = propose(text)

    assert proposal.meaning is meaning, proposal.why
    assert not proposal.unambiguous


def test_the_table_is_long_enough_to_be_a_specification():
    assert len(PLAIN) + len(MEANINGS) >= 80


@given(st.text())
def test_no_text_breaks_the_reading_and_every_proposal_says_why(text):
    assert propose(text).why


@given(st.text(min_size=1))
def test_whatever_is_added_to_a_receipt_in_letters_or_digits_takes_its_certainty(more):
    if not any(character.isalnum() for character in more):
        more += "但"
    assert not propose("收到" + more + "不").unambiguous


@given(st.text(max_size=40))
def test_a_person_s_own_words_are_never_taken_for_a_machine_s(text):
    assert propose("我" + text).meaning is not Meaning.AUTOMATIC


def test_words_of_despair_ask_hr_to_call_at_once():
    assert "马上" in propose("活着没意思").why
