"""Huizheng's own worker: claim, write ahead, hand to a gateway that answers at once, conclude, seal."""

import json
import sys
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from benchmarks.sides.measure import Measured
from benchmarks.sides.null_gateway import NullGateway
from bot.conversation import propose
from bot.desk import load_rules
from casework.notices import load_kind
from handlers.desk import Desk
from handlers.notify import notify
from handlers.open_case import CaseData, open_case
from handlers.people import Address, EmployeeData, save_employee, save_user
from scheduler.sweeps import send_due
from scheduler.who import Worker
from storage.book import Archive
from storage.engine import open_engine
from storage.ids import SystemIds
from storage.keys import Keys
from storage.schema import attempt, metadata
from storage.start import ready_database

MORNING = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # a Monday, 9:00 in Beijing
BATCH = 100  # employees, cases and reminders of one transaction
KIND = "return_reminder"


class BusinessMorning:
    """Business time stands at nine in the morning; leases run on real time."""

    def now(self) -> datetime:
        return MORNING

    def real(self) -> datetime:
        return datetime.now(UTC)


def main(url: str, rows: int, due: int) -> None:
    """Compose ``due`` reminders, put ``rows - due`` rungs of the future beside them, and send what is due."""
    keys, measured = Keys("bench", b"k" * 32), Measured()
    engine = open_engine(url, keys)
    archive = Archive(engine, keys, BusinessMorning(), SystemIds())
    ready_database(url, archive, "huizheng.benchmrk/log/1")
    gateway = NullGateway()
    channels = {(gateway.name, gateway.account): gateway}
    rules = load_rules(frozenset({gateway.name}))
    desk = Desk(archive, channels, rules, propose, "http://127.0.0.1:8460")
    cases = _cases(desk, due)
    with measured.rate("adds", due):
        _compose(desk, cases)
    _future(engine, rows - due)
    with measured.seconds("start_seconds"):
        worker = Worker(desk, "bench/1")
        assert gateway.taken == 0
    with measured.rate("fires", due):
        while send_due(worker):
            pass
    with measured.seconds("idle_sweep_seconds"):
        send_due(worker)
    _check(engine, gateway, due)
    measured.memory("memory_mb")
    measured.tell()


def _cases(desk: Desk, count: int) -> list[str]:
    with desk.archive.writing() as book:
        actor = f"user:{save_user(book, 'lina', '李娜', 'hr', 'system:bench')}"
    made = []
    for start in range(0, count, BATCH):
        with desk.archive.writing() as book:
            for n in range(start, min(start + BATCH, count)):
                address = Address("wechat_oa", "main", f"o{n:020d}")
                save_employee(
                    book,
                    EmployeeData(f"E{n}", "张伟", "恒力五金有限公司", "一厂", addresses=[address]),
                    actor,
                )
                made.append(open_case(book, CaseData(f"GS-{n}", f"E{n}", MORNING, "右手食指压伤"), actor))
    return made


def _compose(desk: Desk, cases: list[str]) -> None:
    given = {field.name: "2026 年 11 月 30 日" for field in load_kind(KIND).fields}
    for start in range(0, len(cases), BATCH):
        with desk.archive.writing() as book:
            for case_id in cases[start : start + BATCH]:
                notify(book, case_id, KIND, given, desk.rules, "system:bench")


def _future(engine: sa.Engine, count: int) -> None:
    """Copy one plan and its rung ``count`` times, due in a month; their records are not written."""
    plan, step, ids = metadata.tables["plan"], metadata.tables["plan_step"], SystemIds()
    with engine.begin() as connection:
        one = connection.execute(sa.select(plan).limit(1)).one()._mapping
        rung = connection.execute(sa.select(step).limit(1)).one()._mapping
        for start in range(0, count, 1000):
            made = [ids.uuid() for _ in range(start, min(start + 1000, count))]
            connection.execute(plan.insert(), [{**one, "id": id_} for id_ in made])
            later = {**rung, **dict.fromkeys(("due_at", "queued_at"), MORNING + timedelta(days=30))}
            connection.execute(step.insert(), [{**later, "id": ids.uuid(), "plan_id": id_} for id_ in made])


def _check(engine: sa.Engine, gateway: NullGateway, due: int) -> None:
    """What was measured must have happened."""
    with engine.connect() as connection:
        accepted = sa.select(sa.func.count()).where(attempt.c.state == "accepted").select_from(attempt)
        found = connection.execute(accepted).scalar_one()
    if found != due or gateway.taken != due:
        raise SystemExit(json.dumps({"accepted": found, "taken": gateway.taken, "due": due}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
