"""Legal or an administrator puts a case on hold for a dispute, and lifts the hold when it is over."""

from collections.abc import Mapping

from casework.workdays import BEIJING
from handlers.access import HOLD, RIGHTS
from handlers.people import Unacceptable
from storage import cases
from storage.access import User
from storage.book import Book, Entry, case_stream
from storage.holds import Hold, hold_by_id, lock_case, standing_holds
from storage.rows import Put

GROUNDS: Mapping[str, str] = {
    "arbitration": "劳动仲裁",
    "litigation": "诉讼",
    "investigation": "行政或刑事调查",
    "claim": "工伤保险待遇争议",
    "other": "其他法律程序",
}


def set_hold(book: Book, case_no: str, ground: str, why: str, user: User) -> str:
    """Keep everything of a case until the hold is lifted; return the hold's id. Raises Unacceptable."""
    must_be_allowed(user)
    case = cases.case_by_no(book.connection, case_no)
    if case is None:
        raise Unacceptable("case_no", f"没有案件 {case_no}")
    if ground not in GROUNDS:
        raise Unacceptable("ground", f"保全的理由只能是：{'、'.join(GROUNDS)}")
    if not why.strip():
        raise Unacceptable("why", "保全要写明缘由，例如仲裁案号；缘由加密保存")
    lock_case(book.connection, case.id)
    if cases.case_by_id(book.connection, case.id).state == "erased":
        raise Unacceptable("case_no", f"案件 {case.case_no} 已依法删除，没有可以保全的内容")
    put = Put(
        "legal_hold",
        book.ids.uuid(),
        {"case_id": case.id, "ground": ground, "set_at": book.now, "lifted_at": None},
    )
    _add(book, "hold.set", case, put, {"ground": ground, "why": why}, user)
    return put.id


def lift_hold(book: Book, hold_id: str, why: str, user: User) -> None:
    """Let the case go its way again. Raises Unacceptable."""
    must_be_allowed(user)
    hold = hold_by_id(book.connection, hold_id)
    if hold is None or hold.lifted_at is not None:
        raise Unacceptable("hold", "没有这项保全，或者已经解除，请刷新页面")
    if not why.strip():
        raise Unacceptable("why", "解除保全要写明缘由")
    put = Put("legal_hold", hold.id, {"lifted_at": book.now}, new=False)
    case = cases.case_by_id(book.connection, hold.case_id)
    _add(book, "hold.lifted", case, put, {"ground": hold.ground, "why": why}, user)


def must_not_be_held(book: Book, case: cases.Case) -> None:
    """Raise Unacceptable, naming the hold, while one stands on the case."""
    for hold in standing_holds(book.connection, case.id):
        raise Unacceptable("hold", f"案件 {case.case_no} 处于证据保全，不能删除：{described(hold)}")


def described(hold: Hold) -> str:
    """Return a hold in words: its ground, since when, and its id."""
    since = hold.set_at.astimezone(BEIJING)
    return f"{GROUNDS.get(hold.ground, hold.ground)}，自 {since:%Y-%m-%d} 起（编号 {hold.id}）；请先解除"


def must_be_allowed(user: User) -> None:
    """Raise Unacceptable unless the user's role may set and lift holds."""
    if HOLD not in RIGHTS.get(user.role, frozenset()):
        raise Unacceptable("user", "只有法务或管理员可以设置和解除证据保全")


def _add(book: Book, kind: str, case: cases.Case, put: Put, told: Mapping[str, str], user: User) -> None:
    stream, actor = case_stream(case.id), f"user:{user.id}"
    book.add(Entry(kind, stream, actor, rows=[put], told=told, party=case.employee_id))
