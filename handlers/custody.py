"""A copy of the evidence is handed to somebody: to whom and how becomes a record of the case."""

from handlers.people import Unacceptable
from storage import cases
from storage.book import Book, Entry, case_stream
from storage.custody import EXPORTED, HANDED_OVER, custody_of

LONGEST = 300  # characters of each text


def hand_over(book: Book, case_no: str, export: str, to: str, how: str, actor: str) -> str:
    """Record who was given an export, by its number; return the record's id. Raises Unacceptable."""
    case = cases.name_of_case(book.connection, case_no)
    if case is None:
        raise Unacceptable("case_no", f"没有案件 {case_no}")
    made = [one for one in custody_of(book, case.id) if one.kind == EXPORTED]
    if export not in {one.told.get("export") for one in made}:
        raise Unacceptable("export", f"案件 {case_no} 没有编号为 {export} 的导出，请核对编号")
    told = {"export": export, "to": _text("to", to, "交给了谁"), "how": _text("how", how, "怎样移交")}
    return book.add(Entry(HANDED_OVER, case_stream(case.id), actor, told=told, party=case.employee_id))


def _text(field: str, text: str, label: str) -> str:
    plain = " ".join(text.split())
    if not plain:
        raise Unacceptable(field, f"请写明{label}；会进入证据链")
    if len(plain) > LONGEST:
        raise Unacceptable(field, f"“{label}”最多 {LONGEST} 个字")
    return plain
