"""张伟's story on a fast clock, through the real API, the real webhooks and the pretend phone."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import requests
from rich.console import Console

from bot.commands.cast import CAST, CHEN_XIUYING, LIU_QIANG, Person
from bot.commands.demonstration import Demonstration
from bot.commands.outsiders import write_policy
from casework.messages import Meaning, Outcome
from handlers.access import make_api_token
from handlers.bind import invite
from handlers.confirm import confirm_reply
from handlers.export_evidence import Exported, export_case
from handlers.people import save_user
from handlers.story_text import BEIJING, story_text
from storage import cases, clock, deliveries, inbox, ladders, people, tasks

PATIENCE = 60.0  # seconds of real time that one step may take on a busy machine
T = TypeVar("T")


class StoryStuck(Exception):  # noqa: N818
    """The story did not go on; the text says where and what to look at."""


@dataclass(frozen=True)
class Told:
    """How a story ended."""

    exported: Exported
    verified: bool
    report: str


class Teller:
    """Plays the people of the story: HR at the API, the employee at the pretend phone."""

    def __init__(self, stage: Demonstration, console: Console) -> None:
        self._stage, self._console, self._archive = stage, console, stage.desk.archive
        self._http = requests.Session()
        self._http.trust_env = False  # HTTP_PROXY must not swallow loopback
        self._passed = 0  # steps of 张伟's ladder to which the clock was moved
        with self._archive.writing() as book:
            self.hr = save_user(book, "lina", "李娜", "hr", "system:sandbox")
            save_user(book, "zhou", "周律师", "legal", "system:sandbox")
            scopes = ["read", "write", "tasks"]
            self.token = make_api_token(book, self.hr, "演示", scopes)

    def seed(self) -> None:
        """Enter the three people and their cases, and bind their WeChat by scanning a one-time code."""
        for person in CAST:
            self._enter(person)
        self._say("三名员工、三个案件已录入，微信已扫码绑定")

    def play(self) -> Told:
        """Tell 张伟's story to its end, then take the evidence away and verify it."""
        person = CAST[0]
        notice = self._notify(person)
        self._pass_to_next(notice)  # in the evening it waits for 8:00
        self._until("微信已送达", lambda: self._stands(notice, "wechat_oa", Outcome.DELIVERED))
        self._say("微信模板消息：已受理、已送达，没有打开")
        self._others_answer()
        self._pass_to_next(notice)
        self._until("短信失败", lambda: self._failed(notice, "sms_twilio"))
        self._say("短信：对方关机（30003），未送达")
        self._pass_to_next(notice)
        self._record(
            notice, "call_contact", {"outcome": "reached", "note": "已接通，请其转告回电，未提及其他"}
        )
        self._say("人事致电紧急联系人，已登记")
        self._pass_to_next(notice)
        self._record(
            notice, "paper", {"outcome": "posted", "note": "EMS 寄往确认过的地址", "waybill": "EB100000017CN"}
        )
        self._say("纸质通知用 EMS 寄出，已登记单号")
        self._phone(
            "reply", channel="wechat", address=person.openid, text="医生说还要再养半个月，片子我拍给你们"
        )
        reply = self._until("员工回复", lambda: self._reply(person))
        self._until("阶梯暂停", lambda: self._plan(notice).state == "paused")
        self._say("员工在微信上回复：阶梯当即暂停，等人事看")
        with self._archive.writing() as book:
            rules = self._stage.desk.rules
            confirm_reply(
                book, reply.id, Meaning.EXTENSION, "同意先顺延，请补交诊断证明", rules, f"user:{self.hr}"
            )
        self._until("阶梯结束", lambda: self._plan(notice).state == "ended")
        self._say("人事确认：员工要求延期；提醒到此结束")
        return self._prove(person)

    def _others_answer(self) -> None:
        """The other two cases come to stand elsewhere: one is acknowledged, one waits for HR."""
        for person, words in (
            (LIU_QIANG, "收到"),
            (CHEN_XIUYING, "诊断证明要去哪个窗口开？我腰还疼，走不远"),
        ):
            self._phone("reply", channel="wechat", address=person.openid, text=words)
            self._until(f"{person.name}的回复", partial(self._reply, person))
        self._say("另两案：刘强回复“收到”，提醒结束；陈秀英有疑问，等人事回答")

    def timeline(self) -> str:
        """Return 张伟's whole story as text."""
        with self._archive.reading() as view:
            case = cases.case_by_no(view.connection, CAST[0].case_no)
            assert case is not None  # seeded above
            return story_text(view, case.id, case.case_no)

    def _enter(self, person: Person) -> None:
        self._api("PUT", f"/employees/{person.employee_no}", person.employee())
        self._phone("people", name=person.name, openid=person.openid, phone=person.phone)
        with self._archive.writing() as book:
            employee = people.employee_by_no(book.connection, person.employee_no)
            assert employee is not None  # entered one line above
            code = invite(book, employee.id, "wechat_oa", "main")
        self._phone("scan", openid=person.openid, scene=code)
        self._until("扫码绑定", lambda: self._is_bound(employee.id))
        self._api("POST", "/cases", person.case(self._archive.clock.now()))
        if person is not CAST[0]:
            self._notify(person)

    def _notify(self, person: Person) -> str:
        kind, fields = person.told(self._archive.clock.now())
        answered = self._api("POST", f"/cases/{person.case_no}/notices", {"kind": kind, "fields": fields})
        return str(answered["id"])

    def _record(self, notice: str, kind: str, outcome: dict[str, str]) -> None:
        task = self._until(f"任务 {kind}", lambda: self._task(notice, kind))
        self._api("POST", f"/tasks/{task.id}/outcome", outcome)

    def _prove(self, person: Person) -> Told:
        target = self._stage.data / "out" / f"{person.case_no}-证据包.zip"
        exported = export_case(self._stage.desk, person.case_no, f"user:{self.hr}", target)
        done = verify_alone(target, write_policy(self._stage.settings, target.parent))
        return Told(exported, done.returncode == 0, done.stdout)

    def _pass_to_next(self, notice: str) -> None:
        """Move business time to the ladder's next step, unless it is under way already."""
        step = self._until("下一步", lambda: self._ahead(notice))
        with self._archive.engine.begin() as connection:
            ahead = step.due_at - self._archive.clock.now() + timedelta(seconds=1)
            clock.move(connection, max(ahead, timedelta(0)))
        self._passed = step.ordinal

    def _ahead(self, notice: str) -> ladders.Step | None:
        latest = self._steps(notice)[-1]
        return latest if latest.ordinal > self._passed else None

    def _until(self, what: str, ready: Callable[[], T | None]) -> T:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = ready()
            if found:
                return found
            time.sleep(0.05)
        raise StoryStuck(f"等“{what}”超过 {PATIENCE:.0f} 秒；请看 {self._stage.data / 'worker.log'}")

    def _say(self, text: str) -> None:
        now = self._archive.clock.now().astimezone(BEIJING).strftime("%m-%d %H:%M")
        self._console.print(f"  [dim]{now}[/dim]  {text}")

    def _api(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": self._archive.ids.uuid()}
        answer = self._http.request(
            method, f"{self._stage.web_url}/api/v1{path}", json=body, headers=headers, timeout=20
        )
        if not answer.ok:
            raise StoryStuck(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        told: dict[str, Any] = answer.json()
        return told

    def _phone(self, act: str, **body: str) -> None:
        answer = self._http.post(f"{self._stage.gateways_url}/admin/{act}", json=body, timeout=20)
        if not answer.ok:
            raise StoryStuck(f"pretend phone, {act}: {answer.status_code} {answer.text[:300]}")

    def _plan(self, notice: str) -> ladders.Plan:
        with self._archive.reading() as view:
            plan = ladders.plan_of_notice(view.connection, notice)
            assert plan is not None  # every notice has one
            return plan

    def _steps(self, notice: str) -> list[ladders.Step]:
        with self._archive.reading() as view:
            return ladders.steps_of(view.connection, self._plan(notice).id)

    def _task(self, notice: str, kind: str) -> tasks.Task | None:
        steps = {step.id for step in self._steps(notice)}
        with self._archive.reading() as view:
            open_now = tasks.open_tasks(view.connection)
        return next((one for one in open_now if one.step_id in steps and one.kind == kind), None)

    def _standings(self, notice: str, channel: str) -> list[Any]:
        with self._archive.reading() as view:
            connection = view.connection
            return [
                deliveries.standing_of(connection, one.id)
                for one in deliveries.deliveries_of_notice(connection, notice)
                if people.contact_point_by_id(connection, one.contact_point_id).channel == channel
            ]

    def _stands(self, notice: str, channel: str, outcome: Outcome) -> bool:
        return any(one.at_least(outcome) for one in self._standings(notice, channel))

    def _failed(self, notice: str, channel: str) -> bool:
        return any(one.worst is not None for one in self._standings(notice, channel))

    def _reply(self, person: Person) -> inbox.KeptReply | None:
        with self._archive.reading() as view:
            case = cases.case_by_no(view.connection, person.case_no)
            assert case is not None  # seeded
            return next(iter(inbox.replies_of(view.connection, case.id)), None)

    def _is_bound(self, employee_id: str) -> bool:
        with self._archive.reading() as view:
            points = people.contact_points(view.connection, employee_id)
        return any(one.channel == "wechat_oa" for one in points)


def verify_alone(bundle: Path, policy: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Check a bundle with the verifier in a process of its own, which sees neither database nor settings."""
    trusting = ["--policy", str(policy)] if policy else []
    command = [sys.executable, "-m", "evidence", "verify", str(bundle), *trusting]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
