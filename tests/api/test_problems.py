"""Every refusal is a problem document that names what is wrong and where."""

import io

import pytest

from bot.api import entry
from bot.api.problems import SORTS
from storage import cases
from tests.api.calling import CASE, EMPLOYEE, PLAIN, Program, problem, records
from tests.world import CASE_NO

KEY = {"Idempotency-Key": "k1"}
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("path", ["/nowhere", "/cases/", "/cases//timeline", "", "/employees/a/b"])
def test_an_unknown_address_is_not_found(hr: Program, path: str) -> None:
    assert problem(hr.get(path)) == (404, "not-found", None)


def test_a_wrong_method_is_told_the_right_ones(hr: Program) -> None:
    answer = hr.raw("DELETE", f"/cases/{CASE_NO}")

    assert problem(answer) == (405, "method-not-allowed", None)
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/employees/E-9999", "employee_no"),
        ("/cases/GS-0", "case_no"),
        ("/cases/GS-0/timeline", "case_no"),
        ("/notices/019aa1ef-0000-7000-8000-000000000001", "id"),
    ],
)
def test_a_thing_that_does_not_exist_is_named(hr: Program, path: str, field: str) -> None:
    assert problem(hr.get(path)) == (404, "not-found", field)


def test_a_notice_or_an_outcome_for_nothing_is_not_found(hr: Program) -> None:
    assert problem(hr.post("/cases/GS-0/notices", {"kind": "plain", "fields": PLAIN}))[:2] == (
        404,
        "not-found",
    )
    assert problem(hr.post("/tasks/none/outcome", {"outcome": "reached"})) == (404, "not-found", "id")


@pytest.mark.parametrize("size", [entry.LARGEST_BODY + 1, 3 * entry.LARGEST_BODY])
def test_a_body_over_a_mebibyte_is_refused(hr: Program, size: int) -> None:
    before = records(hr.world)

    answer = hr.raw("POST", "/cases", headers=KEY | JSON, data=b'{"summary":"' + b"a" * size)

    assert problem(answer) == (413, "body-too-large", None)
    assert records(hr.world) == before


def test_a_body_of_unsaid_length_is_cut_off_too(hr: Program) -> None:
    stream = io.BytesIO(b" " * (entry.LARGEST_BODY + 1))
    answer = hr.raw(
        "POST",
        "/cases",
        headers=KEY | JSON,
        input_stream=stream,
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert problem(answer) == (413, "body-too-large", None)


@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "text/plain", "application/xml", ""])
def test_only_json_is_taken(hr: Program, media: str) -> None:
    answer = hr.raw("POST", "/cases", headers=KEY | {"Content-Type": media}, data=b"{}")

    assert problem(answer) == (415, "body-not-declared-json", None)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nothing", b"\xff\xfe{", b"[" * 200_000, b'{"a":' * 100_000, b'{"summary": NaN}',
        b"1" * 5_000, b"null", b"[]", b'"{}"', b"7",
    ],
    ids=[
        "nothing", "half", "a word", "not UTF-8", "deep lists", "deep objects", "NaN", "a huge number",
        "null", "a list", "a string that holds JSON", "a number",
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_refused(hr: Program, body: bytes) -> None:
    answer = hr.raw("POST", "/cases", headers=KEY | JSON, data=body)

    assert problem(answer) == (400, "body-not-json", None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"case_no": None}, "case_no"),
        ({"case_no": ""}, "case_no"),
        ({"case_no": "a/b"}, "case_no"),
        ({"case_no": "工" * 61}, "case_no"),
        ({"employee_no": 107}, "employee_no"),
        ({"accident_at": "2026-11-20T08:05:00"}, "accident_at"),
        ({"accident_at": 1_763_000_000}, "accident_at"),
        ({"accident_at": "0001-01-01T00:00:00+14:00"}, "accident_at"),
        ({"accident_at": "yesterday"}, "accident_at"),
        ({"accident_at": "2027-11-20T08:05:00+08:00"}, "accident_at"),
        ({"employee_no": "E-9999"}, "employee_no"),
        ({"stage": "dreaming"}, "stage"),
        ({"summary": "a\x00b"}, "summary"),
        ({"summary": "\ud83d"}, "summary"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_of_a_case_is_named(hr: Program, change: dict[str, object], field: str) -> None:
    before = records(hr.world)

    status, _, named = problem(hr.post("/cases", CASE | change))

    assert (status, named) == (422, field)
    assert records(hr.world) == before


def test_all_wrong_fields_are_told_at_once_and_no_value_is_repeated(hr: Program) -> None:
    answer = hr.post("/cases", CASE | {"case_no": "secret value", "stage": "secret value"})

    assert [fault["field"] for fault in answer.json["errors"]] == ["case_no", "stage"]
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ({"channel": "telegraph", "address": "x"}, "addresses.0.channel"),
        ({"channel": "sms_twilio", "account": "us", "address": "+85255500123"}, "addresses.0.account"),
        ({"channel": "sms_twilio", "address": "139 0000 0001"}, "addresses.0.address"),
        ({"channel": "sms_twilio", "address": "+852 51****67"}, "addresses.0.address"),
    ],
)
def test_an_address_at_which_nobody_could_be_reached_is_refused(
    hr: Program, address: dict[str, str], field: str
) -> None:
    answer = hr.put("/employees/E-0200", EMPLOYEE | {"addresses": [address]})

    status, _, named = problem(answer)
    assert (status, named) == (422, field)
    assert hr.get("/employees/E-0200").status_code == 404


def test_a_masked_number_never_overwrites_the_true_one(hr: Program) -> None:
    seen = hr.get("/employees/E-0107").json["id_number"]

    answer = hr.put("/employees/E-0107", EMPLOYEE | {"id_number": seen})

    assert problem(answer) == (422, "field-invalid", "id_number")


def test_a_case_is_not_opened_twice(hr: Program) -> None:
    assert problem(hr.post("/cases", CASE | {"case_no": CASE_NO})) == (409, "exists-already", "case_no")


@pytest.mark.parametrize(
    ("change", "name", "field"),
    [
        ({"content": "再不回来后果自负"}, "notice-refused", "fields"),
        ({"content": ""}, "notice-refused", "fields.content"),
        ({"amount": "100000"}, "notice-refused", "fields"),
    ],
    ids=["a threat", "a fact is missing", "an unknown fact"],
)
def test_a_notice_that_must_not_be_sent_says_why(
    hr: Program, change: dict[str, str], name: str, field: str
) -> None:
    before = records(hr.world)

    answer = hr.post(f"/cases/{CASE_NO}/notices", {"kind": "plain", "fields": PLAIN | change})

    assert problem(answer) == (422, name, field)
    assert records(hr.world) == before


def test_a_threat_is_named_word_for_word(hr: Program) -> None:
    fields = PLAIN | {"content": "再不回来后果自负"}

    assert "后果自负" in " ".join(
        hr.post(f"/cases/{CASE_NO}/notices", {"kind": "plain", "fields": fields}).json["words"]
    )


def test_an_unknown_kind_of_notice_lists_the_known_ones(hr: Program) -> None:
    answer = hr.post(f"/cases/{CASE_NO}/notices", {"kind": "../rules/clocks", "fields": {}})

    assert problem(answer) == (422, "field-invalid", "kind")
    assert "return_reminder" in answer.json["detail"]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=many", "page=2", "cursor=%00"])
def test_a_wrong_question_is_refused(hr: Program, query: str) -> None:
    assert problem(hr.get(f"/employees?{query}"))[0] == 422


def test_a_fault_of_ours_tells_a_number_and_nothing_else(
    hr: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(cases, "cases_page", fail)

    answer = hr.get("/cases")

    assert problem(answer) == (500, "internal-error", None)
    assert "hunter2" not in answer.text
    assert answer.json["instance"] in caplog.text and "hunter2" in caplog.text


def test_titles_are_chinese_and_names_are_english() -> None:
    for name, (status, title) in SORTS.items():
        assert name.isascii() and name == name.lower() and 400 <= status < 600
        assert any("\u4e00" <= character <= "\u9fff" for character in title)
