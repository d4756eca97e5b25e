"""The public check of a record code: true or unknown, and nothing about anybody."""

import re

import pytest

from evidence.records import record_code
from storage import cases
from tests.engine.world import PretendChannel, world


@pytest.fixture
def checked(database_url: str):
    from flask import Flask

    from bot.pages.check import public_check

    with world(database_url, PretendChannel("wechat_oa")) as here:
        notice_id = here.remind()
        with here.archive.reading() as view:
            notice = cases.notice_by_id(view, notice_id)
            code = record_code(cases.record_leaf_hash(view.connection, notice.composed_record))
        app = Flask("check")
        app.register_blueprint(public_check(here.desk))
        yield app.test_client(), code


def test_a_true_code_is_confirmed_without_a_word_about_the_person(checked):
    client, code = checked
    answered = client.get(f"/check/{code}")

    assert answered.status_code == 200
    assert "这个回证码是真的" in answered.text
    assert not re.search("张伟|返岗|恒力|GS-2026", answered.text)


@pytest.mark.parametrize(
    "change", [str.lower, lambda code: code.replace("-", "")], ids=["small letters", "no dashes"]
)
def test_a_code_may_be_written_otherwise(checked, change):
    client, code = checked

    assert client.get(f"/check/{change(code)}").status_code == 200


def test_a_code_with_one_other_letter_is_unknown(checked):
    client, code = checked
    other = code[:-1] + ("A" if code[-1] != "A" else "B")

    assert client.get(f"/check/{other}").status_code == 404


@pytest.mark.parametrize("nonsense", ["x", "AAAA", "0000-0000-0000-0000", "A" * 500, "%00", "<script>"])
def test_nonsense_is_unknown_and_breaks_nothing(checked, nonsense):
    client, _ = checked
    answered = client.get(f"/check/{nonsense}")

    assert answered.status_code == 404
    assert "<script>" not in answered.text
