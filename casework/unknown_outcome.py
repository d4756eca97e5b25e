"""Nobody knows whether a message went: what speaks for it and what against, for a person to weigh."""

from dataclasses import dataclass
from datetime import datetime

from casework.workdays import BEIJING


@dataclass(frozen=True)
class Known:
    """Everything on record about one attempt whose answer was lost.

    ``asked`` counts the questions put to the gateway, ``denied`` those that it
    answered with "never had it". ``reports`` are about this very attempt;
    ``opened_at`` and ``replied_at`` are what the person did with the notice
    after it; ``elsewhere`` are other messages of the same notice that a gateway
    took: a page opened by their link says nothing about this one.
    """

    sent_at: datetime
    answer_by: datetime
    asked: int = 0
    denied: int = 0
    reports: tuple[tuple[datetime, str], ...] = ()
    opened_at: datetime | None = None
    replied_at: datetime | None = None
    elsewhere: int = 0
    again: int = 0


@dataclass(frozen=True)
class Weighed:
    """Sentences to read before deciding: what happened, what says it went, what says it did not."""

    facts: tuple[str, ...]
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


def weigh(known: Known) -> Weighed:
    """Lay out what is known; it never decides."""
    return Weighed(_facts(known), tuple(_for(known)), tuple(_against(known)))


def _facts(known: Known) -> tuple[str, ...]:
    sent = f"{_at(known.sent_at)} 起交给网关，等到 {_at(known.answer_by)} 没有收到可用的答复"
    if not known.asked:
        asked = "没有向网关查询过，或者这个渠道不能查询"
    else:
        silent = known.asked - known.denied
        asked = f"向网关查询 {known.asked} 次：{known.denied} 次答复没有这条消息，{silent} 次没有结果"
    again = (f"其后这一步又发过 {known.again} 次",) if known.again else ()
    return (sent, asked, *again)


def _for(known: Known) -> list[str]:
    found = [f"{_at(at)} 网关报告提到了这次发送：{said}" for at, said in known.reports]
    if known.opened_at is not None:
        other = "，但同一份通知还经别的消息发出过，打开的也可能是那一条" if known.elsewhere else ""
        found.append(f"{_at(known.opened_at)} 有人打开过这条消息里的链接{other}")
    if known.replied_at is not None:
        other = "，但同一份通知还经别的消息发出过" if known.elsewhere else ""
        found.append(f"{_at(known.replied_at)} 员工就这份通知作过答复{other}")
    return found


def _against(known: Known) -> list[str]:
    found = [f"网关 {known.denied} 次答复没有这条消息（网关的查询可能滞后）"] if known.denied else []
    if not known.reports:
        found.append("至今没有收到提到这次发送的报告（有的网关不发报告）")
    if known.opened_at is None and known.replied_at is None:
        found.append("链接没有人打开过，员工也没有答复（没有打开不等于没有收到）")
    return found


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%m 月 %d 日 %H:%M:%S}"
