"""The console's words: Chinese as it is shown, marked so that each has an English text."""

from collections.abc import Mapping

from handlers.story_text import KINDS, MEANINGS, TASKS

__all__ = [
    "CHANNELS",
    "FINDINGS",
    "GROUPS",
    "KINDS",
    "MEANINGS",
    "PROVES",
    "ROLES",
    "STEPS",
    "TASKS",
    "channel",
    "mark",
]


def mark(text: str) -> str:
    """Name a text that is translated where it is shown, so that the check for English texts finds it."""
    return text


ROLES: Mapping[str, str] = {
    "admin": mark("管理员"),
    "hr": mark("人事"),
    "legal": mark("法务"),
    "auditor": mark("只读审计"),
}

CHANNELS: Mapping[str, str] = {
    "wechat_oa": mark("微信"),
    "wecom": mark("企业微信"),
    "sms": mark("短信"),
    "email": mark("邮件"),
    "courier": mark("快递"),
    "page": mark("通知页面"),
}

STEPS: Mapping[str, str] = {
    "send": mark("发送通知"),
    "call_employee": mark("致电员工本人"),
    "call_contact": mark("致电紧急联系人"),
    "paper": mark("寄送纸质通知"),
    "visit": mark("上门核实"),
    "counsel": mark("交法务处理"),
    "hr_check": mark("人事核实"),
    "system": mark("通知其他系统"),
}

# What the self-audit may find (handlers/vitals.py), as HR reads it.
FINDINGS: Mapping[str, str] = {
    "halted": mark("证据日志已停写，请管理员查看 docs/signer.md"),
    "no_worker": mark("后台程序没有在工作，消息发不出去：请联系管理员"),
    "overdue": mark("有到期的步骤一直没有执行：请联系管理员"),
    "open_late": mark("有消息发出后一直没有查明结果：请联系管理员"),
    "unread": mark("有员工的回复或回执还没有读取：请联系管理员"),
    "dead_letters": mark("最近一天有外来消息多次处理失败：请联系管理员"),
    "spooled": mark("数据库中断期间收到的消息还在本机磁盘上等待补录：请联系管理员"),
    "aside": mark("有无法补录的外来消息需要管理员查看 docs/spool.md"),
}

# Which entries each filter of the timeline keeps.
GROUPS: Mapping[str, str] = {
    "": mark("全部"),
    "sent": mark("对外消息"),
    "said": mark("员工回复"),
    "todo": mark("人工操作"),
    "noted": mark("流程记录"),
}

# What each proof state means and does not prove (docs/evidence-format.md §3.2).
PROVES: Mapping[str, str] = {
    "submitted": mark("发出之前已登记要发的原文；不证明已经离开本系统"),
    "accepted": mark("网关收下了消息；不证明送到了手机"),
    "sent": mark("网关已经向外发出；不证明到达"),
    "delivered": mark("到达了这个号码或账号；不证明有人看过"),
    "displayed": mark("核对身份之后，通知在页面上显示过；不证明读完"),
    "read": mark("员工按了“我已阅读并确认收到”；不代表同意"),
    "rejected_temp": mark("网关这一次没有处理；可以再试，不证明送到"),
    "rejected_perm": mark("网关送不到这个地址；不是员工本人拒收"),
    "undelivered": mark("这一次没有送到，例如关机；以后再试可能送到，也不是员工本人拒收"),
    "unknown": mark("没有可信的答复：可能发出了，也可能没有；不当作送达"),
    "silent": mark("网关没有回报这一步；后面的记录说明它已经发生"),
    "conflict": mark("另有一条相反的回报，两条都保留"),
}


def channel(name: str | None) -> str:
    """Return what people call a channel: sms_twilio and every other sms_* are text messages."""
    name = (name or "").partition("/")[0]
    known = CHANNELS.get(name) or CHANNELS.get(name.partition("_")[0])
    return known or name
