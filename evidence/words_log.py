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
    "consistency.anchored": (
        "日志密钥签过、外部见过的一个检查点不是本日志较早的状态（{why}）：日志可能被改写或分叉",
        "a checkpoint that the log's key signed and others saw is no earlier state of this log ({why}):"
        " it may have been rewritten or forked",
    ),
    "consistency.spare": (
        "一致性证明有多余、重复或次序不对的",
        "some proofs of consistency are not needed, stand twice or are out of order",
    ),
    "epoch.form": (
        "epoch.started 记录未公开或不合格",
        "the epoch.started record is not disclosed or not in its form",
    ),
    "epoch.late": (
        "该 epoch.started 不是一期日志的第一条记录",
        "this epoch.started is not the first record of an epoch",
    ),
    "epoch.before": (
        "该 epoch.started 所说的旧日志不是本日志更早的一期",
        "the ended log of which this epoch.started tells is no earlier epoch of its own log",
    ),
    "epoch.twice": (
        "另一条 epoch.started 已经结束了同一期日志",
        "another epoch.started has ended the same epoch already",
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
        "heads.made 记录的清单未公开",
        "the list of this heads.made record is not disclosed",
    ),
    "head.unlisted": (
        "清单中没有本案，而本案当时已有记录",
        "the case is not in the list, although it had records by then",
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
    "anchor.crossed": (
        "外部时间互相矛盾：该通知不早于 {before}，又不晚于 {after}，其中必有一方的时钟不对",
        "others' times contradict each other: not before {before} and not after {after}; one clock is wrong",
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
        "本包的检查点既非由策略中的日志密钥签名，也非由它在本期日志内交接的密钥签名",
        "no log key of the policy signed this checkpoint, nor one to which it handed over in this epoch",
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
