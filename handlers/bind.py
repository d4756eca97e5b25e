"""An employee scans a one-time code: from then on we know which account is theirs, and how we know."""

from datetime import timedelta

from casework.messages import Bound
from handlers.heard import Heard
from handlers.people import Address, save_address
from storage import bindings, inbox
from storage.book import Book

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
    save_address(
        book, employee_id, address, "扫描人事当面出示的一次性二维码", heard.actor,
        kind="contact.bound", refs=[heard.cites], assurance="C1", src_at=event.at,
    )  # fmt: skip
