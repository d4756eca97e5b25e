"""What a notice says, what it must not say, and what a locked phone may show of it."""

import re
from datetime import date

import pytest

from casework.escalation import policy_names
from casework.notice_facts import shown
from casework.notice_words import private
from casework.notices import NoticeRefused, compose, kinds, load_kind, outer_title
from casework.packaged import NotPackaged
from tests.casework.facts import filled

FIRM = "恒力五金有限公司"
RETURN = {
    "leave_end": "2026 年 11 月 19 日",
    "report_at": "2026 年 11 月 26 日（周四）上午 8:30",
    "place": "一厂人事办公室",
    "bring": "病历、复查片子",
    "contact": "人事部李娜，电话 0571-5550-0100",
}


TODAY = date(2026, 11, 16)


def reminder(**changed):
    return compose("return_reminder", RETURN | changed, "张伟", FIRM)


def composed_of(kind, **changed):
    return compose(kind, filled(kind, **changed), "张伟", FIRM, today=TODAY)


def test_the_kinds_that_ship():
    assert {kind: load_kind(kind).title for kind in kinds()} == {
        "assessment": "鉴定提醒",
        "contributions": "社保补缴",
        "documents": "材料补交",
        "leave_end": "留薪期到期提示",
        "negotiation": "协商邀请",
        "plain": "通知",
        "receipt": "签收确认",
        "recovery_visit": "休养随访",
        "return_notice": "返岗通知书",
        "return_reminder": "返岗提醒",
    }


@pytest.mark.parametrize("kind", kinds())
def test_a_kind_is_called_as_its_file_and_climbs_a_ladder_that_exists(kind):
    assert load_kind(kind).kind == kind
    assert load_kind(kind).ladder in policy_names()


@pytest.mark.parametrize("kind", kinds())
def test_every_notice_carries_each_fact_the_name_and_the_firm(kind):
    facts = filled(kind)
    composed = composed_of(kind)
    said = {field.name: shown(field, facts[field.name]) for field in load_kind(kind).fields}

    assert composed.paragraphs[0] == "张伟："
    assert composed.paragraphs[-1] == FIRM
    assert all(fact in composed.text for fact in said.values())
    assert composed.key_facts == tuple((f.label, said[f.name]) for f in load_kind(kind).fields)


@pytest.mark.parametrize("kind", kinds())
def test_every_notice_says_that_confirming_only_means_having_received_it(kind):
    text = composed_of(kind).text

    assert "“我已阅读并确认收到”，只表示您收到并看过" in text
    assert "联系人" in text


@pytest.mark.parametrize("kind", ["return_reminder", "return_notice", "negotiation", "assessment"])
def test_whoever_cannot_come_is_told_what_to_do(kind):
    assert "“我去不了”" in composed_of(kind).text


@pytest.mark.parametrize("kind", kinds())
def test_a_locked_phone_shows_nothing_private_and_nothing_too_long(kind):
    lines = (outer_title(load_kind(kind).title), *load_kind(kind).short_lines)

    assert lines[1:]
    assert all(len(line) <= 20 for line in lines)
    assert [word for line in lines for word in private(line)] == []


@pytest.mark.parametrize(
    ("title", "outside"),
    [
        ("返岗提醒", "返岗提醒"),
        ("协商邀请", "协商邀请"),
        ("鉴定提醒", "您有一份通知"),
        ("留薪期到期提示", "您有一份通知"),
        ("社保补缴", "您有一份通知"),
        ("解 除 劳动合同", "您有一份通知"),
    ],
)
def test_a_title_that_betrays_something_stays_off_the_locked_phone(title, outside):
    assert outer_title(title) == outside


@pytest.mark.parametrize("kind", kinds())
def test_the_texts_use_full_width_punctuation(kind):
    form = load_kind(kind)

    for text in (*form.paragraphs, *form.short_lines, *(field.hint for field in form.fields)):
        assert not re.search(r"[一-鿿][,;:?!()\"']|[,;:?!()\"'][一-鿿]", re.sub(r"{\w+}", "", text)), text


@pytest.mark.parametrize("kind", kinds())
def test_every_place_in_the_text_is_a_field_and_every_field_has_its_place(kind):
    form = load_kind(kind)
    places = set(re.findall(r"{(\w+)}", "".join(form.paragraphs)))

    assert places == {field.name for field in form.fields} | {"addressee", "firm"}


@pytest.mark.parametrize(
    ("honorific", "addressed"), [("", "张伟："), ("师傅", "张伟师傅："), ("女士", "张伟女士：")]
)
def test_the_form_of_address_is_chosen_and_never_assumed(honorific, addressed):
    assert compose("return_reminder", RETURN, "张伟", FIRM, honorific=honorific).paragraphs[0] == addressed


def test_an_invented_form_of_address_is_refused():
    with pytest.raises(NoticeRefused, match="称呼"):
        compose("return_reminder", RETURN, "张伟", FIRM, honorific="同学")


@pytest.mark.parametrize("blank", ["", "  ", "\n\u3000"])
def test_a_missing_fact_is_named(blank):
    with pytest.raises(NoticeRefused, match="到岗时间、请带") as refused:
        reminder(report_at=blank, bring=blank)

    assert refused.value.fields == ("report_at", "bring")


def test_a_fact_that_the_notice_has_no_place_for_is_refused():
    with pytest.raises(NoticeRefused, match="punishment"):
        reminder(punishment="扣工资")


def test_a_notice_without_a_name_is_refused():
    with pytest.raises(NoticeRefused, match="姓名"):
        compose("return_reminder", RETURN, " ", FIRM)


def test_an_unknown_kind_is_refused():
    with pytest.raises(NotPackaged, match="return_reminder"):
        load_kind("dismissal")


@pytest.mark.parametrize(
    ("threat", "word"),
    [
        ("逾期不到视为自动离职", "视为自动离职"),
        ("不来就视为放弃待遇", "视为放弃"),
        ("一切后果自负", "后果自负"),
        ("视 为 自 动 离 职", "视为自动离职"),
        ("视为“自动离职”", "视为自动离职"),
        ("視為自動離職，後果自負", "视为自动离职"),
        ("视为\u200b放弃", "视为放弃"),
        ("不回复视为同意", "视为同意"),
        ("按自动离职处理", "按自动离职处理"),
        ("视为您本人自动离职", "视为您本人自动离职"),
        ("将视作主动辞职", "视作主动辞职"),
        ("ｖ视为ｖ", None),
        ("一切后果由您本人自行承担", "后果由您本人"),
        ("损失自担", "损失自担"),
        ("由此产生的责任自行负责", "责任自行负责"),
        ("承担一切后果", "承担一切后果"),
        ("后\u3000果\u3000自\u3000负！", "后果自负"),
        ("⾃动解除", "自动解除"),
        ("劳动合同到时自然终止", "合同到时自然终止"),
        ("视为你已放弃工伤待遇", "视为你已放弃"),
        ("不来就是自愿放弃", "就是自愿放弃"),
        ("公司视情况同意延长", None),
        ("费用和风险都由公司承担", None),
    ],
)
def test_threats_and_readings_of_silence_are_refused_with_the_words_and_the_reason(threat, word):
    if word is None:
        assert threat in reminder(place=f"一厂人事办公室，{threat}").text
        return
    with pytest.raises(NoticeRefused, match=word) as refused:
        reminder(place=f"一厂人事办公室，{threat}")

    assert any(word in found for found in refused.value.words)
    assert "请" in str(refused.value)  # and what to write instead


@pytest.mark.parametrize("kind", kinds())
def test_the_packaged_texts_never_write_what_they_refuse(kind):
    composed_of(kind)


def test_braces_in_a_fact_stay_text():
    assert "{firm}" in reminder(place="{firm} 一厂").text


def test_a_plain_notice_keeps_its_paragraphs_and_ends_each_sentence_once():
    composed = compose("plain", {"content": "第一段。\n\n第二段！", "contact": "李娜。"}, "张伟", FIRM)

    assert composed.paragraphs[2:4] == ("第一段。", "第二段！")
    assert "联系人：李娜。" in composed.paragraphs
