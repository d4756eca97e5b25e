"""Turn the records of a case into its entries: texts opened, numbers masked, people named."""

import re
from collections.abc import Sequence
from functools import cached_property

from bot.console import entries, words
from bot.console.entries import Entry, File, Noted, Said, Sent, Todo
from bot.console.grouping import Group, grouped
from bot.console.track import track
from casework.escalation import call_script, policy_from_body
from casework.identity import mask_phone
from evidence.records import record_code
from handlers.story_text import visit_text
from handlers.tasks import OUTCOMES
from handlers.unknowns import evidence_about
from storage import cases, deliveries, desk_lists, inbox, ladders, people, tasks
from storage.book import Reader
from storage.tasks import Task
from storage.timeline import Line
from storage.vault import Erased

_NUMBER = re.compile(r"\+?\d[\d -]{6,}\d")
_YOURS = "（您的电话）"
_CONTACT = "联系人"  # the fact of a notice that says whom to ring


class Reading:
    """One case's records in the eyes of one reader."""

    def __init__(
        self, view: Reader, case: cases.Case, person: people.Employee, firm: str, caller: str
    ) -> None:
        self._view, self._case, self._person, self._firm, self._caller = view, case, person, firm, caller

    def entries(self, lines: Sequence[Line]) -> list[Entry]:
        """Return the timeline, the newest first."""
        return [self._entry(group) for group in grouped(lines)]

    def _entry(self, group: Group) -> Entry:
        match group.kind:
            case "sent":
                return self._sent(group)
            case "todo":
                return self._todo(group)
            case "said":
                return self._said(group)
            case _:
                return self._noted(group)

    def _sent(self, group: Group) -> Sent:
        connection = self._view.connection
        delivery = deliveries.delivery_by_id(connection, group.key)
        point = people.contact_point_by_id(connection, delivery.contact_point_id)
        notice = self._notices[delivery.notice_id]
        return Sent(
            mark=entries.mark_of(group),
            title=notice.title,
            rung=ladders.step_by_id(connection, delivery.step_id).rung + 1,
            channel=words.channel(point.channel),
            address=masked(point.channel, point.address),
            track=track(group.lines),
            excerpt="；".join(notice.short_lines),
        )

    def _todo(self, group: Group) -> Todo:
        task = tasks.task_by_id(self._view.connection, group.key)
        assert task is not None  # the record has written its row
        done = next(
            (line for line in group.lines if line.kind == "task.done" and line.told["kind"] == task.kind),
            None,
        )
        told = done.told if done else {}
        contact = self._person.emergency_contact
        return Todo(
            mark=entries.mark_of(group),
            id=task.id,
            kind=task.kind,
            state=task.state,
            why=str(group.first.told.get("why") or ""),
            due_at=task.due_at,
            script=self._script(task) if task.state == "open" else "",
            whom=f"{contact.name}（{contact.relation}）{mask_phone(contact.phone)}"
            if task.kind == "call_contact" and contact
            else "",
            notice_id=self._notice_of(task),
            outcomes=OUTCOMES.get(task.kind, {}),
            outcome=task.outcome or "",
            note=str(told.get("note") or ""),
            waybill=str(told.get("waybill") or ""),
            visit=visit_text(told.get("visit")),
            by=self._who(task.done_by or ""),
            done_at=task.done_at,
            files=self._files([done] if done else []),
            weighed=evidence_about(self._view, task) if task.state == "open" else None,
        )

    def _said(self, group: Group) -> Said:
        reply = inbox.reply_by_id(self._view.connection, group.key)
        assert reply is not None  # the record has written its row
        first, last = group.first, group.lines[-1]
        confirmed = [line for line in group.lines if line.kind in ("reply.confirmed", "reply.corrected")]
        task = next((one for one in self._tasks if one.about == reply.id), None)
        return Said(
            mark=entries.mark_of(group),
            id=reply.id,
            channel=words.channel(reply.channel),
            text=self._text(reply.text_blob),
            choice=str(first.told.get("choice") or ""),
            proposed=reply.proposed,
            why=str(first.told.get("why") or ""),
            confirmed=reply.confirmed,
            note=str(confirmed[-1].told.get("note") or "") if confirmed else "",
            by=self._who(confirmed[-1].actor if confirmed else last.actor),
            due_at=task.due_at if task and task.state == "open" else None,
            files=self._files([first]),
        )

    def _text(self, blob_id: str) -> str:
        try:
            return self._view.open(blob_id).data.decode("utf-8", "surrogatepass")
        except Erased:
            return cases.GONE

    def _noted(self, group: Group) -> Noted:
        line = group.first
        made = entries.noted(group, self._who(line.actor))
        notice = next((one for one in self._notices.values() if one.composed_record == line.record_id), None)
        if notice is None:
            return made
        code = record_code(bytes.fromhex(line.leaf_hash))
        return Noted(
            made.mark, made.kind, made.detail, made.by, made.tone, notice.id, code, notice.paragraphs
        )

    def _script(self, task: Task) -> str:
        """What to say on the phone, with the number that stands in the notice for calling back."""
        if task.step_id is None or not task.kind.startswith("call"):
            return ""
        step = ladders.step_by_id(self._view.connection, task.step_id)
        if step.rung < 0:
            return ""  # the ladder was moved to a version without this rung
        plan = ladders.plan_by_id(self._view.connection, step.plan_id)
        policy = policy_from_body(ladders.policy_body(self._view.connection, plan.policy_id))
        facts = dict(self._notices[plan.notice_id].key_facts)
        number = _NUMBER.search(facts.get(_CONTACT, ""))  # any other digits would be a date or a deadline
        return call_script(
            policy.rungs[step.rung], task.kind, firm=self._firm, name=self._person.name, caller=self._caller,
            phone=number[0] if number else _YOURS,
        )  # fmt: skip

    def _notice_of(self, task: Task) -> str:
        if task.step_id is None:
            return ""
        step = ladders.step_by_id(self._view.connection, task.step_id)
        return ladders.plan_by_id(self._view.connection, step.plan_id).notice_id

    def _files(self, lines: Sequence[Line]) -> tuple[File, ...]:
        return tuple(
            File(line.record_id, name, media)
            for line in lines
            for name, media in self._attachments.get(line.record_id, ())
        )

    def _who(self, actor: str) -> str:
        kind, _, name = actor.partition(":")
        match kind:
            case "user":
                return self._users.get(name, name)
            case "employee":
                return self._person.name
            case "gateway":
                return words.channel(name)
            case "link":
                return "通知链接"
            case _:
                return "系统" if kind == "system" else ""

    @cached_property
    def _notices(self) -> dict[str, cases.NoticeText]:
        return {notice.id: notice for notice in cases.notices_of(self._view, self._case.id)}

    @cached_property
    def _tasks(self) -> list[Task]:
        return tasks.tasks_of(self._view.connection, self._case.id)

    @cached_property
    def _users(self) -> dict[str, str]:
        return desk_lists.user_names(self._view.connection)

    @cached_property
    def _attachments(self) -> dict[str, list[tuple[str, str]]]:
        return desk_lists.attachments_of(self._view.connection, self._case.id)


def masked(channel: str, address: str) -> str:
    """Return an address as HR may see it: a number masked, an account not at all."""
    if channel.startswith("sms"):
        return mask_phone(address)
    if channel == "email":
        name, _, host = address.partition("@")
        return f"{name[:1]}***@{host}"
    return ""
