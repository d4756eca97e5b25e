"""The employee reads and answers: every act becomes a record with a number that the employee keeps."""

import io
import re

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from casework.messages import Meaning
from handlers.confirm import confirm_reply
from storage import inbox, tasks
from storage.timeline import lines_of
from tests.pages.reading import bare_app, identified, kinds_of, opened, press
from tests.web import field_of
from tests.world import ID_TAIL, opened_world

JPEG = b"\xff\xd8\xff\xe0" + bytes(200)
CODE = re.compile(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}")

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(database_url):
    with opened_world(database_url) as world:
        world.notify()
        world.work()
        yield world


@pytest.fixture
def client(world):
    return identified(world)


def photo(data=JPEG, name="photo.jpg"):
    return (io.BytesIO(data), name)


def answers(world):
    with world.desk.archive.reading() as view:
        kept = inbox.replies_of(view.connection, world.case_id)
        return [(one.proposed, view.open(one.text_blob).data.decode()) for one in kept]


def open_tasks(world):
    with world.desk.archive.reading() as view:
        return [task.kind for task in tasks.open_tasks(view.connection)]


def test_showing_the_text_is_recorded_once_per_visit_and_stops_nothing(world, client):
    for _ in range(3):
        client.get(f"/n/{world.token()}")

    assert kinds_of(world, "page.") == ["page.displayed"]
    assert world.plan().state == "running"


def test_a_second_visit_is_recorded_as_a_second_showing(world, client):
    identified(world)

    assert kinds_of(world, "page.") == ["page.displayed"] * 2


def test_asking_only_for_the_headers_shows_nothing_and_records_nothing(world):
    client = bare_app(world).test_client()
    token = world.token()
    form = field_of(client.get(f"/n/{token}").text, "form")
    client.post(f"/n/{token}/who", data={"form": form, "tail": ID_TAIL})

    client.head(f"/n/{token}")

    assert kinds_of(world, "page.") == []


def test_the_meaning_of_the_button_stands_right_above_it_after_text_and_rights(world, client):
    text = client.get(f"/n/{world.token()}").text

    order = [
        "您依法应得的待遇和权利",
        "您的权利",
        "<b>收到并看过</b>，不代表您同意",
        "我已阅读并确认收到</button>",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_confirming_ends_the_ladder_and_gives_a_receipt(world, client):
    response = press(client, world.token(), "read")
    receipt = client.get(response.headers["Location"])

    assert response.status_code == 303
    assert world.plan().state == "ended"
    assert "已确认收到" in receipt.text
    assert "系统已记录，人事尚未查看" in receipt.text
    assert "2026-11-23 10:00:00" in receipt.text
    assert kinds_of(world, "page.read", "identity") == ["id_tail"]


def test_the_number_on_the_receipt_is_the_code_of_the_record_of_the_act(world, client):
    from evidence.records import record_code

    press(client, world.token(), "read")
    shown = CODE.search(client.get(f"/n/{world.token()}/done").text)[0]

    with world.desk.archive.reading() as view:
        (act,) = [line for line in lines_of(view, world.case_id) if line.kind == "page.read"]
    assert shown == record_code(bytes.fromhex(act.leaf_hash))


def test_confirming_twice_is_one_act(world, client):
    press(client, world.token(), "read")
    press(client, world.token(), "read")

    assert kinds_of(world, "page.read") == ["page.read"]


@pytest.mark.parametrize(
    ("choice", "text", "meaning"),
    [
        ("cannot", "医生要我再休息两周", "extension"),
        ("object", "凭什么说我已经好了？", "declined"),
        ("call_me", "", "help"),
        ("add", "我妻子陪我去", "unclear"),
    ],
)
def test_any_other_answer_is_kept_word_for_word_pauses_the_ladder_and_asks_hr(
    world, client, choice, text, meaning
):
    response = press(client, world.token(), choice, text=text)
    receipt = client.get(response.headers["Location"]).text

    assert answers(world) == [(meaning, text)]
    assert world.plan().state == "paused"
    assert open_tasks(world) == ["confirm_reply"]
    assert "系统已记录，人事尚未查看" in receipt
    assert text in receipt


def test_once_hr_has_said_what_an_answer_means_the_receipt_says_that_hr_has_seen_it(world, client):
    press(client, world.token(), "cannot", text="脚还肿着")
    with world.desk.archive.writing() as book:
        (reply,) = inbox.replies_of(book.connection, world.case_id)
        confirm_reply(book, reply.id, Meaning.EXTENSION, "", world.desk.rules, world.hr)

    receipt = client.get(f"/n/{world.token()}/done").text

    assert "人事已看过您的答复" in receipt
    assert "尚未查看" not in receipt


def test_several_photos_travel_with_the_answer_into_the_record(world, client):
    pdf = photo(b"%PDF-1.7 " + bytes(99), "假条.pdf")

    press(client, world.token(), "cannot", text="", photos=[photo(), pdf])

    with world.desk.archive.reading() as view:
        (act,) = [line for line in lines_of(view, world.case_id) if line.kind == "page.answered"]
    assert [name for name in act.parts if name.startswith("attachment")] == ["attachment-1", "attachment-2"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": "   "}, "请写几句话"),
        ({"text": "看", "photos": (b"MZ\x90\x00 program", "photo.jpg")}, "只能发照片"),
        ({"text": "长" * 4001}, "写得太长了"),
    ],
    ids=["nothing written", "a program that calls itself a photo", "too long"],
)
def test_what_cannot_be_taken_is_explained_and_what_was_written_stays(world, client, fields, said):
    if "photos" in fields:
        fields = fields | {"photos": photo(*fields["photos"])}

    response = press(client, world.token(), "cannot", **fields)

    assert response.status_code == 422
    assert said in response.text
    assert fields["text"].strip() in response.text
    assert answers(world) == []


def test_a_photo_over_eight_megabytes_is_refused_kindly(world, client):
    form = field_of(client.get(f"/n/{world.token()}").text, "form")
    large = FileStorage(*photo(JPEG + bytes(8 * 1024 * 1024)))
    fields = {"form": form, "choice": "cannot", "text": "看", "photos": large}
    boundary, body = encode_multipart(fields)  # the test client would leave a temporary file open

    response = client.post(
        f"/n/{world.token()}/answer", data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )

    assert response.status_code == 413
    assert "不超过 8 MB" in response.text
    assert answers(world) == []


def test_a_flood_of_bytes_is_refused_before_it_is_read(world, client):
    flood = {"CONTENT_LENGTH": str(26 * 1024 * 1024), "CONTENT_TYPE": "multipart/form-data; boundary=x"}

    response = client.post(f"/n/{world.token()}/answer", environ_overrides=flood)

    assert response.status_code == 413
    assert "不超过 8 MB" in response.text


@pytest.mark.parametrize("spoil", [lambda form: "", lambda form: form + "x"], ids=["missing", "changed"])
def test_an_answer_without_the_form_s_token_is_refused_and_changes_nothing(world, client, spoil):
    form = field_of(client.get(f"/n/{world.token()}").text, "form")

    response = client.post(f"/n/{world.token()}/answer", data={"form": spoil(form), "choice": "read"})

    assert response.status_code == 403
    assert world.plan().state == "running"


def test_the_form_of_another_visit_is_refused(world, client):
    other = identified(world)
    form = field_of(other.get(f"/n/{world.token()}").text, "form")

    response = client.post(f"/n/{world.token()}/answer", data={"form": form, "choice": "read"})

    assert response.status_code == 403
    assert world.plan().state == "running"


def test_a_button_that_does_not_exist_does_nothing(world, client):
    assert press(client, world.token(), "agree").status_code == 422
    assert kinds_of(world, "page.answered") == []


def test_markup_in_an_answer_is_shown_as_it_was_written(world, client):
    press(client, world.token(), "object", text="<b>不</b>")

    assert "&lt;b&gt;不&lt;/b&gt;" in client.get(f"/n/{world.token()}/done").text


def test_the_employee_gets_the_paper_as_a_pdf(world, client):
    response = client.get(f"/n/{world.token()}/notice.pdf")

    assert response.mimetype == "application/pdf"
    assert response.data.startswith(b"%PDF-")


def test_large_letters_stay_on_from_page_to_page(world, client):
    token = world.token()
    form = field_of(client.get(f"/n/{token}?big=1").text, "form")

    response = client.post(f"/n/{token}/answer?big=1", data={"form": form, "choice": "read"})

    assert '<html lang="zh-CN" class="big">' in client.get(f"/n/{token}?big=1").text
    assert response.headers["Location"].endswith("?big=1")


@pytest.mark.parametrize(
    ("stage", "told"), [("reported", True), ("paid_leave", False)], ids=["not filed yet", "filed long ago"]
)
def test_while_nothing_is_filed_the_employee_is_told_the_own_right_to_file(world, stage, told):
    from handlers.open_case import CaseData, open_case

    with world.desk.archive.writing() as book:
        data = CaseData("GS-2026-0018", "E-0107", world.case().accident_at, None, stage)
        world.case_id = open_case(book, data, world.hr)
    world.notify()
    world.work()

    text = opened(bare_app(world).test_client(), world.token(), ID_TAIL).text

    assert ("最晚 2027 年 11 月 2 日" in text) is told


def test_every_photo_sent_apart_is_kept(world, client):
    token = world.token()
    for number in range(3):
        press(client, token, "cannot", photos=photo(JPEG + bytes([number])))

    with world.desk.archive.reading() as view:
        assert len(inbox.replies_of(view.connection, world.case_id)) == 3


def test_a_double_click_is_one_answer(world, client):
    token = world.token()
    for _ in range(2):
        press(client, token, "cannot", text="还在住院")

    assert len(answers(world)) == 1
