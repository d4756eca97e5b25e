"""A case of very many records, written quickly: the rows and records of hundreds of notices."""

import json
from collections.abc import Callable

from evidence import canonical
from storage.book import JSON, TEXT, Book, Entry, Part, case_stream
from storage.rows import Put
from tests.world import World

EACH = 100  # records of one notice
_SENDINGS = 17


def grow(world: World, records: int, tell: Callable[[int], None] = lambda _: None) -> None:
    """Add notices with all that follows them until the case has about this many records."""
    policy = _policy(world)
    for number in range(records // EACH):
        with world.desk.archive.writing() as book:
            _Notice(book, world, policy).write()
        world.clock.pass_by(hours=1)
        tell((number + 1) * EACH)


def _policy(world: World) -> str:
    """Send one real notice, so that a policy, addresses and a plan are there; return the policy's id."""
    world.notify()
    world.work()
    return world.plan().policy_id


class _Notice:
    def __init__(self, book: Book, world: World, policy: str) -> None:
        self.book, self.world, self.policy = book, world, policy
        self.stream, self.case = case_stream(world.case_id), world.case()
        with world.desk.archive.reading() as view:
            from storage import people

            self.point = people.contact_points(view.connection, self.case.employee_id)[0].id

    def write(self) -> None:
        notice, plan = self._composed()
        for ordinal in range(1, _SENDINGS + 1):
            self._sending(notice, plan, ordinal)
        for number in range(4):
            self._reply(notice, number)
        for number in range(4):
            self._task(plan, number)

    def _add(self, kind: str, rows: list[Put], told: dict | None = None, **more: object) -> str:
        entry = Entry(
            kind,
            self.stream,
            "system:worker",
            rows=rows,
            told=told or {},
            party=self.case.employee_id,
            **more,
        )
        return self.book.add(entry)

    def _new(self, table: str, **columns: object) -> Put:
        return Put(table, self.book.ids.uuid(), columns)

    def _composed(self) -> tuple[str, str]:
        book, record = self.book, self.book.ids.uuid()
        text = {
            "title": "返岗提醒",
            "paragraphs": ["张伟：", "请您按时回来上班。"],
            "key_facts": [["到岗时间", "2026-12-01"]],
            "short_lines": [],
        }
        kept = book.keep(self.stream, canonical.dumps({**text, "n": record}), JSON)
        row = self._new(
            "notice", case_id=self.case.id, kind="return_reminder", title="返岗提醒", composed_at=book.now,
            text_blob=kept.id, paper_blob=None, composed_record=record,
        )  # fmt: skip
        entry = Entry(
            "notice.composed",
            self.stream,
            self.world.hr,
            rows=[row],
            told={"title": "返岗提醒"},
            parts={"text": kept},
            party=self.case.employee_id,
        )
        book.add(entry, record)
        plan = self._new(
            "plan", case_id=self.case.id, notice_id=row.id, policy_id=self.policy, calendar="c",
            state="ended", started_at=book.now, resumed_at=None, ended_at=book.now,
        )  # fmt: skip
        self._add("plan.started", [plan], {"policy": "return_reminder"})
        return row.id, plan.id

    def _sending(self, notice: str, plan: str, ordinal: int) -> None:
        book = self.book
        step = self._new(
            "plan_step", plan_id=plan, ordinal=ordinal, rung=0, action="send", channel="wechat_oa",
            due_at=book.now, queued_at=book.now, state="done", why="当天用首选渠道发出",
            finished_at=book.now,
        )  # fmt: skip
        self._add("step.planned", [step], {"why": "当天用首选渠道发出"})
        request = book.keep(self.stream, json.dumps({"touser": "oZhang", "n": step.id}).encode(), JSON)
        delivery = self._new("delivery", step_id=step.id, notice_id=notice, contact_point_id=self.point)
        attempt = self._new(
            "attempt", delivery_id=delivery.id, number=1, channel="wechat_oa", account="main",
            client_ref=step.id[-32:], state="accepted", started_at=book.now, deadline_at=book.now,
            provider_id=None, request_blob=request.id, response_blob=None,
        )  # fmt: skip
        more = {"channel": "wechat_oa/main"}
        self._add(
            "attempt.started", [delivery, attempt], parts={"request": request}, state="submitted", **more
        )
        answer = Part(json.dumps({"errcode": 0, "errmsg": "ok", "msgid": attempt.id}).encode())
        self._add(
            "attempt.accepted", [Put("attempt", attempt.id, {"state": "accepted"}, new=False)],
            {"said": "errcode 0"}, parts={"response": answer}, state="accepted", assurance="C1", **more,
        )  # fmt: skip
        for outcome in ("delivered", "displayed"):
            receipt = self._new(
                "receipt", channel="wechat_oa/main", event_key=f"{attempt.id}/{outcome}",
                attempt_id=attempt.id, delivery_id=delivery.id, outcome=outcome, said=outcome,
                event_at=None, received_at=book.now,
            )  # fmt: skip
            kind = "receipt.received" if outcome == "delivered" else "page.displayed"
            self._add(kind, [receipt], {"said": outcome}, state=outcome, assurance="C1", **more)

    def _reply(self, notice: str, number: int) -> None:
        book = self.book
        text = book.keep(self.stream, f"收到，第 {number} 次 {book.ids.token(8)}".encode(), TEXT)
        reply = self._new(
            "reply", channel="wechat_oa/main", external_key=book.ids.uuid(),
            employee_id=self.case.employee_id, case_id=self.case.id, notice_id=notice, text_blob=text.id,
            proposed="received", confirmed=None, received_at=book.now,
        )  # fmt: skip
        told = {"proposed": "received", "attachments": []}
        self._add("reply.received", [reply], told, parts={"text": text}, state="replied", assurance="C1")

    def _task(self, plan: str, number: int) -> None:
        book = self.book
        task = self._new(
            "task", case_id=self.case.id, step_id=None, kind="call_employee", due_at=book.now, state="done",
            outcome="no_answer", done_by="system:worker", done_at=book.now, about=None,
        )  # fmt: skip
        self._add("task.opened", [task], {"kind": "call_employee", "why": "没有回音"})
        told = {
            "kind": "call_employee",
            "outcome": "no_answer",
            "note": f"第 {number} 次没有人接",
            "waybill": "",
        }
        self._add("task.done", [Put("task", task.id, {"outcome": "no_answer"}, new=False)], told)
