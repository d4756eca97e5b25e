"""A firm in which a good deal happened in two cases, and ways to look into a bundle."""

import io
import json
import re
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

from pypdf import PdfWriter

from casework.messages import Outcome
from evidence import records
from handlers.notify import notify
from handlers.open_case import CaseData, open_case
from handlers.paper import notice_paper
from handlers.people import Address, EmployeeData, save_employee
from handlers.tasks import Outcome as TaskOutcome
from handlers.tasks import record_outcome
from storage import cases, tasks
from storage.people import EmergencyContact
from tests.world import MONDAY, REMINDER, World

# What belongs to the other case, and must not stand in a bundle of the first one.
OTHER_NO = "GS-2026-0099"
OTHER_NAME, OTHER_PHONE, OTHER_OPENID = "欧阳静宜", "+85298765432", "oOuyangJingyi0000000000002"
OTHER_WORDS = "我下周三就能回来上班了"
OTHER_SUMMARY = "搬运时滑倒，左膝挫伤"
OTHERS = (OTHER_NO, OTHER_NAME, OTHER_PHONE, OTHER_PHONE[4:], OTHER_OPENID, OTHER_WORDS, OTHER_SUMMARY)

# Third persons of the first case: its emergency contact, and what a clerk wrote about people.
NOTE = "王芳接的电话，说她弟弟王建国可以带话"
SLIP_NOTE = "交寄时由保安老周见证"
THIRD = ("王芳", "王建国", "老周", "13900000021", "配偶")
STAFF = ("王强", "周敏", "陈晨")


def live(world: World) -> None:
    """Let the reminder of the first case climb to the posted paper and the employee's answer."""
    world.notify()
    world.work()
    world.report(world.wechat, Outcome.DELIVERED, "delivered")
    world.clock.pass_by(days=1, minutes=1)
    world.work()
    world.report(world.sms, Outcome.REJECTED_PERM, "undelivered 30003")
    world.clock.pass_by(days=2)
    world.work()
    finish(world, TaskOutcome("reached", NOTE))
    world.clock.pass_by(days=4)
    world.work()
    with world.desk.archive.writing() as book:
        notice_paper(book, world.notice_id, "http://localhost")
    scan = TaskOutcome("posted", SLIP_NOTE, "EB100000017CN", uploaded_pdf(3), "application/pdf")
    finish(world, scan)
    world.clock.pass_by(days=3)
    finish(world, TaskOutcome("locker", "", "", picture(), "image/png"))
    world.reply(world.wechat, "医生说还要再养半个月，片子我拍给你们👌")


def live_elsewhere(world: World) -> None:
    """Let something happen in another employee's case, through the same gateways; later, an answer more."""
    with world.desk.archive.reading() as view:
        known = cases.case_by_no(view.connection, OTHER_NO) is not None
    if not known:
        _open_other_case(world)
    world.work()
    world.hear(world.wechat, key=f"other-{known}", text=OTHER_WORDS, **{"from": OTHER_OPENID})


def _open_other_case(world: World) -> None:
    with world.desk.archive.writing() as book:
        who = EmployeeData(
            "E-0999", OTHER_NAME, "恒力五金有限公司", "一厂", "330106198501011234",
            preference=("wechat_oa",), emergency_contact=EmergencyContact("欧阳德", "父亲", "13700000022"),
            addresses=(Address("wechat_oa", "main", OTHER_OPENID), Address("sms_twilio", "hk", OTHER_PHONE)),
        )  # fmt: skip
        save_employee(book, who, world.hr)
        case_id = open_case(book, CaseData(OTHER_NO, "E-0999", MONDAY, OTHER_SUMMARY), world.hr)
        notify(book, case_id, "return_reminder", REMINDER, world.desk.rules, world.hr)


def finish(world: World, outcome: TaskOutcome) -> None:
    """Record what came of the case's first open task."""
    with world.desk.archive.writing() as book:
        task = next(one for one in tasks.tasks_of(book.connection, world.case_id) if one.state == "open")
        record_outcome(book, task.id, outcome, world.desk.rules, world.hr)


def uploaded_pdf(pages: int) -> bytes:
    """Return a PDF as somebody's scanner makes it."""
    writer, made = PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    writer.write(made)
    return made.getvalue()


def picture(width: int = 40, height: int = 30) -> bytes:
    """Return a small PNG (ISO 15948: header, one row after the other, end)."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x1f\x3a\x68" * width) * height)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def members(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def text_of(pdf: bytes, *options: str) -> str:
    """Return the text of a PDF as a reader's own tool finds it."""
    command = ["pdftotext", *options, "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()


def everything(found: dict[str, bytes]) -> dict[str, str]:
    """Return all that can be read in a bundle: bytes, text of PDFs, insides of Word files, escaped JSON."""
    read = {}
    for name, data in found.items():
        words = [data.decode("utf-8", "replace")]
        if data.startswith(b"%PDF"):
            words.append(text_of(data).replace("\n", ""))
        if name.endswith(".docx"):
            with zipfile.ZipFile(io.BytesIO(data)) as inner:
                words += [inner.read(one).decode("utf-8", "replace") for one in inner.namelist()]
        words.append(re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), words[0]))
        read[name] = "\n".join(words)
    return read


def holding(found: dict[str, bytes], needle: str) -> list[str]:
    """Return the members in which a text can be found."""
    return [name for name, words in everything(found).items() if needle in words]


def leaf_of(kind: str, channel: str | None = None) -> records.Record:
    """Return a record of this kind, as if it stood in a case."""
    fields = {"channel": channel} if channel else {}
    return records.Record(b"", bytes(32), {"id": "r", "kind": kind, "parts": [], "refs": [], **fields})


def lines(data: bytes) -> list[dict]:
    return [json.loads(line) for line in data.splitlines()]
