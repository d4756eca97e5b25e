"""A report as text for a terminal."""

from collections.abc import Iterator, Mapping

from evidence.report import Anchor, Language, Report, Sandwich, Verdict
from evidence.words import printable

_FACTS = {
    "zh": ("文件", "案号", "导出编号", "日志", "大小", "根", "本案记录", "已删除", "签名进程"),
    "en": ("file", "case", "export", "log", "size", "root", "records", "erased", "signer"),
}
_VERDICTS = {"zh": ("内部一致", "外部锚定", "完整"), "en": ("internal", "anchored", "complete")}
_HOLDS = {
    "zh": {True: "成立", False: "不成立", None: "无"},
    "en": {True: "holds", False: "fails", None: "none"},
}
_NOTICE: Mapping[str, tuple[str, str, str]] = {
    "zh": ("回证码", "不早于", "不晚于"),
    "en": ("record code", "not before", "not after"),
}
_ANCHOR = {"zh": "外部凭证", "en": "anchor"}
_STATUS = {
    "zh": {"checked": "核验通过", "present": "存在，未核验", "failed": "不成立"},
    "en": {"checked": "checked", "present": "present, not checked", "failed": "failed"},
}
_CLOSING = {
    "zh": ("没有证明的：", "结论：核验通过（verified）", "结论：核验不通过（not verified）"),
    "en": ("Not proved:", "Result: verified", "Result: not verified"),
}
_SHOWN = 20  # anchors that are printed: the latest; --json has all


def printed(report: Report, language: Language = "zh") -> str:
    """Return what a person should read about a verification, the result in the last line."""
    unproved, good, bad = _CLOSING[language]
    return "\n".join(
        [
            *_facts(report, language),
            *(_notice(one, language) for one in report.times),
            *(_anchor(one, language) for one in report.anchors[-_SHOWN:]),
            *_verdicts(report, language),
            unproved,
            *(f"  - {text}" for text in report.not_proved(language)),
            good if report.verified else bad,
        ]
    )


def _facts(report: Report, language: Language) -> Iterator[str]:
    isolation = report.signer.isolation if report.signer else None
    values = (
        report.file, report.case_no, report.export, report.origin, report.size, report.root,
        report.records, report.erased or None, isolation,
    )  # fmt: skip
    for label, value in zip(_FACTS[language], values, strict=True):
        if value is not None:
            yield f"{label}: {printable(str(value))}"


def _notice(one: Sandwich, language: Language) -> str:
    label, before, after = _NOTICE[language]
    times = [f"{word} {time}" for word, time in ((before, one.not_before), (after, one.not_after)) if time]
    return "  ".join([f"{label}: {one.code}", *times])


def _anchor(one: Anchor, language: Language) -> str:
    status, service = _STATUS[language][one.status], printable(one.service)
    return f"{_ANCHOR[language]}: {one.kind} {service} {one.size or '-'} {one.time or '-'} {status}"


def _verdicts(report: Report, language: Language) -> Iterator[str]:
    verdicts = (report.internal, report.anchored, report.complete)
    for label, verdict in zip(_VERDICTS[language], verdicts, strict=True):
        yield f"{label}: {_HOLDS[language][verdict.holds]}"
        yield from _findings(verdict, language)


def _findings(verdict: Verdict, language: Language) -> Iterator[str]:
    for found in verdict.findings:
        yield f"  [{found.code}] {found.record or '-'} {found.text(language)}"
