"""An employee scans a one-time code: from then on we know which account is theirs, and how we know."""

from datetime import timedelta

from casework.messages import Bound
from handlers.heard import Heard
from handlers.people import Address, Unacceptable, save_address
from handlers.tasks import end_of_day, new_task
from storage import bindings, cases, inbox
from storage.book import Book, Entry, case_stream

CODE_LIVES = timedelta(days=7)
CODE_LENGTH = 20


def invite(book: Book, employee_id: str, channel: str, account: str) -> str:
    """Return a one-time code for this employee; whoever scans it first is bound."""
    code = book.ids.token(CODE_LENGTH)
    bindings.add_code(book.connection, code, employee_id, channel, account, book.now + CODE_LIVES)
    return code


def bind(book: Book, heard: Heard, event: Bound) -> None:
    """Bind the account that scanned a code; an unknown, used or old code binds nobody and is counted."""
    intake = heard.intake
    employee_id = bindings.use_code(book.connection, event.code, intake.channel, intake.account, book.now)
    if employee_id is None:
        inbox.count(book.connection, f"bind_refused/{heard.source}")
        return
    address = Address(intake.channel, intake.account, event.address)
    try:
        save_address(
            book, employee_id, address, "扫描人事当面出示的一次性二维码", heard.actor,
            kind="contact.bound", refs=[heard.cites], assurance="C1", src_at=event.at,
        )  # fmt: skip
    except Unacceptable as refused:
        inbox.count(book.connection, f"bind_refused/{heard.source}")
        _tell_hr(book, employee_id, str(refused), heard)


def _tell_hr(book: Book, employee_id: str, why: str, heard: Heard) -> None:
    """Ask HR to look: the code was scanned with an account that is somebody else's."""
    for case in cases.open_cases(book.connection, employee_id)[:1]:
        rows = [new_task(book, case.id, "hr_check", end_of_day(book.now))]
        told = {"kind": "hr_check", "why": f"扫码绑定没有成功：{why}"}
        book.add(
            Entry(
                "task.opened",
                case_stream(case.id),
                heard.actor,
                rows=rows,
                told=told,
                refs=[heard.cites],
                party=employee_id,
            )
        )
