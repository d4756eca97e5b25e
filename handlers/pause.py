"""The emergency stop: no message leaves, or none on one channel, until a person lets them go on."""

from collections.abc import Collection

from handlers.people import Unacceptable
from storage.book import SYSTEM, Book, Entry
from storage.pauses import EVERYTHING, StandingPause, standing_pauses, wait_for_senders
from storage.rows import Put

LONGEST = 300  # characters of a reason


def pause_sending(book: Book, scope: str, why: str, actor: str, known: Collection[str]) -> bool:
    """Stop messages on one of the ``known`` channels, or all (scope ""); False when they are stopped already.

    When the transaction is committed nothing new leaves: whatever was written
    ahead before is under way, and everything later sees the stop. Clocks and
    people's tasks go on. Raises Unacceptable.
    """
    if scope != EVERYTHING and scope not in known:
        raise Unacceptable("channel", f"没有渠道 {scope}，可选：{'、'.join(sorted(known)) or '（无）'}")
    why = _reason(why)
    wait_for_senders(book.connection)
    if any(one.scope == scope for one in standing_pauses(book.connection)):
        return False
    columns = {"scope": scope, "why": why, "set_at": book.now, "lifted_at": None}
    told = {"scope": scope or "everything", "why": why}
    row = Put("pause", book.ids.uuid(), columns)
    book.add(Entry("sending.paused", SYSTEM, actor, rows=[row], told=told))
    return True


def resume_sending(book: Book, scope: str | None, why: str, actor: str) -> list[StandingPause]:
    """Lift the stop of this scope, or with None every one; return what was lifted. Raises Unacceptable.

    What was held goes in the order in which it was due, within its lawful
    hours and no faster than the throttles allow.
    """
    why = _reason(why)
    wait_for_senders(book.connection)
    lifted = [one for one in standing_pauses(book.connection) if scope is None or one.scope == scope]
    for one in lifted:
        row = Put("pause", one.id, {"lifted_at": book.now}, new=False)
        told = {"scope": one.scope or "everything", "why": why}
        book.add(Entry("sending.resumed", SYSTEM, actor, rows=[row], told=told))
    return lifted


def _reason(why: str) -> str:
    plain = " ".join(why.split())
    if not plain:
        raise Unacceptable("why", "请写明原因；会进入证据链")
    if len(plain) > LONGEST:
        raise Unacceptable("why", f"原因最多 {LONGEST} 个字")
    return plain
