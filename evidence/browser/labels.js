// What the page itself says, in Chinese and in English.

const TEXTS = {
  title: ["证据包核验", "Check an evidence bundle"],
  choose: ["选择要核验的证据包", "Choose the bundle to check"],
  drop: ["把证据包（.zip）拖到这里，或点此选择文件", "Drop the bundle (.zip) here, or click to choose it"],
  again: ["再核验一份：拖到这里或点此选择", "Check another: drop it here, or click"],
  private: ["本页不联网，文件不会离开这台电脑。", "This page has no network; the file does not leave this computer."],
  trust: ["我有自己的信任策略（可不填）", "I have a policy of my own (optional)"],
  "trust-why": [
    "信任策略由核验人自己从可靠渠道取得，不能用包里的那一份。有了它，本页才能回答“外部锚定”。",
    "The policy must come to you by a way that you trust, not out of the bundle. Only with it can this page" +
      " answer “anchored”.",
  ],
  policy: ["信任策略（policy.txt）", "Policy (policy.txt)"],
  foot: [
    "核验只看字节，不看内容真假。怎样核对本页自身、怎样不用本页核验，见包内 README.txt。",
    "A check looks at bytes, not at whether they are true. README.txt in the bundle says how to check this page" +
      " itself, and how to do without it.",
  ],
  "step-reading": ["正在读取文件", "Reading the file"],
  "step-tables": ["正在核对表格", "Checking the tables"],
  "step-lists": ["正在核对清单", "Checking the lists"],
  "step-records": ["正在读取记录", "Reading the records"],
  "step-proofs": ["正在核对日志证明", "Checking the proofs"],
  "step-parts": ["正在核对公开的内容", "Checking what is disclosed"],
  "step-facts": ["正在读取事实", "Reading the facts"],
  good: ["核验通过", "Verified"],
  bad: ["核验不通过", "Not verified"],
  odd: ["读不出证据包", "Not readable as a bundle"],
  "bad-policy": ["信任策略不能用", "The policy cannot be used"],
  "good-why": [
    "要求核对的各项都成立。请同时阅读下面“没有证明的”一栏。",
    "All that was asked holds. Please read “Not proved” below as well.",
  ],
  "partly-why": [
    "本页能核对的各项都成立；信任策略要求的时间戳签名未在此检查。请同时阅读下面“没有证明的”一栏。",
    "All that this page can check holds; the signatures of the time stamps that the policy asks for are not checked" +
      " here. Please read “Not proved” below as well.",
  ],
  "bad-why": [
    "至少有一项不成立：文件与当初记录的不一致，或缺少内容。具体见下面的发现。",
    "Something does not hold: the file is not what was recorded, or something is missing. See the findings below.",
  ],
  "odd-why": [
    "因此对它什么也不能说，既不能说真，也不能说假。请核对拿到的文件是否完整、是否选对了文件。",
    "So nothing can be said about it, neither good nor bad. Check that the file is whole and the right one.",
  ],
  internal: ["内部一致", "Internal"],
  anchored: ["外部锚定", "Anchored"],
  complete: ["完整", "Complete"],
  "internal-holds": [
    "每个字节都与清单、记录和日志证明相符，没有改动或调换。",
    "Every byte agrees with the lists, the records and the log’s proofs; nothing was changed or moved.",
  ],
  "internal-fails": [
    "有字节与清单、记录或日志证明不符：有改动、调换，或另外添加的内容。",
    "Some bytes disagree with lists, records or proofs: something was changed, moved or added.",
  ],
  "anchored-holds": [
    "您的信任策略要求的日志密钥和见证方，见过这份日志。",
    "The log key and the witnesses that your policy asks for have seen this log.",
  ],
  "anchored-fails": [
    "您的信任策略要求的日志密钥或见证方，没有为这份日志作证。",
    "A log key or the witnesses that your policy asks for do not vouch for this log.",
  ],
  "anchored-none": [
    "没有提供您自己的信任策略，所以没有与外部核对。",
    "No policy of your own was given, so nothing was held against the outside.",
  ],
  "anchored-partly": [
    "策略要求的日志密钥和见证方已核对，成立；策略还要求时间戳，其签名须用命令行核验程序或 OpenSSL 检查。",
    "The log key and witnesses that your policy asks for hold; it also asks for time stamps, whose signatures the" +
      " command line verifier or OpenSSL must check.",
  ],
  "complete-holds": [
    "本案记录从第一条到最后一条没有缺号，引用的来件和内容都在，或列明略去。",
    "No record of the case is missing from the first to the last; what they cite is here or listed as left out.",
  ],
  "complete-fails": [
    "本案有记录、来件或内容缺失，又没有列明略去。",
    "A record, a message or a part is missing and not listed as left out.",
  ],
  holds: ["成立", "Holds"],
  fails: ["不成立", "Does not hold"],
  none: ["未要求", "Not asked"],
  partly: ["未能全部核对", "Not fully checked"],
  findings: ["发现的问题", "Findings"],
  omitted: ["列明略去的内容", "Openly left out"],
  "omitted-why": [
    "略去本身不影响核验结果；其内容没有核对。",
    "Leaving out does no harm to the result; what is left out was not checked.",
  ],
  "no-findings": ["没有发现问题。", "Nothing was found."],
  about: ["这份证据包", "This bundle"],
  file: ["文件", "File"],
  case_no: ["案号", "Case"],
  export: ["出具编号", "Export number"],
  origin: ["日志", "Log"],
  size: ["日志大小", "Size of the log"],
  root: ["日志根", "Root of the log"],
  records: ["本案记录数", "Records of the case"],
  erased: ["已依法删除的记录", "Records erased"],
  codes: ["回证码", "Record codes"],
  "codes-why": [
    "请与员工手机或纸质通知末尾的回证码逐字核对：一致，才说明这里的通知就是员工收到的那一份。",
    "Hold these against the code at the end of the notice on the employee’s phone or paper: only the same code shows" +
      " that this is the notice that was sent.",
  ],
  signer: ["签名者与锚定", "Signer and anchors"],
  "no-signer": ["这份日志没有签名者。", "This log has no signer."],
  isolation: ["签名程序的隔离程度（其自述）", "How far apart the signer stood (its own statement)"],
  "same-user": ["与应用同一账户", "the application’s own account"],
  "separate-user": ["独立账户", "an account of its own"],
  "separate-host": ["独立主机", "a host of its own"],
  vkey: ["日志公钥", "Log key"],
  "no-anchors": ["包里没有锚定。", "The bundle holds no anchor."],
  tsa: ["时间戳", "Time stamp"],
  witness: ["见证方", "Witness"],
  at_size: ["覆盖日志前 {} 条", "over the first {} records"],
  checked: ["已核对", "checked"],
  present: ["在包里，签名未核对", "present, signature not checked"],
  failed: ["不成立", "failed"],
  "tsa-here": ["时间戳的签名未在此检查", "the time stamp’s signature is not checked here"],
  claimed: ["对方所称时间", "time it claims"],
  times: ["时间", "Times"],
  between: ["记录写入的时间范围（来自他人时钟）", "written between these times (others’ clocks)"],
  "not-before": ["不早于", "not before"],
  "not-after": ["不晚于", "not after"],
  "no-time": ["没有外部时间可以说明", "no outside time tells"],
  "not-proved": ["没有证明的", "Not proved"],
  story: ["本案记录", "Records of the case"],
  "story-why": [
    "时间为北京时间，是记录时本系统自己的时钟。点开一条可以读到公开的内容。",
    "Times are Beijing time by our own clock when the record was written. Open a record to read what is disclosed.",
  ],
  "story-bad": [
    "核验没有通过：以下内容可能被改动过，不能作为依据。",
    "Verification failed: what follows may have been changed and is good for nothing.",
  ],
  more: ["再显示 {} 条", "Show {} more"],
  open: ["查看内容", "Read"],
  part: ["内容", "Part"],
  untold: ["没有文字说明；所载数据见 data/tables.jsonl。", "Tells nothing in words; its values stand in data/tables.jsonl."],
  gone: ["该记录已依法删除，只留下哈希值", "this record was erased; only its hash is left"],
  "left-out": ["未公开", "not disclosed"],
  bytes: ["{} 字节，不是文字；见包内文件 {}", "{} bytes, not text; see the file {} in the bundle"],
  cut: ["……（只显示开头，共 {} 字节）", "… (only the beginning; {} bytes in all)"],
  record: ["记录编号", "Record id"],
  hash: ["叶哈希", "Leaf hash"],
  at: ["写入时间", "Written"],
  actor: ["行为人", "Actor"],
  channel: ["渠道", "Channel"],
};

/** Return a text of the page, with its values in the places of {}. */
export function text(name, language, ...values) {
  return values.reduce((whole, value) => whole.replace("{}", String(value)), chosen(TEXTS[name], language));
}

/** Return one of a pair of texts. */
export function chosen([chinese, english], language) {
  return language === "en" ? english : chinese;
}
