"""The sentences of a report about signatures, anchors, epochs, heads and erasure; see words.py."""

_GROUNDS = {  # PIPL 47, and what a verifier says where the record of the erasure is not disclosed
    "purpose-achieved": ("处理目的已实现", "its purpose was achieved"),
    "period-over": ("保存期限已届满", "its retention period was over"),
    "consent-withdrawn": ("个人撤回同意", "consent was withdrawn"),
    "unlawful": ("处理违反法律或约定", "the processing was unlawful"),
    "other-law": ("法律、行政法规规定的其他情形", "another law asked for it"),
    "unstated": ("删除依据未公开", "the ground is not disclosed"),
}

SENTENCES: dict[str, tuple[str, str]] = {
    "signature": ("{name} 的签名不成立（{why}）", "the signature of {name} does not hold ({why})"),
    "signature.key": (
        "该记录没有写明可用的日志密钥",
        "the record does not tell of a key that this log can be signed with",
    ),
    "signature.history": (
        "该记录所说的旧密钥不是此前的日志密钥",
        "the old key of which the record tells is not the log's key before it",
    ),
    "signature.name": ("{name} 的文件名与内容不符", "{name} is not the name for what this note is over"),
    "signature.retired": (
        "{name} 只由已经停用的密钥签名",
        "{name} is signed only by a key that was no longer in use",
    ),
    "signature.missing": (
        "日志设有签名密钥，检查点却没有签名：签名被去掉了",
        "the log has keys, but the checkpoint bears no signature: it was taken off",
    ),
    "signature.rotation": (
        "没有一个检查点同时带有更换前后两个密钥的签名",
        "no checkpoint bears the signatures of both keys at this rotation",
    ),
    "export-note": ("export.note 不成立（{why}）", "export.note does not hold ({why})"),
    "export-note.unsigned": (
        "检查点没有签名，却附有 export.note",
        "there is an export.note, but the checkpoint is not signed",
    ),
    "export-note.signer": (
        "export.note 应当只有一行签名，由检查点的日志密钥签署",
        "export.note must bear exactly one signature, by the log key of the checkpoint",
    ),
    "export-note.differs": (
        "export.note 所写的 {name} 与本包不符：包被换过或改过",
        "{name} in export.note does not fit this bundle: it was exchanged or changed",
    ),
    "export-number": (
        "导出编号与案件、视图和检查点不符",
        "the export number does not follow from case, view and checkpoint",
    ),
    "consistency": (
        "不能证明 {name} 是同一日志较早的状态（{why}）：日志可能被改写或分叉",
        "not shown that {name} is an earlier state of this log ({why}): it may have been rewritten or forked",
    ),
    "consistency.spare": (
        "一致性证明有多余、重复或次序不对的",
        "some proofs of consistency are not needed, stand twice or are out of order",
    ),
    "epoch.form": (
        "epoch.started 记录未公开或不合格",
        "the epoch.started record is not disclosed or not in its form",
    ),
    "epoch.first": (
        "包里没有日志 {origin} 的第一条记录",
        "the first record of the log {origin} is not here",
    ),
    "epoch.chain": ("各期日志不相衔接", "the epochs of the log do not follow each other"),
    "epoch.unstarted": (
        "没有记录说明日志 {origin} 已经结束",
        "no record tells that the log {origin} has ended",
    ),
    "epoch.differs": (
        "日志 {origin} 结束时的大小或根与 epoch.started 所载不符",
        "size or root of the ended log {origin} differ from what epoch.started tells",
    ),
    "epoch.lost": (
        "epoch.started 所载的丢失范围与最后的签名检查点不符",
        "the lost range that epoch.started tells does not fit the last signed checkpoint",
    ),
    "sequence.system": ("系统记录次序不对或重复", "the system's records are out of order or stand twice"),
    "sequence.erased": (
        "第 {cseq} 条记录称已删除，却没有删除记录为证",
        "record {cseq} is said to be erased, but no record of an erasure names it",
    ),
    "part-missing.erased": (
        "{name} 部分称已删除，却没有删除记录为证",
        "the part {name} is said to be erased, but no record of an erasure names its record",
    ),
    "head": (
        "本案记录与当日对外固定的条数不符（{why}）",
        "the case's records do not fit the heads to which the log was bound ({why})",
    ),
    "head.missing": (
        "日志有 heads.made 记录，包里却没有 heads.json",
        "the log has heads, but heads.json is not here",
    ),
    "head.record": (
        "heads.json 所说的记录不在包里",
        "the heads.made record of which heads.json tells is not here",
    ),
    "head.hidden": (
        "heads 只算到第 {bound} 条，该记录却早已在日志中：当日少报了条数",
        "the heads stop at record {bound}, but this one was in the log before them: too few were stated",
    ),
    "document": ("{name} 与记录不符", "{name} does not fit the records"),
    "anchor.form": (
        "该时间凭证或见证记录未公开或不合格",
        "the record of an anchor is not disclosed or not in its form",
    ),
    "anchor.note": (
        "{service} 的凭证所指的检查点不属于本日志",
        "what {service} saw is no checkpoint of this log",
    ),
    "stamp.form": ("{service} 的时间戳读不出（{why}）", "the time stamp of {service} cannot be read ({why})"),
    "stamp.imprint": (
        "{service} 的时间戳不是针对该检查点的",
        "the time stamp of {service} is over something else than this checkpoint",
    ),
    "stamp.signature": (
        "{service} 的时间戳签名在根证书 {name} 之下不成立",
        "the signature of the time stamp of {service} does not hold under the root {name}",
    ),
    "witness.form": (
        "{service} 的见证签名不成立（{why}）",
        "the cosignature of {service} does not hold ({why})",
    ),
    "witness.name": (
        "见证签名不是 {service} 的一行签名",
        "the cosignature is not one line by {service}",
    ),
    "policy.log-key": (
        "没有检查点由策略中的日志密钥签名",
        "no checkpoint is signed by a log key of the policy",
    ),
    "policy.witness": (
        "策略要求的见证人没有共同签署任何一个检查点",
        "the witnesses for whom the policy asks did not cosign any one checkpoint",
    ),
    "policy.anchor": (
        "没有时间戳在策略的根证书之下核验通过",
        "no time stamp holds under a root of the policy",
    ),
    "policy.before.log-key": (
        "策略中的日志密钥只管到本案之前，本案没有一条记录在内",
        "the policy's log key reaches no record of the case: it signed only what was before it",
    ),
    "policy.before.witness": (
        "见证人只见过本案之前的日志，本案没有一条记录在内",
        "the witnesses saw no record of the case: they cosigned only what was before it",
    ),
    "policy.before.anchor": (
        "核验通过的时间戳都在本案之前，本案没有一条记录在内",
        "no checked time stamp covers a record of the case: all are over what was before it",
    ),
    "not.reach.log-key": (
        "策略中的日志密钥只管到本案第 {cseq} 条记录（共 {records} 条）。",
        "The policy's log key reaches only up to record {cseq} of {records}.",
    ),
    "not.reach.witness": (
        "见证只管到本案第 {cseq} 条记录（共 {records} 条）。",
        "The witnesses saw the case only up to record {cseq} of {records}.",
    ),
    "not.reach.anchor": (
        "可信时间戳只管到本案第 {cseq} 条记录（共 {records} 条）。",
        "Checked time stamps reach only up to record {cseq} of {records}.",
    ),
    "not.signed": (
        "日志没有签名进程，包里没有签名。",
        "The log has no signer: nothing in the bundle is signed.",
    ),
    "not.key": (
        "日志密钥只取自包内，没有与外部得到的密钥核对（--policy）。",
        "The log's keys come from the bundle itself and were held against none from outside (--policy).",
    ),
    "not.isolated.same-user": (
        "签名进程与应用在同一个系统用户下运行：控制应用的人也能取得密钥。",
        "The signer ran as the application's own user: who controls the one could take the key.",
    ),
    "not.isolated.separate-user": (
        "签名进程与应用在同一台机器上，由另一个系统用户运行。",
        "The signer ran on the application's machine, as another user.",
    ),
    "not.compromised": (
        "有日志密钥在 {at} 被报告可能泄露：此后只由它签名的内容不可单独采信。",
        "A log key was reported on {at} as possibly stolen: what it alone signed after that proves nothing.",
    ),
    "not.missed": (
        "{service} 自 {at} 起有 {count} 天没有应答：那些天的日志没有它的见证。",
        "{service} gave no answer on {count} days from {at} on: it saw nothing of the log on those days.",
    ),
    "not.stamp.no-root": (
        "{service} 的 {count} 个时间戳针对所指的检查点，但没有受信任的根证书，签名未核验。",
        "{count} time stamps of {service} are over their checkpoints, but no trusted root was given: their"
        " signatures were not checked.",
    ),
    "not.stamp.unchecked-algorithm": (
        "{service} 的 {count} 个时间戳使用本工具不能核验的算法（{algorithm}）。",
        "{count} time stamps of {service} use an algorithm that this tool cannot check ({algorithm}).",
    ),
    "not.stamp.unchecked-form": (
        "{service} 的 {count} 个时间戳存在，但本工具读不懂其签名结构，未核验。",
        "{count} time stamps of {service} are present; this tool cannot read how they are signed.",
    ),
    "not.stamp.unchecked-no-library": (
        "{service} 的 {count} 个时间戳存在，但此处没有核验所需的程序库。",
        "{count} time stamps of {service} are present, but the library to check them is not here.",
    ),
    "not.witness.unknown": (
        "{service} 有 {count} 个见证签名，但没有策略给出其密钥，未核验。",
        "{count} cosignatures of {service} are present, but no policy names its key: they were not checked.",
    ),
    "not.epoch": (
        "日志第 {number} 期不在这里：它随恢复的备份一起丢失，或没有交出。",
        "Epoch {number} of the log is not here: lost with a restored backup, or not handed out.",
    ),
    "not.lost": (
        "恢复备份后另起日志：{origin} 的第 {from} 至 {to} 号（不含）位置曾被签名，现已丢失。",
        "After a restore a new log began: leaves {from} up to but without {to} of {origin} had been signed"
        " and are lost.",
    ),
    "not.heads": (
        "没有可核对的 heads：导出者当时承诺本案有多少条记录，这里看不出来。",
        "There are no heads to check: it does not show how many records the case was stated to have.",
    ),
    "not.documents": (
        "包里的 PDF 和 docx 只供阅读，以记录为准。",
        "The PDF and docx files are for reading; the records decide.",
    ),
} | {
    f"{what}.{ground}": (
        f"{chinese}已于 {{on}} 依法删除（{reason[0]}）",
        f"{english} was erased on {{on}} ({reason[1]})",
    )
    for ground, reason in _GROUNDS.items()
    for what, chinese, english in (
        ("omitted.erased", "{name} 部分", "the part {name}"),
        ("erased", "第 {cseq} 条记录", "record {cseq}"),
    )
}
