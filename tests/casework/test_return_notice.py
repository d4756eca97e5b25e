"""返岗通知书: what a formal notice must say, and when none may be written at all."""

import re
import tomllib
from copy import deepcopy
from datetime import date
from importlib import resources

import pytest

from casework.notices import NoticeRefused, compose, kind_from_body, load_kind
from tests.casework.facts import filled

TODAY = date(2026, 11, 16)
NEEDED = ("post", "fitness", "legal_basis", "rule_title", "rule_article", "consequence", "objection")


def notice(today=TODAY, **changed):
    return compose("return_notice", filled("return_notice", **changed), "张伟", "恒力五金", today=today)


def template():
    text = resources.files("casework").joinpath("notices", "return_notice.toml").read_text("utf-8")
    return tomllib.loads(text)


def test_a_complete_notice_names_post_fitness_law_rule_and_how_to_object():
    text = notice(post="冲压车间操作工").text

    for fact in ("冲压车间操作工", "诊断证明", "《工伤保险条例》第三十三条", "《考勤管理制度》第十二条"):
        assert fact in text
    assert "不会因为您没有回音就用在您身上" in text
    assert "仲裁" in text


def test_everything_that_is_missing_or_wrong_is_said_at_once():
    with pytest.raises(NoticeRefused) as refused:
        notice(
            post="", objection=" ", fitness="身体好了", legal_basis="劳动法", rule_article="最后",
            leave_end="2026-11-16", extension_pending="有", place="一厂，不来后果自负",
        )  # fmt: skip

    assert set(refused.value.fields) == {
        "post", "objection", "fitness", "legal_basis", "rule_article", "leave_end", "extension_pending",
    }  # fmt: skip
    assert "后果自负" in refused.value.words
    assert len(re.findall(r"\d\. ", str(refused.value))) == 7  # the two missing facts share a number


@pytest.mark.parametrize("name", NEEDED)
def test_no_single_fact_may_be_left_out(name):
    with pytest.raises(NoticeRefused) as refused:
        notice(**{name: ""})

    assert refused.value.fields == (name,)


@pytest.mark.parametrize(
    ("leave_end", "goes"),
    [("2026-11-15", True), ("2026-11-16", False), ("2026-11-17", False), ("2026 年 11 月 15 日", True)],
    ids=["yesterday", "its last day", "tomorrow", "written in Chinese"],
)
def test_a_notice_waits_until_paid_leave_is_over(leave_end, goes):
    if goes:
        assert "2026 年 11 月 15 日结束" in notice(leave_end=leave_end).text
        return
    with pytest.raises(NoticeRefused, match="留薪期到期提示"):
        notice(leave_end=leave_end)


@pytest.mark.parametrize("said", ["", "去年", "2026-13-01", "2026-11"])
def test_a_day_that_is_none_is_refused(said):
    with pytest.raises(NoticeRefused, match="停工留薪期到"):
        notice(leave_end=said)


@pytest.mark.parametrize(("said", "why"), [("有", "先答复"), ("不知道", "只能填")])
def test_an_undecided_request_to_extend_comes_first(said, why):
    with pytest.raises(NoticeRefused, match=why):
        notice(extension_pending=said)


def test_a_caller_who_forgets_the_day_is_told_instead_of_being_trusted():
    with pytest.raises(ValueError, match="today"):
        notice(today=None)


@pytest.mark.parametrize("words", ["自动解除劳动合同", "视为旷工自离", "合同自然终止", "即视为自动离职"])
def test_a_consequence_never_comes_by_itself(words):
    with pytest.raises(NoticeRefused, match="通知里不能写"):
        notice(consequence=f"连续缺勤三天的，{words}")


@pytest.mark.parametrize(
    "name",
    [
        *("post", "fitness", "legal_basis", "rule_title", "rule_article"),
        *("objection", "leave_end", "extension_pending"),
    ],
)
@pytest.mark.parametrize("where", ["fields", "paragraphs"])
def test_a_template_that_leaves_a_needed_fact_out_is_refused(name, where):
    body = deepcopy(template())
    if where == "fields":
        body["fields"] = [field for field in body["fields"] if field["name"] != name]
    else:
        body["paragraphs"] = [line.replace(f"{{{name}}}", "") for line in body["paragraphs"]]

    with pytest.raises(NoticeRefused) as refused:
        kind_from_body(body)

    assert name in refused.value.fields


def test_a_template_that_threatens_or_betrays_is_refused_with_every_fault():
    body = template()
    body["paragraphs"].append("逾期不到，视为自动离职，后果自负。")
    body["short_lines"].append("您的工伤待遇有变化")

    with pytest.raises(NoticeRefused, match="有 3 处要改") as refused:
        kind_from_body(body)

    assert {"视为自动离职", "后果自负", "伤", "待遇"} <= set(refused.value.words)


def test_the_packaged_template_is_complete():
    assert kind_from_body(template()) == load_kind("return_notice")
