"""HR asks and legal approves in the console; the case's page shows holds, and what an erasure has left."""

import re

import pytest

from handlers.erase import Wish
from tests.erasure.conftest import SECRET
from tests.erasure.living import Lived
from tests.web import field_of, post, signed_in, web_app
from tests.world import CASE_NO

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CASE = f"/cases/{CASE_NO}"
KEEPING = f"{CASE}/keeping"


@pytest.fixture
def people(lived: Lived):
    """A signed-in client of each role, by role."""
    lived.keep_outside()
    app = web_app(lived.world)
    return {role: signed_in(lived.world, app, role) for role in ("hr", "legal", "admin", "auditor")}


def test_a_hold_shows_on_the_case_and_refuses_the_erasure_by_name(lived: Lived, people):
    post(people["legal"], KEEPING, f"{CASE}/holds", ground="arbitration", why="杭劳人仲案 2026-88")

    assert "证据保全 · 劳动仲裁" in people["hr"].get(CASE).text
    refused = post(
        people["hr"], KEEPING, f"{CASE}/erasures", ground="purpose-achieved", level="1", why="结案"
    )
    assert refused.status_code == 422
    assert "劳动仲裁，自 2026-11-24 起" in refused.text

    (lift,) = re.findall(rf'action="({CASE}/holds/[^"]+/lift)"', people["admin"].get(KEEPING).text)
    post(people["admin"], KEEPING, lift, why="已裁决")
    assert "证据保全 · 劳动仲裁" not in people["hr"].get(CASE).text
    assert lived.findings() == set()


def test_hr_asks_and_legal_approves(lived: Lived, people):
    post(people["hr"], KEEPING, f"{CASE}/erasures", ground="purpose-achieved", level="1", why="已结案")
    (approve,) = re.findall(rf'action="({CASE}/erasures/[^"]+/approve)"', people["legal"].get(KEEPING).text)
    assert SECRET in people["hr"].get(CASE).text
    answered = post(people["legal"], KEEPING, approve)

    assert answered.status_code == 303
    for page in (CASE, KEEPING, "/cases", "/"):
        drawn = people["hr"].get(page)
        assert drawn.status_code == 200, page
        assert SECRET not in drawn.text
    assert "已依法删除" in people["hr"].get(CASE).text
    assert (lived.folder / "erased.jsonl").exists()
    assert lived.findings() == set()


def test_an_administrator_cannot_approve_what_he_asked_himself(lived: Lived, people):
    post(people["admin"], KEEPING, f"{CASE}/erasures", ground="purpose-achieved", level="1", why="已结案")
    text = people["admin"].get(KEEPING).text

    assert "要由另一人批准" in text
    assert "/approve" not in text


MAY = {
    "auditor": set(),
    "hr": {"erasures"},
    "legal": {"holds", "lift", "approve", "refuse", "erasures"},
    "admin": {"holds", "lift", "approve", "refuse", "erasures"},
}


def test_each_role_is_shown_its_own_buttons_and_refused_all_others(lived: Lived, people):
    post(people["hr"], KEEPING, f"{CASE}/erasures", ground="purpose-achieved", level="1", why="已结案")
    post(people["legal"], KEEPING, f"{CASE}/holds", ground="litigation", why="一审")

    for role, client in people.items():
        text = client.get(KEEPING).text
        assert actions(text) == MAY[role]
        token = field_of(client.get(CASE).text, "csrf_token")
        for name in ("holds", "holds/x/lift", "erasures", "erasures/x/approve", "erasures/x/refuse"):
            answer = client.post(f"{CASE}/{name}", data={"csrf_token": token})
            assert (answer.status_code != 403) is (name.rpartition("/")[2] in MAY[role]), (role, name)


def actions(text: str) -> set[str]:
    return {one.rpartition("/")[2] for one in re.findall(r'action="([^"]+)"', text)} - {"sign-out"}


def test_what_is_left_of_a_single_record_can_be_looked_at(lived: Lived, people):
    for kind in ("reply.received", "notice.composed", "case.opened", "attempt.started"):
        (record, *_) = lived.records(kind)
        lived.erase(Wish("purpose-achieved", "x", 1, CASE_NO, records=(record,)))
        page = people["hr"].get(CASE)

        assert page.status_code == 200, kind
    assert SECRET not in page.text
    assert "（内容已依法删除）" in page.text


def test_a_case_is_closed_in_the_console(open_case: Lived):
    client = signed_in(open_case.world, web_app(open_case.world), "hr")
    post(client, KEEPING, f"{CASE}/close", why="员工已返岗")

    assert open_case.world.case().state == "closed"
    assert "本案已结案" in client.get(KEEPING).text
