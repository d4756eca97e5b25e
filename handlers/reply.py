"""An employee answers: kept word for word, a meaning proposed, the ladder paused, a person asked to look."""

from collections.abc import Mapping
from dataclasses import dataclass

from casework.messages import Reply
from handlers.answered import Waiting, settle_reply, what_waits
from handlers.heard import Heard
from handlers.people import suppress_address
from handlers.ports import Ladders, Proposal, Proposes
from storage import cases, inbox, people
from storage.book import TEXT, Book, Entry, Part, case_stream
from storage.rows import Put
from storage.vault import Kept


@dataclass(frozen=True)
class Attachment:
    """A picture or recording that came with a reply; no data when the gateway no longer had it."""

    media_type: str
    data: bytes | None
    said: str = ""


def receive_reply(
    book: Book,
    heard: Heard,
    reply: Reply,
    rules: Ladders,
    propose: Proposes,
    fetched: Mapping[str, Attachment],
) -> None:
    """Keep a reply in the case it belongs to; one from nobody we know stays sealed at intake only."""
    point = people.find_contact(
        book.connection, book.keys, heard.intake.channel, heard.account, reply.address
    )
    if point is None:
        inbox.count(book.connection, f"reply_from_stranger/{heard.source}")
        return
    if inbox.has_reply(book.connection, heard.source, reply.external_key):
        return
    if reply.opt_out:
        suppress_address(
            book, point, "员工回复退订", heard.actor, refs=[heard.cites], assurance="C1", src_at=reply.at
        )
    waiting = what_waits(book, point, heard.intake.received_at)
    if waiting.case is None:
        inbox.count(book.connection, f"reply_without_case/{heard.source}")
        return
    attachments = [fetched[media.ref] for media in reply.media if media.ref in fetched]
    _keep(book, heard, reply, waiting.case, waiting, propose(reply.text), rules, attachments)


def _keep(
    book: Book, heard: Heard, reply: Reply, case: cases.Case, waiting: Waiting, proposal: Proposal,
    rules: Ladders, attachments: list[Attachment],
) -> None:  # fmt: skip
    stream = case_stream(case.id)
    text = book.keep(stream, reply.text.encode("utf-8", "surrogatepass"), TEXT)
    columns = {
        "channel": heard.source, "external_key": reply.external_key, "employee_id": case.employee_id,
        "case_id": case.id, "notice_id": waiting.notice_id, "text_blob": text.id,
        "proposed": proposal.meaning.value, "confirmed": None, "received_at": heard.intake.received_at,
    }  # fmt: skip
    put = Put("reply", book.ids.uuid(), columns)
    record_id = book.add(
        Entry(
            "reply.received",
            stream,
            f"employee:{case.employee_id}",
            rows=[put],
            told={"proposed": proposal.meaning.value, "why": proposal.why, "attachments": _told(attachments)},
            parts={
                "text": text,
                "inner": Part(heard.inner, "application/octet-stream"),
                **_parts(attachments),
            },
            refs=[heard.cites],
            party=case.employee_id,
            channel=heard.source,
            state="replied",
            assurance="C1",
            src_at=reply.at,
        )
    )
    settle_reply(book, put.id, case, waiting, proposal, record_id, rules)


def _told(attachments: list[Attachment]) -> list[dict[str, object]]:
    return [{"media": one.media_type, "kept": one.data is not None, "said": one.said} for one in attachments]


def _parts(attachments: list[Attachment]) -> dict[str, Part | Kept]:
    return {
        f"attachment-{number}": Part(one.data, one.media_type)
        for number, one in enumerate(attachments, start=1)
        if one.data is not None
    }
