"""A notice is filled in, read, and only then sent; and a WeChat account is bound by a code on the screen."""

import pytest

from handlers.ports import Unsure
from storage import cases
from storage.bindings import use_code
from tests.console.forms import CASE, FACTS
from tests.web import field_of, post
from tests.world import CASE_NO, REMINDER

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NEW = f"{CASE}/notices/new"


def notices(world):
    with world.desk.archive.reading() as view:
        return [notice.title for notice in cases.notices_of(view, world.case_id)]


def previewed(hr, **fields):
    return post(hr, NEW, f"{CASE}/notices/preview", kind="return_reminder", **{**FACTS, **fields})


def sent(hr, preview):
    digest = field_of(preview.text, "digest")
    return post(hr, NEW, f"{CASE}/notices", kind="return_reminder", digest=digest, **FACTS)


def test_every_kind_asks_for_its_own_facts(hr):
    assert 'name="f-report_at"' in hr.get(NEW).text
    assert 'name="f-meet_at"' in hr.get(f"{NEW}?kind=negotiation").text
    assert 'name="f-documents"' in hr.get(f"{NEW}?kind=documents").text


def test_the_preview_shows_the_whole_text_the_first_step_and_the_lock_screen_and_sends_nothing(world, hr):
    text = previewed(hr).text

    assert "您的停工留薪期（受伤后带薪休养的时间）到 2026 年 11 月 19 日结束" in text
    assert "发送通知 · 微信" in text
    assert "按下就发" in text
    assert "您有一份到岗安排的通知" in text
    assert notices(world) == []
    assert world.wechat.taken == []


def test_outside_the_hours_for_messages_the_preview_says_when_it_will_leave(world, hr):
    world.clock.pass_by(hours=11)

    assert "明天 08:00" in previewed(hr).text


def test_sending_starts_the_ladder_and_says_so(world, hr):
    response = sent(hr, previewed(hr))

    assert response.status_code == 303
    assert notices(world) == ["返岗提醒"]
    assert "通知已封存" in hr.get(CASE).text
    assert world.work() == 1


def test_pressing_send_twice_sends_once(world, hr):
    preview = previewed(hr)
    for _ in range(2):
        assert sent(hr, preview).status_code == 303

    assert notices(world) == ["返岗提醒"]


def test_what_was_not_previewed_is_not_sent(world, hr):
    digest = field_of(previewed(hr).text, "digest")

    fields = {**FACTS, "f-place": "别处"}
    response = post(hr, NEW, f"{CASE}/notices", kind="return_reminder", digest=digest, **fields)

    assert "别处" in response.text
    assert notices(world) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"f-place": ""}, "地点"), ({"f-bring": "不来视为自动离职"}, "视为自动离职")],
    ids=["a fact is missing", "a threat"],
)
def test_a_notice_that_must_not_go_out_is_refused_with_the_reason_and_keeps_what_was_typed(
    world, hr, fields, said
):
    response = previewed(hr, **fields)

    assert response.status_code == 422
    assert said in response.text
    assert REMINDER["report_at"] in response.text


def test_going_back_to_the_form_loses_nothing(hr):
    response = post(hr, NEW, NEW, kind="return_reminder", **FACTS)

    assert response.status_code == 200
    assert f'value="{REMINDER["report_at"]}"' in response.text


def test_the_binding_code_is_shown_as_a_picture_and_binds_whoever_scans_it(world, hr, monkeypatch):
    shown = []
    monkeypatch.setattr(
        world.wechat, "invitation", lambda code: shown.append(code) or f"http://w.test/{code}"
    )

    response = post(hr, CASE, f"{CASE}/bind/wechat_oa/main")
    page, picture = hr.get(response.headers["Location"]), hr.get(f"{CASE}/bind/code.svg")

    assert response.headers["Location"] == f"{CASE}/bind"
    assert shown[0] not in page.text
    assert picture.mimetype == "image/svg+xml"
    with world.desk.archive.writing() as book:
        assert use_code(book.connection, shown[0], "wechat_oa", "main", book.now) == world.case().employee_id


def test_when_wechat_gives_no_code_hr_is_told_why(world, hr, monkeypatch):
    def fails(code):
        raise Unsure("timeout", "没有回答")

    monkeypatch.setattr(world.wechat, "invitation", fails)

    response = post(hr, CASE, f"{CASE}/bind/wechat_oa/main")

    assert response.status_code == 422
    assert "没有回答" in response.text


def test_a_channel_without_codes_offers_none(hr):
    assert post(hr, CASE, f"{CASE}/bind/sms_twilio/hk").status_code == 404
    assert "/bind/sms_twilio" not in hr.get(CASE).text


def test_a_code_that_was_never_made_is_not_drawn(hr):
    assert hr.get(f"{CASE}/bind/code.svg").status_code == 404
    assert hr.get(f"{CASE}/bind").status_code == 404


def test_the_export_is_named_after_the_case(world, hr):
    with post(hr, CASE, f"{CASE}/export") as response:
        assert f"filename={CASE_NO}.zip" in response.headers["Content-Disposition"]
        assert response.data.startswith(b"PK")
    assert "导出证据包" in hr.get(f"{CASE}?show=noted").text
