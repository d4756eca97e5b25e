"""The sentences of a report about what signatures, anchors, heads and omissions leave open; see words.py."""

SENTENCES: dict[str, tuple[str, str]] = {
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
        "日志第 {from} 至 {to} 期不在这里：随恢复的备份一起丢失，或没有交出。",
        "Epochs {from} to {to} of the log are not here: lost with a restored backup, or not handed out.",
    ),
    "not.case_no": (
        "案号没有公开的记录佐证：它只是导出者写在 case.json 里的。",
        "No disclosed record vouches for the case number: it is only what the exporter wrote in case.json.",
    ),
    "not.erasure": (
        "有 {count} 条删除记录的内容没有公开：删除的依据和程度看不出来。",
        "What {count} records of an erasure tell is not disclosed: neither ground nor extent is shown.",
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
    "not.heads.after": (
        "heads 位于日志第 {index} 位，检查点大小为 {size}：此后写入的本案记录可能没有交出。",
        "The heads stand at leaf {index} and the checkpoint at size {size}: records of the case in"
        " between could have been withheld.",
    ),
    "not.system": (
        "系统记录由导出者挑选，有 {count} 条没有交出：密钥泄露、时间戳中断等可能不在其中。",
        "The exporter chose which of the system's records are shown; {count} are not: a stolen key or a"
        " missed anchor could be among them.",
    ),
    "not.documents": (
        "包里的 PDF 和 docx 只供阅读，以记录为准。",
        "The PDF and docx files are for reading; the records decide.",
    ),
    "not.omitted": (
        "有 {count} 个部分没有公开（其中正文 {texts} 份、事实 {facts} 份），内容无从核对。",
        "{count} parts are not disclosed ({texts} texts and {facts} facts among them) and were not checked.",
    ),
}
