"""What a notice says, what it must not say, and what a locked phone may show of it."""

import re
import tomllib
from importlib import resources

import pytest

from casework.escalation import policy_names
from casework.notices import NoticeRefused, compose, kinds, load_kind
from casework.packaged import NotPackaged

FIRM = "恒力五金有限公司"
RETURN = {
    "leave_end": "2026 年 11 月 19 日",
    "report_at": "2026 年 11 月 26 日（周四）上午 8:30",
    "place": "一厂人事办公室",
    "bring": "病历、复查片子",
    "contact": "人事部李娜，电话 0571-5550-0100",
}


def filled(kind):
    return {field.name: f"某{field.label}" for field in load_kind(kind).fields}


def reminder(**changed):
    return compose("return_reminder", RETURN | changed, "张伟", FIRM)


def test_the_kinds_that_ship():
    assert {kind: load_kind(kind).title for kind in kinds()} == {
        "documents": "材料补交",
        "negotiation": "协商邀请",
        "plain": "通知",
        "return_reminder": "返岗提醒",
    }


@pytest.mark.parametrize("kind", kinds())
def test_a_kind_is_called_as_its_file_and_climbs_a_ladder_that_exists(kind):
    assert load_kind(kind).kind == kind
    assert load_kind(kind).ladder in policy_names()


@pytest.mark.parametrize("kind", kinds())
def test_every_notice_carries_each_fact_the_name_and_the_firm(kind):
    facts = filled(kind)
    composed = compose(kind, facts, "张伟", FIRM)

    assert composed.paragraphs[0] == "张伟："
    assert composed.paragraphs[-1] == FIRM
    assert all(fact in composed.text for fact in facts.values())
    assert composed.key_facts == tuple((f.label, facts[f.name]) for f in load_kind(kind).fields)


@pytest.mark.parametrize("kind", kinds())
def test_every_notice_says_that_confirming_only_means_having_received_it(kind):
    text = compose(kind, filled(kind), "张伟", FIRM).text

    assert "“我已阅读并确认收到”，只表示您收到并看过" in text
    assert "联系人" in text


@pytest.mark.parametrize("kind", ["return_reminder", "negotiation"])
def test_whoever_cannot_come_is_told_what_to_do(kind):
    assert "“我去不了”" in compose(kind, filled(kind), "张伟", FIRM).text


@pytest.mark.parametrize("kind", kinds())
def test_a_locked_phone_shows_nothing_private_and_nothing_too_long(kind):
    private = tomllib.loads(resources.files("casework").joinpath("rules", "wording.toml").read_text("utf-8"))
    lines = (load_kind(kind).title, *load_kind(kind).short_lines)

    assert lines[1:]
    assert all(len(line) <= 20 for line in lines)
    assert [word for word in private["private"]["words"] for line in lines if word in line] == []


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
    ],
)
def test_threats_and_readings_of_silence_are_refused_with_the_words_and_the_reason(threat, word):
    with pytest.raises(NoticeRefused, match=word) as refused:
        reminder(place=f"一厂人事办公室，{threat}")

    assert word in refused.value.words
    assert len(str(refused.value)) > len(word) + 20


def test_the_packaged_texts_never_write_what_they_refuse():
    for kind in kinds():
        compose(kind, filled(kind), "张伟", FIRM)


def test_braces_in_a_fact_stay_text():
    assert "{firm}" in reminder(place="{firm} 一厂").text


def test_a_plain_notice_keeps_its_paragraphs_and_ends_each_sentence_once():
    composed = compose("plain", {"content": "第一段。\n\n第二段！", "contact": "李娜。"}, "张伟", FIRM)

    assert composed.paragraphs[2:4] == ("第一段。", "第二段！")
    assert "联系人：李娜。" in composed.paragraphs
