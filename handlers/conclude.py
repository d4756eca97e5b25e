"""An attempt is over: accepted, refused, to be tried later, or nobody knows."""

from datetime import timedelta

from casework.messages import Outcome
from handlers.escalate import advance
from handlers.hand_over import ask_person
from handlers.late import accept_late
from handlers.ports import Answer, Ladders, SendFailed, Throttled, Unreachable, Unsure
from handlers.settle import OPEN, Ending, lock_attempt, plan_of, settle, write
from handlers.throttle import close_account, doubt_account, trust_account
from handlers.unknowns import may_repeat
from storage import deliveries, inbox
from storage.book import Book
from storage.clock import lease_time
from storage.deliveries import Attempt

TEMPORARY_TRIES = 5
SETTLE = timedelta(seconds=5)  # a request may still be in flight
LONGEST_BACK_OFF = 5  # doublings
OUR_OWN = ("lost", "local")  # faults of our own process, which say nothing about a gateway


def conclude(
    book: Book,
    attempt_id: str,
    result: Answer | SendFailed,
    rules: Ladders,
    actor: str,
    *,
    asked: bool = False,
) -> None:
    """Write down what became of an attempt; ``asked`` when the gateway was asked afterwards.

    A worker that wakes up late changes nothing about an attempt that is settled
    already, unless it brings a yes that nobody knew of.
    """
    attempt = lock_attempt(book, attempt_id)
    if attempt.state not in OPEN:
        if isinstance(result, Answer):
            accept_late(book, attempt, result, rules, actor)
        return
    _tell_throttle(book, attempt, result)
    match result:
        case Answer():
            record_id = _answered(book, attempt, result, actor, asked)
            inbox.wake_orphans(book.connection, attempt.channel, attempt.account, book.now)
        case Throttled() if attempt.number < TEMPORARY_TRIES:
            record_id = _later(book, attempt, result, actor)
        case Unsure():
            _unknown(book, attempt, result, actor)
            return
        case _:
            record_id = _refused(book, attempt, result, actor)
    advance(book, plan_of(book, attempt).id, rules, actor, caused_by=record_id)


def conclude_absent(book: Book, attempt_id: str, rules: Ladders, actor: str) -> None:
    """The gateway, asked twice, never had it: the rung is due again with a new attempt.

    Unless a report has come in meanwhile that speaks of this very attempt: an
    index that lags knows less than a report.
    """
    if conclude_reported(book, attempt_id, rules, actor):
        return
    attempt = deliveries.attempt_by_id(book.connection, attempt_id)
    ending = Ending("attempt.absent", "absent", "rejected_temp", "网关查询两次均无此消息", assurance="C2")
    record_id = settle(book, attempt, ending, actor, again=True)
    advance(book, plan_of(book, attempt).id, rules, actor, caused_by=record_id)


def conclude_reported(book: Book, attempt_id: str, rules: Ladders, actor: str) -> bool:
    """Settle an attempt of which a report speaks: the gateway took it. True when it is settled now."""
    attempt = lock_attempt(book, attempt_id)
    if attempt.state not in OPEN:
        return True
    reports = deliveries.reports_of(book.connection, attempt.delivery_id)
    report = next((one for one in reports if one.attempt_id == attempt.id), None)
    if report is None:
        return False
    said, refs = f"网关的报告提到了这次发送：{report.said}", [f"caused-by {report.record_id}"]
    ending = Ending("attempt.found", "accepted", "accepted", said, assurance="C1", refs=refs)
    record_id = settle(book, attempt, ending, actor)
    advance(book, plan_of(book, attempt).id, rules, actor, caused_by=record_id)
    return True


def conclude_by_person(book: Book, attempt_id: str, rules: Ladders, actor: str) -> None:
    """Nobody can find out whether it went: a person is told, and the ladder goes on.

    Where a second copy does no harm (the kind of notice says so), one goes out
    on the next channel instead.
    """
    if conclude_reported(book, attempt_id, rules, actor):
        return
    attempt = lock_attempt(book, attempt_id)
    if may_repeat(book, attempt, rules):
        why = "无法查明网关是否已发出；这类通知重复无害，换下一渠道再发一次"
        record_id: str | None = settle(
            book, attempt, Ending("attempt.unknown", "repeated", "unknown", why), actor
        )
    else:
        record_id = leave_to_person(book, attempt_id, "无法查明网关是否已发出，请人工核实", actor)
    plan = plan_of(book, deliveries.attempt_by_id(book.connection, attempt_id))
    advance(book, plan.id, rules, actor, caused_by=record_id)


def leave_to_person(book: Book, attempt_id: str, why: str, actor: str) -> str | None:
    """Give an open attempt up and ask a person, without asking the ladder what comes next.

    Return the record's id, None when the attempt is settled already.
    """
    attempt = lock_attempt(book, attempt_id)
    if attempt.state not in OPEN:
        return None
    record_id = settle(book, attempt, Ending("attempt.unknown", "human", "unknown", why), actor)
    case_id = plan_of(book, attempt).case_id
    ask_person(book, case_id, "unknown_attempt", why, actor, caused_by=record_id, about=attempt.id)
    return record_id


def _answered(book: Book, attempt: Attempt, answer: Answer, actor: str, asked: bool) -> str:
    """An answer may also say, when asked afterwards, that the message was taken and has failed since."""
    kind, state = ("attempt.found" if asked else "attempt.accepted"), "accepted"
    if answer.outcome in (Outcome.REJECTED_PERM, Outcome.REJECTED_TEMP):
        kind, state = "attempt.rejected", answer.outcome.value
    changes = {"provider_id": answer.provider_id}
    ending = Ending(kind, state, state, answer.said, answer.raw, "C2" if asked else "C1", changes)
    return settle(book, attempt, ending, actor)


def _refused(book: Book, attempt: Attempt, failed: SendFailed, actor: str) -> str:
    outcome = failed.outcome.value
    ending = Ending("attempt.rejected", outcome, outcome, f"{failed.code}：{failed.said}", failed.raw, "C1")
    return settle(book, attempt, ending, actor)


def _later(book: Book, attempt: Attempt, failed: Throttled, actor: str) -> str:
    """The gateway surely did not take it: the same rung is due again, by whichever account is open first."""
    said = f"{failed.code}：{failed.said}"
    ending = Ending("attempt.rejected", "rejected_temp", "rejected_temp", said, failed.raw, "C1")
    return settle(book, attempt, ending, actor, again=True)


def _tell_throttle(book: Book, attempt: Attempt, result: Answer | SendFailed) -> None:
    """Close the account for as long as its gateway asked, longer each time that nobody answers there."""
    account = (attempt.channel, attempt.account)
    match result:
        case Answer() if attempt.state == "sending":
            trust_account(book, account)
        case Unreachable():
            close_account(book, account, result.wait * 2 ** min(attempt.number - 1, LONGEST_BACK_OFF))
        case Throttled():
            close_account(book, account, result.wait)
        case Unsure() if attempt.state == "sending" and result.code not in OUR_OWN:
            doubt_account(book, account)


def _unknown(book: Book, attempt: Attempt, failed: Unsure, actor: str) -> None:
    if attempt.state == "unknown":
        return
    ending = Ending("attempt.unknown", "unknown", "unknown", f"{failed.code}：{failed.said}", failed.raw)
    look = {"look_at": lease_time(book.connection, book.clock) + SETTLE, "lease_until": None}
    write(book, attempt, ending, actor, extra={attempt.id: look})
