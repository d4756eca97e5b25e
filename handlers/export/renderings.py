"""What a gateway wrote, field by field, with the meaning in Chinese beside it (民事诉讼法 73)."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from handlers.export.told import exact

MOST = 60  # fields of one message that are shown; the exact bytes lie in the bundle
_LONGEST = 400  # characters of one value

FIELDS: Mapping[str, str] = {
    "errcode": "错误码", "errmsg": "错误说明", "msgid": "消息编号", "touser": "接收者账号", "url": "链接",
    "template_id": "模板编号", "client_msg_id": "我方编号", "data": "内容", "value": "值",
    "first": "首行", "tousername": "公众号原始账号", "fromusername": "发送者账号",
    "createtime": "产生时间", "msgtype": "消息类型", "event": "事件", "content": "文字内容",
    "picurl": "图片地址", "mediaid": "媒体编号", "status": "状态", "messagestatus": "消息状态",
    "smsstatus": "短信状态", "messagesid": "短信编号", "smssid": "短信编号", "sid": "编号",
    "accountsid": "网关账号", "to": "接收号码", "from": "发送号码", "body": "正文", "errorcode": "错误码",
    "error_code": "错误码", "errormessage": "错误说明", "error_message": "错误说明", "code": "代码",
    "message": "说明", "more_info": "更多说明", "apiversion": "接口版本", "date_created": "建立时间",
    "date_sent": "发出时间", "date_updated": "更新时间", "num_segments": "分段数", "num_media": "附件数",
    "nummedia": "附件数", "numsegments": "分段数", "direction": "方向", "price": "费用",
    "price_unit": "币种", "uri": "资源地址", "optouttype": "退订类型", "rawdlrdonedate": "运营商回报时间",
    "statuscallback": "回报地址", "link": "链接", "key": "编号", "outcome": "结果", "said": "网关原话",
    "ref": "我方编号", "text": "文字",
}  # fmt: skip
VALUES: Mapping[str, str] = {
    "ok": "成功", "success": "成功", "queued": "排队中", "accepted": "已受理", "sending": "正在发出",
    "sent": "已发出", "delivered": "已送达设备", "undelivered": "未送达", "failed": "失败",
    "read": "已读", "failed:user block": "用户拒收", "failed: system failed": "系统原因失败",
    "failed:system failed": "系统原因失败", "text": "文字", "event": "事件", "image": "图片",
    "voice": "语音", "templatesendjobfinish": "模板消息发送结束", "subscribe": "关注",
    "unsubscribe": "取消关注", "scan": "扫码", "inbound": "接收", "outbound-api": "接口发送",
    "stop": "退订", "null": "无", "true": "是", "false": "否",
}  # fmt: skip
_XML = re.compile(r"<(\w+)>\s*(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))\s*</\1>", re.DOTALL)


def fields_of(data: bytes) -> list[tuple[str, str]] | None:
    """Return a message's fields and values in their order: JSON, XML or a form; None for anything else."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    found = list(_parsed(text.strip()))
    return found[:MOST] or None


def rows_of(data: bytes) -> list[tuple[str, str, str]]:
    """Return a message as rows of field, value and their meaning in Chinese."""
    return [(name, value[:_LONGEST], meaning(name, value)) for name, value in fields_of(data) or ()]


def meaning(name: str, value: str) -> str:
    """Say in Chinese what a field and its value mean; the field's own name where we have no word for it."""
    last = name.rpartition(".")[2].lower()
    word = FIELDS.get(last, "（网关自定字段）")
    said = VALUES.get(value.strip().lower())
    if last == "createtime" and value.isdigit() and len(value) <= 10:
        said = f"{exact(datetime.fromtimestamp(int(value), UTC))}（北京时间）"
    if last in ("errcode", "errorcode", "error_code") and value.strip() == "0":
        said = "没有错误"
    return f"{word}：{said}" if said else word


def _parsed(text: str) -> Iterator[tuple[str, str]]:
    if text.startswith(("{", "[")):
        try:
            yield from _flat("", json.loads(text))
        except (ValueError, RecursionError):
            return
    elif text.startswith("<"):
        yield from ((found[1], found[2] or found[3] or "") for found in _XML.finditer(text))
    elif re.match(r"[A-Za-z][\w.]*=", text):
        yield from parse_qsl(text, keep_blank_values=True, max_num_fields=10 * MOST)


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                yield from _flat(f"{name}.{key}" if name else str(key), item)
        case list():
            for number, item in enumerate(value, start=1):
                yield from _flat(f"{name}.{number}" if name else str(number), item)
        case str():
            yield name, value
        case _:
            yield name, json.dumps(value)
