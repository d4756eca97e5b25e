"""HR moves a running ladder to another version; until then an edit changes nothing that runs."""

from collections.abc import Mapping

from casework.escalation import Policy, policy_from_body
from handlers.escalate import advance
from handlers.people import Unacceptable
from handlers.policies import known_version
from handlers.ports import Ladders
from storage import cases, ladders
from storage.book import Book, Entry, case_stream
from storage.ladders import Plan, Step
from storage.rows import Put

_TAKEN = ("done", "waiting", "dispatched")
GONE = -1  # the rung of a step that was never taken and that the new version does not have


def move_plan(book: Book, plan_id: str, policy_id: str, why: str, actor: str, rules: Ladders) -> None:
    """Let a plan go on with another version of its ladder; its next step is counted anew.

    Rungs are recognised by their names: what was done stays done. Raises Unacceptable for a plan that
    has ended, without a reason, and when the version lacks a rung that was already taken.
    """
    plan = ladders.plan_by_id(book.connection, plan_id, lock=True)
    before = policy_from_body(ladders.policy_body(book.connection, plan.policy_id))
    version = known_version(book, before.name, policy_id)
    _check(plan, version.id, why)
    steps = ladders.steps_of(book.connection, plan_id)
    rows = [Put("plan", plan.id, {"policy_id": version.id}, new=False)]
    rows += _moved(book, steps, before, policy_from_body(version.body))
    told = {"from": plan.policy_id, "to": version.id, "why": why.strip()}
    party = cases.case_by_id(book.connection, plan.case_id).employee_id
    entry = Entry("plan.moved", case_stream(plan.case_id), actor, rows=rows, told=told, party=party)
    record_id = book.add(entry)
    advance(book, plan.id, rules, actor, caused_by=record_id)


def _check(plan: Plan, policy_id: str, why: str) -> None:
    if plan.state == "ended":
        raise Unacceptable("plan", "这个阶梯已经结束，不用再换版本")
    if plan.policy_id == policy_id:
        raise Unacceptable("policy", "这个阶梯已经在用这一版")
    if not why.strip():
        raise Unacceptable("why", "换一版阶梯要写明理由，理由会进入证据链")


def _moved(book: Book, steps: list[Step], before: Policy, after: Policy) -> list[Put]:
    """Return the steps as the new version counts them; a step only planned makes way for a new one."""
    places = {(rung.name, rung.action): index for index, rung in enumerate(after.rungs)}
    new = {index: places.get((rung.name, rung.action), GONE) for index, rung in enumerate(before.rungs)}
    taken = {step.rung for step in steps if step.state in _TAKEN}
    lost = [before.rungs[index] for index in sorted(taken) if new[index] == GONE]
    if lost:
        names = "、".join(f"{rung.title}（{rung.name}）" for rung in lost)
        remedy = "请在新版里保留它们的 name 和 action"
        raise Unacceptable("policy", f"新版里没有已经走过的步骤：{names}。{remedy}")
    return [put for step in steps for put in _step(book, step, {**new, GONE: GONE})]


def _step(book: Book, step: Step, new: Mapping[int, int]) -> list[Put]:
    changes: dict[str, object] = {"rung": new[step.rung]} if new[step.rung] != step.rung else {}
    if step.state == "planned":
        changes |= {"state": "skipped", "finished_at": book.now}
    return [Put("plan_step", step.id, changes, new=False)] if changes else []
