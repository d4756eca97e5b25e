"""A list is read page by page; what is added meanwhile shifts nothing and shows nothing twice."""

import pytest

from bot.api.paging import make_cursor
from storage import tasks
from tests.api.calling import CASE, EMPLOYEE, Program, problem
from tests.databases import KINDS
from tests.world import CASE_NO

DATABASES = KINDS


def all_pages(program: Program, path: str, limit: int) -> list[list[dict]]:
    pages, following = [], None
    while True:
        answer = program.get(f"{path}?limit={limit}" + (f"&cursor={following}" if following else "")).json
        pages.append(answer["items"])
        following = answer["next"]
        if following is None:
            return pages


def enter(program: Program, *numbers: str) -> None:
    for number in numbers:
        assert program.put(f"/employees/{number}", EMPLOYEE).status_code == 201


def test_every_employee_stands_on_exactly_one_page(hr: Program) -> None:
    enter(hr, "E-0001", "E-0300", "E-0200", "工-1")

    pages = all_pages(hr, "/employees", 2)

    assert [len(page) for page in pages] == [2, 2, 1]
    numbers = [one["employee_no"] for page in pages for one in page]
    assert sorted(numbers) == sorted(["E-0001", "E-0107", "E-0200", "E-0300", "工-1"])


def test_a_full_last_page_is_followed_by_none(hr: Program) -> None:
    enter(hr, "E-0001")

    assert [len(page) for page in all_pages(hr, "/employees", 2)] == [2]


def test_what_is_added_before_the_cursor_shifts_nothing(hr: Program) -> None:
    enter(hr, "E-0200", "E-0300")
    first = hr.get("/employees?limit=2").json

    enter(hr, "E-0000", "E-0250")
    second = hr.get(f"/employees?limit=5&cursor={first['next']}").json

    assert [one["employee_no"] for one in first["items"]] == ["E-0107", "E-0200"]
    assert [one["employee_no"] for one in second["items"]] == ["E-0250", "E-0300"]


def test_cases_are_paged_by_their_number(hr: Program) -> None:
    for number in ("GS-2026-0040", "GS-2026-0030"):
        hr.post("/cases", CASE | {"case_no": number})

    pages = all_pages(hr, "/cases", 1)

    assert [page[0]["case_no"] for page in pages] == [CASE_NO, "GS-2026-0030", "GS-2026-0040"]


def test_a_timeline_is_paged_without_a_gap_while_it_grows(hr: Program) -> None:
    hr.notice()
    path = f"/cases/{CASE_NO}/timeline"
    first = hr.get(f"{path}?limit=2").json

    hr.notice()
    rest = hr.get(f"{path}?limit=200&cursor={first['next']}").json

    numbers = [line["cseq"] for line in first["items"] + rest["items"]]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) > 6
    assert rest["next"] is None


def test_tasks_come_the_most_urgent_first(hr: Program) -> None:
    for _ in range(3):
        hr.notice()
        hr.world.clock.pass_by(hours=3)
    for _ in range(14):
        hr.world.work()
        hr.world.clock.pass_by(hours=12)
    with hr.world.desk.archive.reading() as view:
        expected = [task.id for task in tasks.open_tasks(view.connection)]

    pages = all_pages(hr, "/tasks", 1)

    assert len(expected) == 3
    assert [page[0]["id"] for page in pages] == expected


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense", "e30", "W10", "bnVsbA", "%F0%9F%98%80", "A",
        make_cursor("cases", ["GS"]), make_cursor("employees", [7]), make_cursor("employees", ["a", "b"]),
        make_cursor("employees", ["a\x00"]),
    ],
)  # fmt: skip
def test_a_cursor_that_is_not_ours_is_refused(hr: Program, cursor: str) -> None:
    assert problem(hr.get(f"/employees?cursor={cursor}")) == (422, "cursor-unusable", "cursor")


@pytest.mark.parametrize("place", [-1, 2**63, True, 1.5])
def test_a_made_up_place_in_a_timeline_is_refused(hr: Program, place: int) -> None:
    answer = hr.get(f"/cases/{CASE_NO}/timeline?cursor={make_cursor('timeline', [place])}")

    assert problem(answer) == (422, "cursor-unusable", "cursor")
