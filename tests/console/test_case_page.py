"""The page of a case: what comes next, what happened, what each word proves, and nothing too much."""

import re

import pytest
import sqlalchemy as sa

from handlers.open_case import CaseData, open_case
from handlers.ports import Refused, Unsure
from storage.schema import log_head
from storage.timeline import lines_of
from tests.console.forms import CASE, open_tasks, scan, task_id, the_reply
from tests.pages.reading import bare_app, opened, press
from tests.web import post, signed_in
from tests.world import CASE_NO, CONTACT_PHONE, ID_NUMBER, ID_TAIL, NAME, OPENID, PHONE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def another_case(world):
    """Open a second case of the same employee and return its number."""
    with world.desk.archive.writing() as book:
        open_case(book, CaseData("GS-2026-0018", "E-0107", world.case().accident_at), world.hr)
    return "GS-2026-0018"


def rail(text):
    """Return the stages of the newest delivery with their states."""
    first = re.search(r'<ol class="rail".*?</ol>', text, re.S)[0]
    return re.findall(r'<li class="(\w+)"><b>([^<]+)</b>', first)


def test_the_next_step_stands_on_top_with_its_time_and_reason(told, hr):
    text = hr.get(CASE).text

    future = re.search(r'<li class="future">.*?</li>', text, re.S)[0]
    assert "第 2 步" in future
    assert "短信" in future
    assert "明天 10:00" in future
    assert "满 24 小时没有确认也没有回复" in future
    assert "1 天 0 小时后" in text
    assert text.index('class="future"') < text.index('class="sent')


def test_a_delivery_shows_how_far_it_came(told, hr):
    assert rail(hr.get(CASE).text) == [
        ("done", "已提交"), ("done", "网关受理"), ("done", "送达"), ("ahead", "打开"), ("ahead", "确认"),
    ]  # fmt: skip


def test_a_failure_is_told_in_the_gateway_s_own_word_with_what_it_does_not_prove(calling, hr):
    text = hr.get(CASE).text

    assert rail(text)[2] == ("failed", "送达")
    assert "undelivered 30003" in text
    assert "不是员工本人拒收" in text


@pytest.mark.parametrize(
    ("answer", "state", "word"),
    [
        (Unsure("timeout", "no answer"), "unknown", "不明"),
        (Refused("43004", "not a follower"), "failed", "网关拒绝"),
    ],
    ids=["no answer", "refused"],
)
def test_what_the_gateway_did_not_take_is_not_shown_as_taken(world, hr, answer, state, word):
    world.wechat.answers.append(answer)
    world.notify()
    world.work()

    text = hr.get(CASE).text

    assert rail(text)[1] == (state, "网关受理")
    assert f">{word}</span>" in text


def test_opening_without_a_delivery_report_leaves_the_stage_unreported(world, hr):
    world.notify()
    world.work()
    opened(bare_app(world).test_client(), world.token(), ID_TAIL)

    assert rail(hr.get(CASE).text)[2:4] == [("silent", "送达"), ("done", "打开")]


def test_every_record_of_the_case_stands_in_the_timeline_with_number_and_hash(calling, hr):
    text = hr.get(CASE).text
    with calling.desk.archive.reading() as view:
        lines = lines_of(view, calling.case_id)

    shown = set(map(int, re.findall(r"#0*(\d+)\b", text)))
    assert {line.cseq for line in lines} <= shown
    assert f"#0001 {lines[0].leaf_hash[:4]}…{lines[0].leaf_hash[-4:]}" in text
    assert lines[-1].leaf_hash[-4:] in text
    assert f"{len(lines)} 条" in text


def test_a_call_comes_with_its_script_and_its_outcomes_in_place(calling, hr):
    text = hr.get(CASE).text

    assert "您好，我是恒力五金有限公司的李娜，想联系张伟" in text
    assert "0571-5550-0100" in text
    for word in ("reached", "no_answer", "wrong_number", "refused"):
        assert f'name="outcome" value="{word}"' in text


def test_recording_a_call_lets_the_ladder_go_on_and_shows_who_recorded_it(calling, hr):
    response = post(hr, CASE, f"{CASE}/tasks/{task_id(calling)}", outcome="reached", note="她会转告")

    text = hr.get(CASE).text
    assert response.status_code == 303
    assert open_tasks(calling) == []
    assert "已接通" in text
    assert "她会转告" in text
    assert "寄送纸质通知" in text  # the next step


def test_a_paper_needs_its_waybill_and_may_bring_a_scan(calling, hr):
    post(hr, CASE, f"{CASE}/tasks/{task_id(calling)}", outcome="reached", note="")
    calling.clock.pass_by(days=1)
    calling.work()
    paper = f"{CASE}/tasks/{task_id(calling)}"

    without = post(hr, CASE, paper, outcome="posted")
    posted = post(hr, CASE, paper, outcome="posted", waybill="EX123456789CN", scan=scan())
    text = hr.get(CASE).text

    assert without.status_code == 422
    assert "要填快递单号" in without.text
    assert posted.status_code == 303
    assert "EX123456789CN" in text
    assert [task.kind for task in open_tasks(calling)] == ["paper_result"]
    (file,) = set(re.findall(rf"{CASE}/files/[\w-]+/attachment-1", text))
    assert hr.get(file).mimetype == "image/jpeg"


def test_a_task_that_somebody_has_done_meanwhile_says_so(calling, hr):
    path = f"{CASE}/tasks/{task_id(calling)}"
    post(hr, CASE, path, outcome="reached")

    second = post(hr, CASE, path, outcome="reached")

    assert second.status_code == 422
    assert "已经有人登记过" in second.text


def test_a_reply_is_quoted_and_hr_says_what_it_means(told, hr):
    told.reply(told.wechat, "医生不让上班")
    text = hr.get(CASE).text
    response = post(hr, CASE, f"{CASE}/replies/{the_reply(told).id}", meaning="extension", note="电话核对过")

    after = hr.get(CASE).text
    assert "<blockquote>医生不让上班</blockquote>" in text
    assert "初步判断：要求延期" in text
    assert response.status_code == 303
    assert "已确认：要求延期" in after
    assert "电话核对过" in after
    assert told.plan().state == "ended"


def test_a_meaning_must_be_chosen(told, hr):
    told.reply(told.wechat, "医生不让上班")

    response = post(hr, CASE, f"{CASE}/replies/{the_reply(told).id}", meaning="")

    assert response.status_code == 422
    assert "请先选择" in response.text


def test_a_ladder_is_paused_and_resumed_only_with_a_reason(told, hr):
    plan = told.plan().id
    states = []
    for action, why in (("pause", " "), ("pause", "等医院的单子"), ("resume", ""), ("resume", "单子到了")):
        post(hr, CASE, f"{CASE}/plans/{plan}/{action}", why=why)
        states.append(told.plan().state)

    text = hr.get(CASE).text
    assert states == ["running", "paused", "paused", "running"]
    assert "等医院的单子" in text
    assert "单子到了" in text


def test_while_a_ladder_is_paused_no_step_is_announced(told, hr):
    post(hr, CASE, f"{CASE}/plans/{told.plan().id}/pause", why="等等")

    text = hr.get(CASE).text
    assert 'class="future"' not in text
    assert "恢复阶梯" in text


def test_photos_of_the_employee_can_be_looked_at_but_only_in_their_own_case(told, hr):
    client = bare_app(told).test_client()
    opened(client, told.token(), ID_TAIL)
    press(client, told.token(), "cannot", text="", photos=scan())
    (file,) = set(re.findall(rf"{CASE}/files/[\w-]+/attachment-1", hr.get(CASE).text))

    response = hr.get(file)

    assert response.data.startswith(b"\xff\xd8\xff")
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert hr.get(file.replace(CASE_NO, another_case(told))).status_code == 404
    assert hr.get(file.replace("attachment-1", "text")).status_code == 404


def test_a_task_of_another_case_cannot_be_done_from_here(calling, hr):
    response = post(hr, CASE, f"/cases/{another_case(calling)}/tasks/{task_id(calling)}", outcome="reached")

    assert response.status_code == 422
    assert len(open_tasks(calling)) == 1


def test_names_are_shown_and_numbers_are_masked_on_every_page(calling, app):
    calling.reply(calling.wechat, "医生不让上班")
    client = signed_in(calling, app, "admin")

    pages = [client.get(path).text for path in ("/", "/cases", CASE, f"{CASE}/notices/new")]

    assert all(NAME in page for page in pages)
    for page in pages:
        for secret in (PHONE, PHONE.removeprefix("+852"), CONTACT_PHONE, ID_NUMBER, ID_TAIL + "<", OPENID):
            assert secret not in page
    assert "+852 51****67" in pages[2]
    assert "139****0021" in pages[2]


def test_the_filter_shows_one_kind_of_entry(calling, hr):
    text = hr.get(f"{CASE}?show=todo").text

    assert 'class="todo' in text
    assert 'class="sent' not in text
    assert 'class="future"' not in text


def test_hr_prints_the_paper_of_a_notice(told, hr):
    (path,) = set(re.findall(rf"{CASE}/notices/[\w-]+/paper.pdf", hr.get(CASE).text))

    assert hr.get(path).data.startswith(b"%PDF-")


def test_a_reply_in_markup_stays_text(told, hr):
    told.reply(told.wechat, "<img src=x>不同意")

    assert "&lt;img src=x&gt;不同意" in hr.get(CASE).text


def test_the_number_to_ring_is_shown_only_for_an_open_call_and_that_is_recorded(calling, hr):
    assert CONTACT_PHONE not in hr.get(CASE).text
    task = task_id(calling)

    shown = post(hr, CASE, f"{CASE}/tasks/{task}/number")

    assert shown.status_code == 200
    assert f'href="tel:{CONTACT_PHONE}"' in shown.text
    assert CONTACT_PHONE not in hr.get(CASE).text
    with calling.desk.archive.reading() as view:
        kinds = [(line.kind, line.actor) for line in lines_of(view, calling.case().id)]
    assert kinds.count(("contact.shown", calling.hr)) == 1


def test_a_case_that_was_tampered_with_says_what_to_do_instead_of_a_bundle(told, hr):
    with told.desk.archive.engine.begin() as connection:
        connection.execute(sa.update(log_head).values(origin="x"))

    answered = post(hr, CASE, f"{CASE}/export")

    assert answered.status_code == 422
    assert "huizheng audit" in answered.text
