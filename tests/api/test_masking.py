"""Without the scope personal nobody reads a telephone or ID number, wherever it stands."""

import json

import pytest

from bot.api.masking import mask_address, mask_text, mask_told
from tests.api.calling import CASE, Program
from tests.world import CASE_NO, CONTACT_PHONE, ID_NUMBER, OPENID, PHONE, REMINDER, World

SECRETS = (ID_NUMBER, PHONE, CONTACT_PHONE, OPENID, "0571-5550-0100", "13800000009")


@pytest.fixture
def story(world: World, hr: Program) -> str:
    """A notice that was sent and answered for, and texts that hold numbers everywhere."""
    hr.post("/cases", CASE | {"summary": "目击者电话 13800000009，身份证 " + ID_NUMBER})
    notice = hr.notice("return_reminder", REMINDER)
    world.work()
    return notice


def everything(program: Program, notice: str) -> str:
    paths = [
        "/employees", "/employees/E-0107", "/cases/GS-2026-0030", f"/notices/{notice}",
        f"/cases/{CASE_NO}/timeline?limit=200", "/cases/GS-2026-0030/timeline", "/tasks", "/cases",
    ]  # fmt: skip
    answers = [program.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [200] * len(paths)
    return json.dumps([answer.json for answer in answers], ensure_ascii=False)


def test_numbers_are_masked_in_every_answer(hr: Program, story: str) -> None:
    told = everything(hr, story)

    assert [secret for secret in SECRETS if secret in told] == []
    assert "张伟" in told and "+852 51****67" in told


def test_whoever_may_see_them_sees_them_in_full(world: World, story: str) -> None:
    told = everything(Program(world, "hr", "read", "personal"), story)

    assert [secret for secret in SECRETS if secret not in told] == []


def test_the_answers_to_writing_are_masked_too(hr: Program) -> None:
    body = {
        "name": "刘洋", "firm": "恒力五金有限公司", "id_number": ID_NUMBER,
        "emergency_contact": {"name": "王芳", "relation": "母亲", "phone": CONTACT_PHONE},
        "addresses": [{"channel": "sms_twilio", "address": "+85255500123"}],
    }  # fmt: skip

    entered = hr.put("/employees/E-0200", body).text
    opened = hr.post("/cases", CASE | {"summary": f"电话 {CONTACT_PHONE}"}).text

    assert not any(secret in entered + opened for secret in (*SECRETS, "55500123"))


def test_an_answer_kept_for_a_program_that_sees_numbers_shows_none_to_one_that_does_not(world: World) -> None:
    body = CASE | {"summary": f"电话 {CONTACT_PHONE}"}
    sees, sees_not = Program(world, "hr", "write", "personal"), Program(world, "hr", "write")

    sees.post("/cases", body, key="k1")

    assert CONTACT_PHONE not in sees_not.post("/cases", body, key="k1").text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请打 13912345678 找我", "请打 139****5678 找我"),
        ("+86 139 1234 5678", "139****5678"),
        ("座机 0571-5550-0100", "座机 057*****0100"),
        (f"证件 {ID_NUMBER}。", "证件 33****************。"),
        ("33010619900307421x", "33****************"),
        ("打 １３９１２３４５６７８", "打 139****5678"),
        ("2026-11-20T08:30:00.000Z 第 12 次", "2026-11-20T08:30:00.000Z 第 12 次"),
        ("赔偿 100000 元，单号 1234567890123", "赔偿 100000 元，单号 1234567890123"),
    ],
)
def test_numbers_in_a_text_are_masked_and_nothing_else(text: str, shown: str) -> None:
    assert mask_text(text) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [("+85251234567", "+852 51****67"), ("zhang@example.cn", "z***@example.cn"), (OPENID, "oZ***")],
)
def test_an_address_keeps_just_enough_to_be_recognised(address: str, shown: str) -> None:
    assert mask_address(address) == shown


def test_a_waybill_is_no_telephone_number() -> None:
    told = {"waybill": "13912345678", "note": "13912345678", "rows": [{"address": OPENID, "n": 7}]}

    assert mask_told(told) == {
        "waybill": "13912345678",
        "note": "139****5678",
        "rows": [{"address": "oZ***", "n": 7}],
    }
