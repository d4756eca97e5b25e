"""Personal data is erased: one person asks under a named ground, another one approves (PIPL 47)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from handlers.access import ASK, ERASE, RIGHTS
from handlers.erasing import Erased, erase_now, must_be_free
from handlers.hold import must_not_be_held
from handlers.people import Unacceptable
from storage import cases, people, reach
from storage.access import User
from storage.book import SYSTEM, Archive, Book, Entry, case_stream
from storage.erase_list import EraseListFault, Listed
from storage.erasure import KEPT_KINDS, Erasure, Target, erasure_by_id, erasures
from storage.holds import lock_case, standing_holds
from storage.log import read_head
from storage.rows import Put, timestamp

GROUNDS: Mapping[str, str] = {
    "purpose-achieved": "处理目的已实现、无法实现或者不再必要",
    "period-over": "保存期限已届满",
    "consent-withdrawn": "个人撤回同意",
    "unlawful": "处理违反法律或者约定",
    "other-law": "法律、行政法规规定的其他情形",
}
LEVELS: Mapping[int, str] = {1: "内容", 2: "内容和记录本身", 3: "内容、记录本身和内部散列值"}


@dataclass(frozen=True)
class Wish:
    """What is to be erased: single records of a case, a whole case, or an employee without any case left."""

    ground: str
    why: str
    level: int = 1
    case_no: str | None = None
    employee_no: str | None = None
    records: tuple[str, ...] = ()


def ask(book: Book, wish: Wish, user: User) -> str:
    """Ask that something be erased; return the id under which another person approves it."""
    _must_be_sensible(wish, user)
    case, party = _case_of(book, wish), _party_of(book, wish)
    if case is not None:
        must_be_free(book, case, wish.ground)
        _must_belong(book, case, wish.records)
        if any(one.state == "asked" for one in erasures(book.connection, case.id)):
            raise Unacceptable("case_no", f"案件 {case.case_no} 已有一项删除申请等待批准")
    actor = f"user:{user.id}"
    put = Put(
        "erasure",
        book.ids.uuid(),
        {
            "case_id": case and case.id, "level": wish.level, "ground": wish.ground, "state": "asked",
            "asked_by": actor, "approved_by": None, "asked_at": book.now, "done_at": None,
        },
    )  # fmt: skip
    told = {"ground": wish.ground, "level": wish.level, "scope": _scope(wish), "why": wish.why}
    refs = [f"about {one}" for one in wish.records]
    stream = case_stream(case.id) if case else SYSTEM
    book.add(Entry("erase.asked", stream, actor, rows=[put], told=told, refs=refs, party=party))
    return put.id


def refuse(book: Book, erasure_id: str, why: str, user: User) -> None:
    """Say no; everything stays as it is."""
    erasure = _waiting(book, erasure_id, user)
    if not why.strip():
        raise Unacceptable("why", "拒绝删除要写明理由")
    actor = f"user:{user.id}"
    put = Put("erasure", erasure.id, {"state": "refused", "done_at": book.now}, new=False)
    told = {"asked": erasure.asked_by, "ground": erasure.ground, "refused": actor, "why": why}
    stream = case_stream(erasure.case_id) if erasure.case_id else SYSTEM
    book.add(Entry("erase.refused", stream, actor, rows=[put], told=told))


def approve(archive: Archive, folder: Path, erasure_id: str, user: User) -> Erased:
    """Erase what another person asked for, all of it in one transaction; nothing brings it back.

    The erase list in ``folder`` names it before the database commits. Raises
    Unacceptable for one's own request, a hold, a running ladder, an open case.
    """

    def decide(book: Book) -> Listed:
        erasure = _waiting(book, erasure_id, user)
        return _listed(book, erasure, target_of(book, erasure), f"user:{user.id}")

    try:
        return erase_now(archive, folder, decide)
    except EraseListFault as fault:
        raise Unacceptable("erased.jsonl", f"删除清单不能写入，什么也没有删除：{fault}") from fault


def target_of(book: Book, erasure: Erasure) -> Target:
    """Return what a request that waits destroys, as it is now. Raises Unacceptable while it may not go."""
    asked = reach.asked_for(book.connection, erasure.record_id)
    if erasure.case_id is None:
        assert asked.party is not None  # only a person is asked for without a case
        people.lock_employee(book.connection, asked.party)
        _must_be_without_case(book, asked.party)
        return reach.whole_employee(book.connection, asked.party, erasure.level)
    lock_case(book.connection, erasure.case_id)
    must_be_free(book, cases.case_by_id(book.connection, erasure.case_id), erasure.ground)
    if asked.records:
        return reach.selected(book.connection, asked.records, erasure.level)
    return reach.whole_case(book.connection, erasure.case_id, erasure.level)


def _must_be_sensible(wish: Wish, user: User) -> None:
    if ASK not in RIGHTS.get(user.role, frozenset()):
        raise Unacceptable("user", "您的角色不能申请删除")
    if wish.ground not in GROUNDS:
        raise Unacceptable("ground", f"删除的法定理由只能是：{'、'.join(GROUNDS)}")
    if wish.level not in LEVELS:
        raise Unacceptable("level", f"删除的程度只能是 {'、'.join(map(str, LEVELS))}")
    if not wish.why.strip():
        raise Unacceptable("why", "申请删除要写明缘由；缘由加密保存，不要写要删除的内容")
    if (wish.case_no is None) == (wish.employee_no is None):
        raise Unacceptable("case_no", "要么指明案件，要么指明员工")


def _case_of(book: Book, wish: Wish) -> cases.Case | None:
    if wish.case_no is None:
        return None
    case = cases.case_by_no(book.connection, wish.case_no)
    if case is None:
        raise Unacceptable("case_no", f"没有案件 {wish.case_no}")
    return case


def _party_of(book: Book, wish: Wish) -> str | None:
    if wish.employee_no is None:
        return None
    person = people.employee_by_no(book.connection, wish.employee_no)
    if person is None:
        raise Unacceptable("employee_no", f"没有工号为 {wish.employee_no} 的员工")
    _must_be_without_case(book, person.id)
    return person.id


def _must_be_without_case(book: Book, employee_id: str) -> None:
    for hold in standing_holds(book.connection, employee_id=employee_id):
        must_not_be_held(book, cases.case_by_id(book.connection, hold.case_id))
    for case_no in reach.cases_not_erased(book.connection, employee_id):
        raise Unacceptable("employee_no", f"这名员工还有案件 {case_no}，请先删除该案件")


def _must_belong(book: Book, case: cases.Case, records: tuple[str, ...]) -> None:
    kinds = reach.kinds_in_case(book.connection, case.id, records)
    for one in records:
        if one not in kinds:
            raise Unacceptable("records", f"案件 {case.case_no} 没有记录 {one}")
        if kinds[one] in (*KEPT_KINDS, "erase.done"):
            raise Unacceptable("records", f"记录 {one} 是删除或移交的凭据，不能单独删除")


def _waiting(book: Book, erasure_id: str, user: User) -> Erasure:
    """Return a request that waits, if this user may decide on it."""
    if ERASE not in RIGHTS.get(user.role, frozenset()):
        raise Unacceptable("user", "只有法务或管理员可以批准或拒绝删除")
    erasure = erasure_by_id(book.connection, erasure_id)
    if erasure is None or erasure.state != "asked":
        raise Unacceptable("erasure", "没有这项等待批准的删除申请，请刷新页面")
    if erasure.asked_by == f"user:{user.id}":
        raise Unacceptable("user", "申请人不能批准或拒绝自己的申请，请由另一人办理")
    return erasure


def _listed(book: Book, erasure: Erasure, target: Target, approver: str) -> Listed:
    head = read_head(book.connection)
    return Listed(
        erasure.id, book.ids.uuid(), target, erasure.case_id, erasure.ground, erasure.asked_by, approver,
        timestamp(erasure.asked_at), head.epoch, head.size,
    )  # fmt: skip


def _scope(wish: Wish) -> str:
    return "employee" if wish.employee_no else "records" if wish.records else "case"
