"""The employee opens the page of a notice, shows who they are, reads it and answers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from casework.identity import id_tail_matches
from casework.messages import Meaning, Outcome
from handlers.answered import settle_reply, waits_besides
from handlers.escalate import advance
from handlers.people import Unacceptable
from handlers.ports import Ladders
from handlers.reply import Attachment
from storage import cases, deliveries, inbox, ladders, page_tokens, people
from storage.book import TEXT, Book, Entry, Part, Reader, case_stream
from storage.page_tokens import PageToken
from storage.rows import Put
from storage.vault import Kept

TRIES = 5
DOUBLE_CLICK = timedelta(minutes=2)
PAGE = "page"


class Proof(StrEnum):
    """How the reader of a page showed who they are; it is written into every record of the page."""

    ACCOUNT = "account"  # the bound WeChat or WeCom account, by OAuth
    ID_TAIL = "id_tail"  # the link, and the last four characters of the ID number


class Choice(StrEnum):
    """The buttons below a notice."""

    READ = "read"  # 我已阅读并确认收到
    CANNOT = "cannot"  # 我去不了
    OBJECT = "object"  # 我不同意／有疑问
    CALL_ME = "call_me"  # 请给我回电话
    ADD = "add"  # 补充说明


MEANING = {
    Choice.CANNOT: Meaning.EXTENSION,
    Choice.OBJECT: Meaning.DECLINED,
    Choice.CALL_ME: Meaning.HELP,
    Choice.ADD: Meaning.UNCLEAR,
}


@dataclass(frozen=True)
class Page:
    """What stands behind a token: nothing of it may be shown before the reader is known."""

    token: PageToken
    delivery: deliveries.Delivery
    notice: cases.NoticeText
    case: cases.Case
    person: people.Employee
    point: people.ContactPoint
    firm: str


class Closed(Exception):  # noqa: N818
    """The page cannot be opened (any more); the text is for the employee."""


def open_page(view: Book | Reader, token: str) -> Page:
    """Return what stands behind a token. Raises Closed when unknown, expired, revoked or locked."""
    held = page_tokens.find_token(view.connection, view.keys, token)
    if held is None:
        raise Closed("这个链接不存在。请从原消息重新打开，或联系人事。")
    if held.failures >= TRIES:
        raise Closed("验证错误次数过多，链接已停用。请联系人事重新发送。")
    if held.revoked_at is not None or held.expires_at <= view.now:
        raise Closed("这个链接已失效。请联系人事重新发送。")
    return _page(view, held)


def check_tail(book: Book, token: str, tail: str) -> bool:
    """Compare the last four characters of the ID number; five failures lock the page."""
    held = page_tokens.find_token(book.connection, book.keys, token, lock=True)
    if held is None or held.failures >= TRIES:
        return False
    page = _page(book, held)
    if page.person.id_number and id_tail_matches(page.person.id_number, tail):
        page_tokens.forgive_failures(book.connection, held.delivery_id)
        return True
    page_tokens.count_failure(book.connection, held.delivery_id)
    if held.failures + 1 >= TRIES:
        told = {"why": "身份核对连续五次不符，链接停用"}
        book.add(_entry("page.refused", page, f"link:{page.delivery.id}", [], told))
    return False


def display(book: Book, token: str, visit: str, proof: Proof, rules: Ladders) -> None:
    """Record once per visit that the notice was shown. It proves that a browser got it, and stops nothing."""
    page = open_page(book, token)
    _report(book, page, f"displayed/{page.delivery.id}/{visit}", Outcome.DISPLAYED, proof, rules)


def answer(
    book: Book, token: str, choice: Choice, text: str, attachments: Sequence[Attachment], proof: Proof,
    visit: str, rules: Ladders,
) -> None:  # fmt: skip
    """Record what the employee pressed and wrote; pressing "read" is an act of reading, nothing more."""
    page = open_page(book, token)
    if choice is Choice.READ:
        _report(book, page, f"read/{page.delivery.id}", Outcome.READ, proof, rules)
        return
    if choice in (Choice.CANNOT, Choice.OBJECT, Choice.ADD) and not text.strip() and not attachments:
        raise Unacceptable("text", "请写几句话，或者拍一张照片。")
    _keep_answer(book, page, choice, text, attachments, proof, visit, rules)


def has_read(view: Book | Reader, page: Page) -> bool:
    """Whether the employee has pressed "read" on this delivery."""
    return deliveries.standing_of(view.connection, page.delivery.id).at_least(Outcome.READ)


def _report(book: Book, page: Page, key: str, outcome: Outcome, proof: Proof, rules: Ladders) -> None:
    people.lock_employee(book.connection, page.person.id)
    if deliveries.has_receipt(book.connection, PAGE, key):
        return
    columns = {
        "channel": PAGE, "event_key": key, "attempt_id": None, "delivery_id": page.delivery.id,
        "outcome": outcome.value, "said": proof.value, "event_at": None, "received_at": book.now,
    }  # fmt: skip
    rows = [Put("receipt", book.ids.uuid(), columns)]
    acted = outcome is Outcome.READ
    entry = _entry(
        "page.read" if acted else "page.displayed",
        page,
        _actor(page, proof),
        rows,
        {"identity": proof.value},
        state=outcome.value,
        assurance=_assurance(proof) if acted else "C0",
    )
    record_id = book.add(entry)
    _advance(book, page, rules, record_id)


def _keep_answer(
    book: Book, page: Page, choice: Choice, text: str, attachments: Sequence[Attachment], proof: Proof,
    visit: str, rules: Ladders,
) -> None:  # fmt: skip
    key = _answer_key(book, visit, choice, text, attachments)
    waiting = waits_besides(book, page.person.id, page.case, page.notice.id)  # a double click waits here
    if inbox.has_reply(book.connection, PAGE, key):
        return
    kept = book.keep(case_stream(page.case.id), text.encode(), TEXT)
    meaning = MEANING[choice]
    columns = {
        "channel": PAGE, "external_key": key, "employee_id": page.person.id, "case_id": page.case.id,
        "notice_id": page.notice.id, "text_blob": kept.id, "proposed": meaning.value, "confirmed": None,
        "received_at": book.now,
    }  # fmt: skip
    put = Put("reply", book.ids.uuid(), columns)
    parts: dict[str, Part | Kept] = {"text": kept}
    for number, one in enumerate(attachments, start=1):
        parts[f"attachment-{number}"] = Part(one.data or b"", one.media_type)
    told = {"choice": choice.value, "identity": proof.value, "proposed": meaning.value}
    entry = _entry(
        "page.answered", page, _actor(page, proof), [put], told, state="replied", assurance=_assurance(proof),
        parts=parts,
    )  # fmt: skip
    settle_reply(book, put.id, page.case, waiting, _Pressed(meaning), book.add(entry), rules)


def _answer_key(book: Book, visit: str, choice: Choice, text: str, attachments: Sequence[Attachment]) -> str:
    """Name an answer so that a double click is one answer, and another photo or a later press is another."""
    period = int(book.now.timestamp() // DOUBLE_CLICK.total_seconds())
    photos = "".join(hashlib.sha256(one.data or b"").hexdigest() for one in attachments)
    return f"{visit}/{book.keys.blind('answer', f'{period}/{choice.value}/{text}/{photos}')[:32]}"


@dataclass(frozen=True)
class _Pressed:
    """A button says what it says; what was written beside it is for a person to read."""

    meaning: Meaning
    unambiguous: bool = False
    why: str = "员工在通知页面上按了按钮"


def _page(view: Book | Reader, held: PageToken) -> Page:
    delivery = deliveries.delivery_by_id(view.connection, held.delivery_id)
    notice = cases.notice_by_id(view, delivery.notice_id)
    assert notice is not None  # the delivery's foreign key says so
    case = cases.case_by_id(view.connection, notice.case_id)
    return Page(
        token=held,
        delivery=delivery,
        notice=notice,
        case=case,
        person=people.employee_by_id(view.connection, case.employee_id),
        point=people.contact_point_by_id(view.connection, delivery.contact_point_id),
        firm=people.firm_name(view.connection, case.firm_id),
    )


def _actor(page: Page, proof: Proof) -> str:
    return f"employee:{page.person.id}" if proof is Proof.ACCOUNT else f"link:{page.delivery.id}"


def _assurance(proof: Proof) -> str:
    """A bound account is the person's own act; a link with an ID tail is a secret that we also hold."""
    return "C4" if proof is Proof.ACCOUNT else "C1"


def _entry(
    kind: str, page: Page, actor: str, rows: list[Put], told: dict[str, str], *, state: str | None = None,
    assurance: str = "C0", parts: dict[str, Part | Kept] | None = None,
) -> Entry:  # fmt: skip
    return Entry(
        kind, case_stream(page.case.id), actor, rows=rows, told=told, parts=parts or {},
        refs=[f"about {page.notice.composed_record}"], party=page.person.id,
        channel=f"{page.point.channel}/{page.point.account}", state=state, assurance=assurance,
    )  # fmt: skip


def _advance(book: Book, page: Page, rules: Ladders, record_id: str) -> None:
    plan = ladders.plan_of_notice(book.connection, page.notice.id)
    if plan is not None:
        advance(book, plan.id, rules, f"employee:{page.person.id}", caused_by=record_id)
