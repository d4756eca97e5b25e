"""Every page: strict headers, both languages, the yellow band, kind error pages, no script needed."""

import dataclasses
import re

import pytest

from bot.console.language import english_texts
from casework.notices import kinds, load_kind
from tests.console.forms import CASE
from tests.console.texts import ROOM, named, written
from tests.web import signed_in, web_app
from tests.world import opened_world

database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGES = ["/", "/cases", CASE, f"{CASE}/notices/new"]
HAN = "\u4e00-\u9fff"
HALF = re.compile(rf"[{HAN}][,:;!?()]|[,:;!?(][{HAN}]|[{HAN}]\)")


def visible(html):
    """Return what a reader sees of a page, tag by tag."""
    return [text for text in re.split(r"<[^>]*>", html) if text.strip()]


@database
@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/cases/none", "/sign-in/x"])
def test_every_page_loads_only_our_own_files_and_runs_nothing_inline(calling, hr, path):
    response = hr.get(path)

    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "data:" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<style|<script(?![^>]+src=)|\sstyle=|\son\w+=|javascript:", response.text)


@database
@pytest.mark.parametrize("path", PAGES)
def test_every_action_is_a_plain_form_or_link(calling, hr, path):
    for tag in re.findall(r"<form[^>]*>", hr.get(path).text):
        assert 'action="/' in tag
        assert "method=" in tag
        assert "hx-" not in tag


@database
def test_htmx_is_named_only_where_the_file_is(calling, hr):
    there = (ROOM / "static" / "vendor" / "htmx.min.js").exists()

    assert ("htmx.min.js" in hr.get(CASE).text) is there
    with hr.get("/static/vendor/htmx.min.js") as response:
        assert (response.status_code == 200) is there


@database
@pytest.mark.parametrize("path", PAGES)
def test_every_page_speaks_english_after_the_switch(calling, hr, path):
    hr.get("/language/en")

    text = hr.get(path).text

    assert '<html lang="en">' in text
    assert ">Workbench</a>" in text
    sealed = {load_kind(kind).title for kind in kinds()}  # what was sent is never translated
    ours = (written() | set(named())) - (sealed if path == CASE else set())
    assert [words for words in visible(text) if words.strip() in ours] == []


def test_every_text_of_the_console_has_an_english_one():
    texts = english_texts()

    assert [text for text in written() | set(named()) if texts.ugettext(text) == text] == []


def test_an_english_text_names_the_same_values_as_the_chinese_one():
    values = re.compile(r"%\((\w+)\)[sd]")

    for text in written():
        assert set(values.findall(text)) == set(values.findall(english_texts().ugettext(text))), text


@database
@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/sign-in/x"])
def test_punctuation_beside_chinese_characters_is_full_width(calling, hr, path):
    assert [words for words in visible(hr.get(path).text) if HALF.search(words)] == []


@database
@pytest.mark.parametrize(
    ("path", "status"), [("/nothing", 404), ("/cases/none", 404), (f"{CASE}/tasks/x", 405)]
)
def test_a_wrong_address_is_explained_in_the_same_look(calling, hr, path, status):
    response = hr.get(path)

    assert response.status_code == status
    assert "没有这一页" in response.text
    assert "huizheng.css" in response.text


@database
def test_a_fault_of_ours_shows_no_inside_and_needs_no_database(calling, hr, monkeypatch):
    monkeypatch.setattr("bot.console.casepage.read_case", lambda *_: 1 // 0)

    response = hr.get(CASE)

    assert response.status_code == 500
    assert "系统出了问题" in response.text
    assert "ZeroDivisionError" not in response.text


@database
def test_a_file_too_large_is_explained(calling, hr):
    flood = {"CONTENT_LENGTH": str(21 * 1024 * 1024), "CONTENT_TYPE": "multipart/form-data; boundary=x"}

    response = hr.post(f"{CASE}/export", environ_overrides=flood)

    assert response.status_code == 413
    assert "最多上传 20 MB" in response.text


@database
def test_the_api_and_the_webhooks_keep_their_own_error_answers(calling, hr):
    for path in ("/api/v1/nothing", "/hooks/nothing"):
        response = hr.get(path)
        assert response.status_code == 404
        assert "huizheng.css" not in response.text


@database
@pytest.mark.parametrize("sandbox", [True, False])
def test_the_yellow_band_is_on_every_page_of_a_sandbox_and_nowhere_else(database_url, sandbox):
    with opened_world(database_url, sandbox=sandbox) as world:
        links = {"打开张伟的手机": "http://127.0.0.1:8461/phone"}
        world.desk = dataclasses.replace(world.desk, sandbox_links=links)
        client = signed_in(world, web_app(world))
        for path in (*PAGES, "/sign-in/x"):
            text = client.get(path).text
            assert ("沙箱模式" in text) is sandbox
            assert (links["打开张伟的手机"] in text) is sandbox
            assert ('action="/sandbox/clock"' in text) is sandbox
            assert ("2026-11-23 10:00" in text and "+1 小时" in text) is sandbox
        assert ("沙箱模式" in client.get("/nothing").text) is sandbox
