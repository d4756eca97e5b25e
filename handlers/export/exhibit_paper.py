"""One exhibit on paper: the exact words, a gateway's own fields with their Chinese, and the records."""

import json
from collections.abc import Iterator, Mapping, Sequence

from casework.identity import mask_id
from handlers.export.dossier import ASSURANCES, Dossier
from handlers.export.events import Event
from handlers.export.exhibits import (
    ATTACHMENT,
    COURSE,
    IDENTITY,
    OUTCOME,
    PAPER,
    PURPOSES,
    REPLY,
    SENDING,
    TEXT,
    Exhibit,
)
from handlers.export.renderings import rows_of
from handlers.export.told import exact, kind_text
from handlers.papers.report import Block, Facts, Heading, Image, Par, Quote, Report, Table
from handlers.story_text import STATES, detail_text

Parts = Mapping[tuple[str, str], bytes]  # record id and name -> bytes of each disclosed part

_RAW = ("request", "response", "inner")
_RAW_TITLES = {"request": "本系统发出的请求", "response": "网关的答复", "inner": "网关推送的内容"}
_RAW_LONGEST = 3000  # characters of a message's original that are printed
_LINE = 96  # narrow characters in a line of an original


def exhibit_report(
    dossier: Dossier, one: Exhibit, parts: Parts, first_page: int, slip: str = "", picture: str = ""
) -> Report:
    """Return an exhibit's pages, the first of which has this number among all exhibits' pages.

    ``slip`` says which file lies behind a slip sheet, ``picture`` which file is drawn.
    """
    body = [Image(picture, one.title)] if picture else [Par(slip)] if slip else []
    return Report(
        title=f"{one.label}　{one.title}",
        subtitle=f"案件 {dossier.case_no}　证明目的：{PURPOSES[one.sort]}",
        author=dossier.firm,
        dated=dossier.today,
        foot=dossier.foot(one.events, one.label),
        blocks=(*_BODIES[one.sort](dossier, one, parts), *body, *_records(dossier, one)),
        sandbox=dossier.sandbox,
        first_page=first_page,
    )


def notice_facts(text: bytes) -> list[tuple[str, str]]:
    """Return the key facts of a notice's kept text; none when it cannot be read."""
    try:
        return [(str(label), str(value)) for label, value in json.loads(text)["key_facts"]]
    except (ValueError, LookupError, TypeError):
        return []


def _identity(dossier: Dossier, one: Exhibit, parts: Parts) -> Iterator[Block]:
    told = one.first.told
    number = str(told.get("id_number") or "")
    yield Facts(
        [
            ("用人单位", dossier.firm), ("劳动者", dossier.name), ("工号", str(told.get("employee_no", ""))),
            ("证件号码", f"{mask_id(number)}（全文见公开的原始记录）" if number else "没有登记"),
        ]
    )  # fmt: skip
    rows = [
        (str(each.get("channel")), str(each.get("address")), dossier.spell(str(each.get("how"))))
        for each in told.get("addresses") or ()
    ]
    yield Heading("立案时登记的联系地址", level=2)
    yield Table((1.2, 2.5, 2), ("渠道", "地址", "如何得知是本人的"), rows)


def _text(dossier: Dossier, one: Exhibit, parts: Parts) -> Iterator[Block]:
    data = parts.get((one.first.record, "text"), b"")
    try:
        text = json.loads(data)
        paragraphs = [str(each) for each in text["paragraphs"]]
    except (ValueError, LookupError, TypeError):
        yield Par("通知的内容无法读取，见公开的原始部分。")
        return
    yield Quote(dossier.spell("\n".join(paragraphs)))
    if facts := notice_facts(data):
        yield Facts([(dossier.spell(label), dossier.spell(value)) for label, value in facts])


def _sending(dossier: Dossier, one: Exhibit, parts: Parts) -> Iterator[Block]:
    rows = [
        (exact(each.at), kind_text(each.kind), STATES.get(each.state, ""), ASSURANCES[each.assurance],
         dossier.spell(detail_text(each.told)), f"#{each.cseq:04d}")
        for each in one.events
    ]  # fmt: skip
    yield Par(f"收件：{dossier.whom(one.first).replace(chr(10), ' ')}")
    head = ("时间（北京）", "事项", "状态", "证明力", "网关原话", "记录")
    yield Table((1.6, 1.6, 1, 1.3, 2.4, 0.8), head, rows)
    yield from _originals(dossier, one, parts)


def _reply(dossier: Dossier, one: Exhibit, parts: Parts) -> Iterator[Block]:
    text = parts.get((one.first.record, "text"), b"").decode("utf-8", "replace")
    whom = dossier.whom(one.first).replace("\n", " ")
    yield Par(f"{exact(one.first.at)}（北京时间），{dossier.who(one.first)}，经{whom}：")
    yield Quote(dossier.spell(text) or "（没有写字）")
    later = [
        (exact(each.at), dossier.who(each), dossier.spell(detail_text(each.told))) for each in one.events[1:]
    ]
    if later:
        yield Table((1.5, 1.4, 4), ("时间（北京）", "谁", "对含义的确认"), later)
    yield from _originals(dossier, one, parts)


def _outcome(dossier: Dossier, one: Exhibit, parts: Parts) -> Iterator[Block]:
    told = one.first.told
    rows = [
        ("登记时间", f"{exact(one.first.at)}（北京时间）"), ("登记人", dossier.who(one.first)),
        ("结果", dossier.spell(detail_text({**told, "note": "", "waybill": ""}))),
    ]  # fmt: skip
    rows += [("快递单号", str(told["waybill"]))] if told.get("waybill") else []
    rows += [("经过", dossier.spell(str(told["note"])))] if told.get("note") else []
    yield Facts(rows)


def _course(dossier: Dossier, one: Exhibit, parts: Parts) -> Iterator[Block]:
    if (one.first.record, "text") in parts and one.first.kind == "notice.composed":
        yield from _text(dossier, one, parts)
    rows = [_happening(dossier, each, parts) for each in one.events if each.kind != "notice.composed"]
    if rows:
        yield Table((1.5, 1.3, 4, 0.8), ("时间（北京）", "谁", "内容", "记录"), rows)


def _happening(dossier: Dossier, event: Event, parts: Parts) -> tuple[str, ...]:
    words = parts.get((event.record, "text"), b"").decode("utf-8", "replace")
    said = f"“{words}”\n{detail_text(event.told)}" if words else detail_text(event.told)
    what = f"{kind_text(event.kind)}　{dossier.spell(said)}"
    return exact(event.at), dossier.who(event), what, f"#{event.cseq:04d}"


def _nothing(dossier: Dossier, one: Exhibit, parts: Parts) -> Iterator[Block]:
    yield from ()


_BODIES = {
    COURSE: _course,
    IDENTITY: _identity, TEXT: _text, SENDING: _sending, REPLY: _reply, OUTCOME: _outcome, PAPER: _nothing,
    ATTACHMENT: _nothing,
}  # fmt: skip


def _originals(dossier: Dossier, one: Exhibit, parts: Parts) -> Iterator[Block]:
    for event in one.events:
        for name in _RAW:
            data = parts.get((event.record, name))
            if data:
                yield Heading(f"{_RAW_TITLES[name]}（记录 #{event.cseq:04d}）", level=2)
                yield Quote(dossier.spell(wrapped(_shown(data))), small=True)
                rows = [tuple(map(dossier.spell, row)) for row in rows_of(data)]
                if rows:
                    yield Table((2, 3, 2.4), ("原文字段", "原文内容", "中文"), rows)


def _shown(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return f"（{len(data)} 字节，不是文字，见公开的原始部分）"
    return text if len(text) <= _RAW_LONGEST else f"{text[:_RAW_LONGEST]}……（以下略，全文见公开的原始部分）"


def wrapped(text: str) -> str:
    """Break lines that a page would not hold; wide characters count twice."""
    lines, width = [""], 0
    for one in text:
        step = 2 if ord(one) > 0x2E7F else 1
        if one == "\n" or width + step > _LINE:
            lines, width = [*lines, ""], 0
        if one != "\n":
            lines[-1] += one
            width += step
    return "\n".join(lines)


def _records(dossier: Dossier, one: Exhibit) -> Iterator[Block]:
    shown = one.events[:40]
    rows = [(f"#{each.cseq:04d}", each.hash.hex(), dossier.times(each).replace("\n", "，")) for each in shown]
    yield Heading("封存的记录", level=2)
    yield Table((0.7, 5, 3.2), ("记录", "叶散列", "他人时钟"), rows)


def wanted(one: Exhibit) -> Sequence[str]:
    """Return the ids of the records whose parts an exhibit shows."""
    return [event.record for event in one.events]
