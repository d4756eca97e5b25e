"""系统运行及数据提取说明: how the data arose, were kept and taken out, and how to repeat it (证据规定 93)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from handlers.export.dossier import Dossier
from handlers.export.gather import Gathered
from handlers.export.log_files import System
from handlers.export.outside import Anchor
from handlers.export.told import exact
from handlers.papers.report import Block, Facts, Heading, Par, Report, Sign, Table
from handlers.story_text import STATES
from storage.book import BUILD

_ISOLATION = {
    "same-user": "同一台机器、同一账户的独立进程", "separate-user": "同一台机器、另一个系统账户",
    "separate-host": "另一台机器",
}  # fmt: skip
_KINDS = {"tsa": "时间戳服务", "witness": "见证人"}
_REASONS = {
    "third-person": "涉及第三人", "internal": "用人单位内部记录", "other-people": "含其他人的批量数据",
    "privileged": "律师与当事人之间的材料", "erased": "已依法删除",
}  # fmt: skip
_MOST = 60  # anchors and self-checks that are listed one by one

_ARISING = (
    "发出的通知：由经办人在系统里填写内容、看过全文后发出；发出之前，系统先封存全文，算出回证码。"
    "发送、网关的答复和回报、员工在页面上的操作和答复，由系统在发生时自动记录，没有人工转录。"
    "电话、上门、邮寄等人工步骤由经办人登记，属于用人单位自己的记载（C0）。"
)
_KEEPING = (
    "每一件事在写入业务数据的同一个数据库事务里形成一条记录，追加到只增不改的日志（RFC 6962 默克尔树）。"
    "记录里没有个人内容，只有各部分内容的承诺值；内容另行加密保存，打开它们所需的部署密钥不在数据库里。"
    "任何一条记录被改动、删除、插入、调换次序或倒签，日志的根都会变化，与此前留存的检查点不符。"
)
_SIGNED = "日志由独立的签名进程按自己读到的记录计算并签名，拒绝签署更短或不同的历史。"
_UNSIGNED = "本日志没有签名进程，检查点没有签名：能改写整个数据库的人，可以一并重算日志的根。"
_SENT = "签名的检查点交给了外部的{services}（见第三部分）。"
_KEPT_HERE = "检查点没有交给外部的时间戳服务、见证人或邮箱，只由本单位自己保存。"
_MEANT = (
    "回证码写在每份通知里，收到通知的人手中留有一份。"
    "这些说明内容自某时起没有改变，不说明内容本身真实；每条记录另标证明力 C0 至 C4。"
)
_CHECKING = (
    "一、打开本证据包里的 verify.html（不联网），把整个 zip 文件拖进去；或者运行：\n"
    "　　python huizheng-verify.pyz 证据包.zip　　（加 --policy 文件，可用核验者自己信任的密钥和根证书）\n"
    "二、时间戳也可以用 OpenSSL 核验：\n"
    "　　openssl ts -verify -data data/log/checkpoints/….note -in data/anchors/….tsr -CAfile 根证书.pem\n"
    "三、在原系统里重新提取，除 export.note 外每个字节都应相同：\n"
    "　　{command}"
)


def statement(dossier: Dossier, found: Gathered, system: System, reasons: Mapping[str, int]) -> Report:
    """Return the statement, with places for the responsible person, the maker and the seal (解释 115)."""
    blocks = [
        *_overview(dossier, found),
        *_log(dossier, system),
        *_outside(system),
        *_health(found, system),
        Heading("五、数据如何形成、保存和保护"), Par(_ARISING), Par(_KEEPING), Par(guarding(system)),
        Heading("六、提取与复核"), Par(_CHECKING.format(command=command_of(dossier))),
        *_left_out(reasons),
        Par("以上内容由系统按日志直接生成，经核对属实。", small=False),
        Sign(("单位负责人（签名）", "制作人（签名）", "单位（盖章）", "日期"), seal=True),
    ]  # fmt: skip
    return Report(
        title="系统运行及数据提取说明",
        subtitle=f"案件 {dossier.case_no}",
        author=dossier.firm,
        dated=dossier.today,
        foot=dossier.foot(),
        blocks=blocks,
        sandbox=dossier.sandbox,
    )


def guarding(system: System) -> str:
    """Say what guards the log, as far as the log itself shows that it really did."""
    known = [_KINDS[kind] for kind in _KINDS if any(one.kind == kind for one in system.anchors)]
    services = [*known, *(["邮箱"] if system.mailed else [])]
    sent = _SENT.format(services="、".join(services)) if services else _KEPT_HERE
    return f"{_SIGNED if system.vkeys else _UNSIGNED}{sent}{_MEANT}"


def numbering(found: Gathered) -> str:
    """Say which numbers the case's records bear, against the numbers that were given out, and which miss."""
    if not found.gaps and found.expected == found.last:
        return f"本案全部 {found.total} 条记录，编号 1 至 {found.last}，没有缺号"
    listed = [f"{first}" if first == last else f"{first}–{last}" for first, last in found.gaps[:_MOST]]
    more = " 等" if len(found.gaps) > _MOST else ""
    missing = f"缺少编号 {'、'.join(listed)}{more}" if listed else "编号与应有的不符"
    return f"本案现存 {found.total} 条记录，编号应为 1 至 {found.expected}，{missing}；以核验结果为准"


def command_of(dossier: Dossier) -> str:
    """Return the command that makes the same bundle again."""
    case, size, view = dossier.case_no, dossier.checkpoint.size, dossier.view
    return f"huizheng export {case} --to 证据包.zip --at {size} --view {view}"


def _overview(dossier: Dossier, found: Gathered) -> Iterator[Block]:
    view = "完整副本（供仲裁、审判机构）" if dossier.view == "full" else "对方当事人副本（不含第三人信息）"
    yield Heading("一、提取概况")
    yield Facts(
        [
            ("案件", f"{dossier.case_no}　{dossier.firm} 与 {dossier.name}"),
            ("副本种类", view),
            ("导出编号", dossier.number),
            ("提取范围", numbering(found)),
            ("记录期间", f"{_local(found.first_at)} 至 {_local(found.last_at)}（北京时间，本系统记载）"),
            ("提取软件", f"回证 Huizheng，{BUILD}；证据格式第 1 版"),
            ("形成记录的软件", "、".join(sorted(found.builds))),
            ("提取人、提取时间", "由提取人在文末签名；系统另记在本案下一条“导出证据包”记录里"),
        ]
    )


def _local(text: str) -> str:
    return exact(datetime.fromisoformat(text)) if text else "—"


def _log(dossier: Dossier, system: System) -> Iterator[Block]:
    yield Heading("二、日志和签名密钥")
    rows = [
        ("日志名称", dossier.checkpoint.origin),
        ("检查点", f"{dossier.checkpoint.size} 条记录，根 {dossier.checkpoint.root.hex()}"),
    ]
    for _, at, told in _told(system, "key.rotated"):
        where = _ISOLATION.get(str(told.get("isolation")), str(told.get("isolation")))
        rows.append(("签名密钥", f"{told.get('new')}\n{_local(at)} 启用；签名进程位于{where}（系统自述）"))
    for _, at, told in _told(system, "key.compromised"):
        rows.append(
            ("密钥疑似泄露", f"{told.get('vkey')}\n{_local(at)}：{dossier.spell(str(told.get('why')))}")
        )
    for _, at, told in _told(system, "epoch.started"):
        rows.append(("恢复后另起日志", f"{_local(at)}：{dossier.spell(str(told.get('reason')))}"))
    yield Facts(rows if system.vkeys else [*rows, ("签名", "本日志没有签名进程，检查点未签名")])


def _outside(system: System) -> Iterator[Block]:
    yield Heading("三、外部锚定")
    if not system.anchors:
        yield Par("本案期间没有外部时间戳或见证：没有他人时钟可以佐证记录的时间。")
        return
    rows = [_anchor(one) for one in system.anchors[-_MOST:]]
    yield Table((1, 3, 1, 1.8), ("种类", "服务方", "所见日志", "对方所记时间（北京）"), rows)
    late = [told for _, _, told in _told(system, "anchor.missed")]
    missed = [f"{told.get('service')}（自 {_local(str(told.get('since') or ''))}）" for told in late]
    more = f"共 {len(system.anchors)} 次，只列最近 {_MOST} 次。" if len(system.anchors) > _MOST else ""
    yield Par(f"{more}没有按时答复的：{'、'.join(missed) or '没有'}。", small=True)


def _anchor(one: Anchor) -> tuple[str, ...]:
    time = exact(one.time) if one.time else "未读出"
    return _KINDS.get(one.kind, one.kind), one.service, f"{one.size} 条", time


def _health(found: Gathered, system: System) -> Iterator[Block]:
    checks = _told(system, "selfcheck.done")
    bad = [one for one in checks if one[2].get("findings")]
    failed = Counter[str]()
    for (kind, state), count in found.states.items():
        if kind.startswith(("attempt.", "receipt.")) and state in _FAILING:
            failed[state] += count
    words = [f"{STATES[state]} {count} 次" for state, count in sorted(failed.items())]
    findings = [f"{_local(at)} {told.get('findings')} 项" for _, at, told in bad]
    yield Heading("四、本案期间的系统运行情况")
    yield Facts(
        [
            ("自检", f"{len(checks)} 次，其中 {len(bad)} 次有发现" if checks else "本案期间没有自检记录"),
            ("自检发现", "、".join(findings) or "没有"),
            ("没有成功的发送", "、".join(words) or "没有"),
            ("演示环境", "是：时间可以调快，消息只发往模拟网关，不具效力" if found.sandbox else "否"),
        ]
    )


_FAILING = ("rejected_temp", "rejected_perm", "unknown", "returned", "refused", "locker")


def _left_out(reasons: Mapping[str, int]) -> Iterator[Block]:
    yield Heading("七、没有公开的部分")
    words = [f"{_REASONS.get(reason, reason)} {count} 项" for reason, count in sorted(reasons.items())]
    told = "；".join(words) or "没有"
    yield Par(f"{told}。逐项列在 data/completeness.json；记录本身全部在内，不影响编号的连续。")


def _told(system: System, kind: str) -> Sequence[tuple[str, str, Mapping[str, Any]]]:
    return [one for one in system.told if one[0] == kind]
