"""Whatever is sent, the answer is never a fault of ours."""

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.calling import CASE, EMPLOYEE, PLAIN, Program, problem
from tests.databases import KINDS
from tests.world import CASE_NO

DATABASES = KINDS

TEXT = st.text(st.characters(codec=None, exclude_categories=[]), max_size=70)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
TIMES = st.datetimes().map(lambda at: at.isoformat()) | st.datetimes().map(
    lambda at: f"{at.isoformat()}+14:00"
)
STARTS = {
    "/cases": CASE,
    f"/cases/{CASE_NO}/notices": {"kind": "plain", "fields": PLAIN},
    "/tasks/none/outcome": {"outcome": "reached", "note": "", "waybill": ""},
    "/employees/E-0400": EMPLOYEE | {
        "id_number": "330106199003074217",
        "emergency_contact": {"name": "王芳", "relation": "配偶", "phone": "13900000021"},
        "addresses": [{"channel": "sms_twilio", "account": "hk", "address": "+85255500123"}],
        "preference": ["sms_twilio"],
    },
}  # fmt: skip
QUICK = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def spoilt(draw: st.DrawFn, good: Any) -> Any:
    """A good body in which something, somewhere, was replaced."""
    if isinstance(good, dict) and draw(st.integers(0, 5)):  # mostly a field, sometimes the whole
        key = draw(st.sampled_from([*good, "more"]))
        return good | {key: draw(spoilt(good.get(key)))}
    if isinstance(good, list) and good and draw(st.integers(0, 3)):
        return [draw(spoilt(good[0])), *good[1:]]
    return draw(TEXT | TIMES | JSON)


@pytest.mark.parametrize("path", STARTS)
def test_no_body_makes_the_api_fail(hr: Program, path: str) -> None:
    @QUICK
    @given(spoilt(STARTS[path]))
    def check(body: Any) -> None:
        method = "PUT" if path.startswith("/employees") else "POST"
        headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
        answer = hr.raw(method, path, data=json.dumps(body), headers=headers)
        if answer.status_code not in (200, 201):
            assert problem(answer)[0] in (400, 404, 409, 422), answer.text

    check()


def test_no_bytes_make_the_api_fail(hr: Program) -> None:
    headers = {"Idempotency-Key": "k1", "Content-Type": "application/json"}

    @QUICK
    @given(st.binary(max_size=200))
    def check(body: bytes) -> None:
        assert problem(hr.raw("POST", "/cases", data=body, headers=headers))[0] in (400, 422)

    check()


def test_no_address_makes_the_api_fail(hr: Program) -> None:
    @QUICK
    @given(
        st.sampled_from(["/cases/{}", "/cases/{}/timeline", "/notices/{}", "/employees/{}"]),
        st.text(max_size=70),
    )
    def check(path: str, name: str) -> None:
        answer = hr.get(path.format(name.replace("?", "%3F").replace("#", "%23")))
        assert answer.status_code in (200, 404, 422), answer.text

    check()


def test_no_question_makes_the_api_fail(hr: Program) -> None:
    @QUICK
    @given(st.sampled_from(["cursor", "limit", "other"]), TEXT)
    def check(name: str, value: str) -> None:
        value = value.encode("utf-8", "replace").decode()
        answer = hr.raw("GET", "/employees", query_string={name: value})
        assert answer.status_code in (200, 422), answer.text

    check()
