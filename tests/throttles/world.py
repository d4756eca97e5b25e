"""A firm with as many injured employees as a test wants, and several accounts of one kind of channel."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from casework.messages import Event, Outcome, Unbound
from casework.notices import load_kind
from casework.pace import Pace
from handlers.notify import notify
from handlers.open_case import CaseData, open_case
from handlers.people import Address, EmployeeData, save_employee
from handlers.ports import Answer, RawRequest, Resolve, SendFailed
from handlers.take_in import take_in
from handlers.throttle import Account, Limits
from scheduler.who import Worker
from storage.schema import attempt, plan, plan_step
from storage.timeline import lines_of
from tests.engine.world import FIELDS, MONDAY_MORNING, PretendChannel, World

SMS = "sms_twilio"


class Gateway(PretendChannel):
    """One account; while ``trouble`` is set it answers everything with that."""

    def __init__(self, account: str, name: str = SMS, able: tuple[Resolve, ...] = (Resolve.QUERY,)) -> None:
        super().__init__(name, able)
        self.account = account
        self.capabilities = dataclasses.replace(self.capabilities, portable=name == SMS)
        self.trouble: SendFailed | None = None
        self.tries = 0

    def send(self, request: bytes) -> Answer:
        self.tries += 1
        if self.trouble is not None and self.trouble.outcome is Outcome.UNKNOWN:
            raise self.trouble  # it did not take it, but we cannot know
        if self.trouble is not None:
            raise self.trouble
        return super().send(request)

    def interpret(self, inner: bytes) -> tuple[Event, ...]:
        said = json.loads(inner)
        if said.get("key") == "gone":
            return (Unbound("gone", said["address"]),)
        return super().interpret(inner)

    @property
    def order(self) -> list[str]:
        """To whom it delivered, in order."""
        return [message["to"] for message in self.taken]


class Crowd(World):
    """The usual firm, to which people are added; every account is one of ours."""

    def __init__(
        self, url: str, *gateways: Gateway, paces: Mapping[Account, Pace] | None = None,
        person_hour: int | None = None, person_day: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(url, *gateways)
        by_account = {(one.name, one.account): one for one in gateways}
        limits = Limits(paces or {}, person_hour, person_day)
        self.desk = dataclasses.replace(self.desk, channels=by_account, limits=limits)
        self.worker = Worker(self.desk, "worker-1")
        self.people = 0

    def _zhangwei(self) -> EmployeeData:
        return dataclasses.replace(super()._zhangwei(), addresses=[])

    def tell(self, account: str = "main", name: str = SMS, *, times: int = 1) -> str:
        """Send one more person so many reminders by an address of this account; return the address."""
        self.people += 1
        number, address = f"P{self.people:05}", f"+852{50_000_000 + self.people}"
        person = EmployeeData(
            number, "某人", "恒力五金有限公司", "一厂", preference=(name,),
            addresses=[Address(name, account, address)],
        )  # fmt: skip
        given = {field.name: FIELDS[field.name] for field in load_kind("return_reminder").fields}
        accident = MONDAY_MORNING - timedelta(days=14)
        with self.archive.writing() as book:
            save_employee(book, person, self.user)
            case_id = open_case(book, CaseData(f"GS-{number}", number, accident, "右手食指压伤"), self.user)
            for _ in range(times):
                notify(book, case_id, "return_reminder", given, self.desk.rules, self.user)
        return address

    def column(self, column: sa.ColumnElement[object]) -> list[object]:
        """Return one column of all attempts, or of the first steps, in the order in which they came."""
        order = attempt.c.id if column.table is attempt else plan_step.c.id
        chosen = sa.select(column).order_by(order)
        if column.table is plan_step:
            chosen = chosen.where(plan_step.c.rung == 0, plan_step.c.action == "send")
        with self.archive.reading() as view:
            return list(view.connection.execute(chosen).scalars())

    def hear(self, channel: str, times: int = 1, account: str = "main", **said: str) -> None:
        """Let a webhook come in at one account, this many times."""
        request = RawRequest("POST", f"/hooks/{channel}/{account}", {}, json.dumps(said).encode())
        elements = self.desk.channels[channel, account].authenticate(request)
        for _ in range(times):
            with self.archive.writing() as book:
                take_in(book, channel, account, elements, request, f"gateway:{channel}/{account}")

    def told(self, kind: str) -> list[object]:
        """Return what the records of this kind tell, in every case."""
        with self.archive.reading() as view:
            cases = view.connection.execute(sa.select(plan.c.case_id).distinct()).scalars().all()
            return [line.told for case in cases for line in lines_of(view, case) if line.kind == kind]
