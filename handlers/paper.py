"""The paper form of a notice, made once with its record code and kept as evidence."""

from zoneinfo import ZoneInfo

from evidence.records import record_code
from handlers.papers.notice_paper import NoticePaper, render_notice
from storage import cases, people
from storage.book import Book, Entry, case_stream
from storage.rows import Put

BEIJING = ZoneInfo("Asia/Shanghai")
PDF = "application/pdf"


def notice_paper(book: Book, notice_id: str, public_url: str) -> bytes:
    """Return the notice's PDF; the first call makes, seals and keeps it. Raises MissingGlyphs."""
    notice = cases.notice_by_id(book, notice_id)
    assert notice is not None  # callers come from a page or a task of this notice
    if notice.paper_blob is not None:
        return book.open(notice.paper_blob).data
    case = cases.case_by_id(book.connection, notice.case_id)
    data = render_notice(_paper(book, case, notice, public_url))
    kept = book.keep(case_stream(case.id), data, PDF)
    book.add(
        Entry(
            "paper.made",
            case_stream(case.id),
            "system:paper",
            rows=[Put("notice", notice.id, {"paper_blob": kept.id}, new=False)],
            parts={"paper": kept},
            refs=[f"about {notice.composed_record}"],
            party=case.employee_id,
        )
    )
    return data


def code_of(view: Book, notice: cases.NoticeText) -> str:
    """Return a notice's record code."""
    return record_code(cases.record_leaf_hash(view.connection, notice.composed_record))


def _paper(book: Book, case: cases.Case, notice: cases.NoticeText, public_url: str) -> NoticePaper:
    person = people.employee_by_id(book.connection, case.employee_id)
    code = code_of(book, notice)
    return NoticePaper(
        firm=people.firm_name(book.connection, case.firm_id),
        title=notice.title,
        number=code,
        date=notice.composed_at.astimezone(BEIJING).date().isoformat(),
        addressee=person.name,
        paragraphs=notice.paragraphs,
        key_facts=notice.key_facts,
        record_code=code,
        check_url=f"{public_url}/check/{code}",
        contact="人力资源部",
        sandbox=book.sandbox,
    )
