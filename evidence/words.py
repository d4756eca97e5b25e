"""The sentences of a report, in Chinese and in English."""

from collections.abc import Mapping

from evidence import words_log, words_unproved

SENTENCES: Mapping[str, tuple[str, str]] = {
    **words_log.SENTENCES,
    **words_unproved.SENTENCES,
    "container": (
        "压缩包的写法与本格式不符，可能被别的程序重新打包过（{why}）",
        "the ZIP file is not as our writer makes it; another program may have packed it again ({why})",
    ),
    "container.missing": ("包里缺少文件 {name}", "the file {name} is missing"),
    "container.form": (
        "文件 {name} 不是规定的写法（{why}）",
        "the file {name} is not in its form ({why})",
    ),
    "unlisted-file": (
        "包里有本格式没有规定的文件 {name}",
        "the file {name} does not belong into a bundle",
    ),
    "manifest": ("清单 {name} 与文件不符", "the list {name} does not match the files"),
    "leaf-form": (
        "{name} 第 {line} 行不是合格的记录（{why}）",
        "line {line} of {name} is no proper record ({why})",
    ),
    "leaf-form.facts": ("事实部分不是规定的写法（{why}）", "the facts are not in their form ({why})"),
    "leaf-hash.code": (
        "事实中的回证码 {code} 不属于本案任何通知",
        "the record code {code} in the facts belongs to no notice of this case",
    ),
    "checkpoint.form": ("检查点不是规定的写法（{why}）", "the checkpoint is not in its form ({why})"),
    "checkpoint.origin": (
        "记录属于另一个日志 {log}",
        "the record belongs to another log, {log}",
    ),
    "checkpoint.size": (
        "各文件所说的日志大小与检查点（{size}）不一致",
        "the files state another size of the log than the checkpoint ({size})",
    ),
    "proof": (
        "不能证明该记录位于日志第 {index} 位（{why}）：记录、证明或检查点被改过",
        "not shown to be leaf {index} of the log ({why}): record, proof or checkpoint was changed",
    ),
    "proof.missing": ("该记录没有存在证明", "the record comes without a proof"),
    "proof.spare": ("证明与记录不是一一对应", "proofs and records do not match one to one"),
    "proof.hashes": (
        "证明所列的散列值有多余或重复",
        "the list of hashes holds some that no proof uses, or one twice",
    ),
    "proof.order": ("记录在日志中的次序被打乱", "the records do not stand in the order of the log"),
    "sequence": (
        "此处应为本案第 {expected} 条记录，实为第 {cseq} 条：有记录缺失、重复或调换",
        "record {expected} of the case should stand here, not {cseq}: one is missing, repeated or moved",
    ),
    "sequence.stream": (
        "记录属于另一条记录流 {stream}",
        "the record belongs to another stream, {stream}",
    ),
    "sequence.twice": ("同一编号的记录出现两次", "two records bear the same id"),
    "sequence.summary": (
        "completeness.json 的 {name} 与记录不符",
        "{name} in completeness.json does not match the records",
    ),
    "sequence.empty": ("包里没有本案记录", "the bundle holds no record of the case"),
    "back-link": (
        "第 {cseq} 条记录与前一条记录不相衔接",
        "record {cseq} does not link back to the one before it",
    ),
    "commitment": (
        "{name} 部分的内容与记录中的承诺值不符",
        "the part {name} is not what its record committed to",
    ),
    "part-missing": (
        "{name} 部分既未提供，也未列明略去",
        "the part {name} is neither here nor listed as left out",
    ),
    "part-missing.file": ("{name} 部分的文件不在包里", "the file of the part {name} is not here"),
    "part-unlisted": (
        "{name} 部分不属于该记录，或重复出现，或既提供又列为略去",
        "the part {name} is not the record's, or stands twice, or is both here and listed as left out",
    ),
    "part-unlisted.reason": (
        "{name} 部分列明的略去理由（{reason}）不在规定之列",
        "the part {name} is listed as left out for a reason that the format does not know ({reason})",
    ),
    "part-unlisted.file": ("没有记录用到文件 {commit}", "no record uses the file {commit}"),
    "row-differs": (
        "表 {table} 中 {id} 的 {column} 与记录所载不同",
        "{column} of {id} in table {table} differs from what the record says",
    ),
    "row-differs.case_no": (
        "case.json 的案号与记录所载不同",
        "the case number in case.json differs from what the record says",
    ),
    "row-missing": (
        "记录载有表 {table} 的 {id}，表中却没有",
        "the record vouches for {id} in table {table}, which is not there",
    ),
    "row-unvouched": (
        "表 {table} 的 {id} 没有任何已公开的记录为证",
        "no disclosed record vouches for {id} in table {table}",
    ),
    "row-unvouched.newer": (
        "表 {table} 的 {id} 最新的依据是记录 {newest}，并非此记录",
        "the newest record that vouches for {id} in table {table} is {newest}, not this one",
    ),
    "row-unvouched.twice": ("表中同一行出现两次", "a row stands twice in the tables"),
    "row-unvouched.blob": (
        "表 {table} 中 {id} 的 {column} 所指的内容不属于任何记录",
        "no record commits to the bytes that {column} of {id} in table {table} names",
    ),
    "row-missing.intake": (
        "该来件记录在 intake 表中没有对应的行：来件被删除，或被改指别的记录",
        "no row of the table intake names this record: a webhook was deleted or made to name another",
    ),
    "cited-missing": (
        "该记录引用的来件记录 {cited} 不在包里",
        "the intake record {cited} that this one cites is not here",
    ),
    "cited-missing.uncalled": (
        "该来件记录没有被本案任何记录引用",
        "no record of the case cites this intake record",
    ),
    "omitted": ("{name} 部分未公开（{reason}）", "the part {name} is not disclosed ({reason})"),
    "omitted.erased": ("{name} 部分已依法删除", "the part {name} was erased"),
    "audit.head": (
        "日志头与记录重算的结果不符（{what}）",
        "the head of the log is not what its records give ({what})",
    ),
    "audit.node": (
        "日志树第 {level} 层第 {index} 个节点与记录重算的结果不符",
        "node {index} of level {level} of the tree is not what the records give",
    ),
    "audit.hash": (
        "所存的记录哈希与记录字节不符",
        "the stored hash is not the hash of the record's bytes",
    ),
    "audit.place": (
        "记录所在行的 {name} 与记录字节所载不同",
        "the row of the record differs in {name} from the record's own bytes",
    ),
    "audit.part": ("{name} 部分无法打开（{why}）", "the part {name} cannot be opened ({why})"),
    "audit.nodes": (
        "日志树存有 {stored} 个节点，应为 {computed} 个",
        "the tree holds {stored} nodes, its records give {computed}",
    ),
    "audit.erased": (
        "{name} 部分标为已由 {by} 删除，但没有删除记录提到本记录",
        "the part {name} is marked as erased by {by}, but no record of an erasure names this record",
    ),
    "audit.unerased": (
        "内容 {id} 标为已删除，但密钥或密文还在：可能恢复了旧备份，请重新启动服务",
        "the bytes {id} are marked as erased, but key or ciphertext is there: an old backup was put back?"
        " Start the service again",
    ),
    "audit.media": (
        "{name} 部分的媒体类型与记录所载不同",
        "the part {name} is of another media type than its record says",
    ),
    "audit.unreadable": (
        "{what} 中有无法读取的内容（{why}），不是本程序写入的",
        "something in {what} cannot be read ({why}); our program did not write it",
    ),
    "stuck.intake": (
        "来件 {id} 自 {since} 起未被处理（{state}）：处理程序没有运行，或该行被改过",
        "the webhook {id} has waited since {since} ({state}): no worker runs, or the row was changed",
    ),
    "stuck.step": (
        "步骤 {id} 应在 {since} 执行，至今未执行：处理程序没有运行，或该行的暂缓时间被改过",
        "the step {id} was due at {since} and was not taken: no worker runs, or somebody put it off",
    ),
    "audit.stream": (
        "记录流 {stream} 的末位与记录不符",
        "the end of the stream {stream} is not what its records give",
    ),
    "fork": (
        "日志前 {size} 条重算的根与旧证据包不同：日志被整体改写过",
        "the root over the first {size} records differs from the old bundle's: the log was made anew",
    ),
    "fork.note": (
        "已签署的检查点（{origin}，{size} 条）与日志重算的结果不符：此前的记录被改写过，或末尾被截去",
        "the signed checkpoint of {origin} at {size} is not what the records give: they were made anew,"
        " or the end was cut off",
    ),
    "fork.shorter": (
        "日志只有 {now} 条，旧证据包时已有 {size} 条：末尾被截去",
        "the log has {now} records, but had {size} when the old bundle was made: its end was cut off",
    ),
    "fork.origin": (
        "日志来源 {now} 与旧证据包的 {origin} 不同",
        "the log is {now}, the old bundle's was {origin}",
    ),
    "leaf-changed": (
        "旧证据包中的这条记录，现在的日志里没有或已不同",
        "this record of the old bundle is not in the log any more, or is another now",
    ),
    "not.anchored": (
        "没有外部密钥或第三方时间凭证：只证明了包内前后一致，没有证明日志未被整体重做。",
        "There is no outside key or anchor: only internal consistency was shown, not that the whole log"
        " was never made anew.",
    ),
    "not.true": (
        "证明的是这些内容的存在、次序和未经改动，不是内容所述属实；每条记录的可信等级见 assurance。",
        "Shown is that these bytes existed in this order unchanged, not that what they say is true;"
        " each record states its assurance level.",
    ),
    "not.clock": (
        "记录中的时间（at）是本系统自己的时钟，没有第三方佐证。",
        "The times in the records (at) are our own clock's, confirmed by nobody else.",
    ),
    "not.captured": (
        "完整是指本案记录流没有缺号；从未进入日志的事，这里看不出来，日志末尾是否被截去也要靠外部凭证。",
        "Complete means that no number is missing in the case's stream; what never entered the log does not"
        " show, and only an outside anchor tells whether its end was cut off.",
    ),
    "not.timeline": (
        "timeline.txt、bag-info.txt 和各处略去的理由只供阅读，没有记录为证。",
        "timeline.txt, bag-info.txt and the reasons for omissions are for reading; no record"
        " vouches for them.",
    ),
    "not.sandbox": (
        "包里有沙盒时钟的记录：时间被拨动过，只能用于演示。",
        "Some records were made under a moved sandbox clock: good for a demonstration only.",
    ),
}


def sentence(key: str, values: Mapping[str, object], language: str) -> str:
    """Return a sentence with its values filled in and nothing in it that a screen would not show."""
    chinese, english = SENTENCES[key]
    shown = {name: printable(str(value)) for name, value in values.items()}
    return (english if language == "en" else chinese).format(**shown)


def printable(text: str) -> str:
    """Return a text with its control and direction characters spelt out.

    A forged file may hold some that rewrite what the reader sees.
    """
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
