"""A case's story in plain Chinese, one line a record: for reading, not evidence by itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.tasks import OUTCOMES
from storage.book import Book, Reader
from storage.timeline import Line, lines_of

BEIJING = ZoneInfo("Asia/Shanghai")

KINDS: Mapping[str, str] = {
    "contact.shown": "查看电话号码",
    "case.opened": "立案",
    "case.changed": "案件信息变更",
    "case.closed": "结案",
    "notice.composed": "拟定通知",
    "paper.made": "生成纸质版",
    "plan.started": "开始提醒阶梯",
    "plan.paused": "阶梯暂停",
    "plan.resumed": "阶梯恢复",
    "plan.ended": "阶梯结束",
    "plan.moved": "改用另一版阶梯或日历",
    "follow_up.started": "开始休养随访",
    "follow_up.ended": "休养随访结束",
    "step.planned": "安排下一步",
    "step.done": "步骤完成",
    "step.lapsed": "步骤错过",
    "step.skipped": "步骤取消",
    "attempt.started": "发出前登记",
    "attempt.accepted": "网关受理",
    "attempt.rejected": "网关未受理",
    "attempt.unknown": "发送结果不明",
    "attempt.found": "查明已受理",
    "attempt.doubled": "网关重复受理",
    "attempt.absent": "查明未受理",
    "receipt.received": "收到回执",
    "reply.received": "员工回复",
    "reply.confirmed": "确认回复含义",
    "reply.corrected": "更正回复含义",
    "page.displayed": "通知页面已显示",
    "page.read": "员工点击“我已阅读并确认收到”",
    "page.answered": "员工在页面上答复",
    "page.refused": "身份核对失败",
    "task.opened": "交办人工任务",
    "task.done": "登记任务结果",
    "custody.exported": "导出证据包",
    "custody.handed_over": "移交证据包",
    "hold.set": "设置证据保全",
    "hold.lifted": "解除证据保全",
    "erase.asked": "申请删除个人信息",
    "erase.done": "已依法删除",
    "erase.refused": "拒绝删除申请",
}

STATES: Mapping[str, str] = {
    "submitted": "已提交",
    "accepted": "已受理",
    "sent": "已发送",
    "delivered": "已送达",
    "displayed": "已显示",
    "read": "已阅读",
    "replied": "已回复",
    "rejected_temp": "暂未成功",
    "rejected_perm": "失败",
    "refused": "拒收",
    "returned": "退回",
    "locker": "代收或自提柜",
    "unknown": "不明",
}

TASKS: Mapping[str, str] = {
    "call_employee": "致电员工本人",
    "call_contact": "致电紧急联系人",
    "paper": "寄送纸质通知",
    "paper_result": "登记纸质通知的投递结果",
    "visit": "上门核实",
    "counsel": "交法务处理",
    "hr_check": "人事核实",
    "confirm_reply": "确认员工回复的含义",
    "unknown_attempt": "核实发送结果",
    "retention_review": "复核案件是否还要保存",
    "reconcile": "恢复备份后与网关核对",
}

MEANINGS: Mapping[str, str] = {
    "received": "收到",
    "agreed": "同意",
    "declined": "拒绝",
    "extension": "要求延期",
    "returned": "已返岗",
    "help": "求助",
    "automatic": "自动回复",
    "unclear": "不明",
}


def story_text(view: Book | Reader, case_id: str, case_no: str) -> str:
    """Return the whole story of a case as text."""
    head = f"案件 {case_no}　以下时间均为北京时间\n\n"
    return head + "".join(f"{line_text(line)}\n" for line in lines_of(view, case_id))


def line_text(line: Line) -> str:
    """Return one record as one line of text."""
    return one_line(line.cseq, line.at, line.kind, line.channel, line.state, line.told, line.leaf_hash)


def one_line(
    cseq: int, at: datetime, kind: str, channel: str | None, state: str | None, told: Mapping[str, Any],
    leaf_hash: str,
) -> str:  # fmt: skip
    """Return what a record tells as one line of text; ``leaf_hash`` in hex."""
    words = [f"#{cseq:04d}", f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}", KINDS.get(kind, kind)]
    if channel:
        words.append(f"[{channel}]")
    if state:
        words.append(STATES.get(state, state))
    detail = detail_text(told)
    return "　".join([*words, detail] if detail else words) + f"　{leaf_hash[:8]}"


def detail_text(told: Mapping[str, Any]) -> str:
    """Return what a record tells beyond its kind."""
    kind = told.get("kind")
    parts = [
        str(told.get("title") or ""),
        TASKS.get(str(kind), ""),
        OUTCOMES.get(str(kind), {}).get(str(told.get("outcome")), ""),
        _meaning(told),
        *(str(told.get(name) or "") for name in ("said", "why", "note")),
        visit_text(told.get("visit")),
        f"单号 {told['waybill']}" if told.get("waybill") else "",
        f"导出编号 {told['export']}" if told.get("export") else "",
        f"交给 {told['to']}（{told.get('how', '')}）" if told.get("to") else "",
    ]
    return "，".join(part for part in parts if part)


def visit_text(visit: object) -> str:
    """Return who went and what was left; nothing for what is no visit."""
    if not isinstance(visit, Mapping):
        return ""
    return f"{'、'.join(map(str, visit.get('people', ())))}两人上门，留下：{visit.get('left', '')}"


def _meaning(told: Mapping[str, Any]) -> str:
    if told.get("confirmed"):
        return f"人事确认为“{MEANINGS.get(told['confirmed'], told['confirmed'])}”"
    if told.get("proposed"):
        return f"初步判断为“{MEANINGS.get(told['proposed'], told['proposed'])}”，待人事确认"
    return ""
