"""A report as text for a terminal."""

from collections.abc import Iterator

from evidence.report import Language, Report, Verdict
from evidence.words import printable

_LABELS = {
    "zh": ("文件", "案号", "日志", "大小", "根", "本案记录", "回证码", "内部一致", "外部锚定", "完整"),
    "en": (
        "file",
        "case",
        "log",
        "size",
        "root",
        "records",
        "record codes",
        "internal",
        "anchored",
        "complete",
    ),
}
_HOLDS = {
    "zh": {True: "成立", False: "不成立", None: "无"},
    "en": {True: "holds", False: "fails", None: "none"},
}
_CLOSING = {
    "zh": ("没有证明的：", "结论：核验通过（verified）", "结论：核验不通过（not verified）"),
    "en": ("Not proved:", "Result: verified", "Result: not verified"),
}


def printed(report: Report, language: Language = "zh") -> str:
    """Return what a person should read about a verification, the result in the last line."""
    unproved, good, bad = _CLOSING[language]
    return "\n".join(
        [
            *_facts(report, language),
            *_verdicts(report, language),
            unproved,
            *(f"  - {text}" for text in report.not_proved(language)),
            good if report.verified else bad,
        ]
    )


def _facts(report: Report, language: Language) -> Iterator[str]:
    codes = " ".join(report.codes)
    values = (report.file, report.case_no, report.origin, report.size, report.root, report.records, codes)
    for label, value in zip(_LABELS[language], values, strict=False):
        if value not in (None, ""):
            yield f"{label}: {printable(str(value))}"


def _verdicts(report: Report, language: Language) -> Iterator[str]:
    for label, verdict in zip(
        _LABELS[language][-3:], (report.internal, report.anchored, report.complete), strict=True
    ):
        yield f"{label}: {_HOLDS[language][verdict.holds]}"
        yield from _findings(verdict, language)


def _findings(verdict: Verdict, language: Language) -> Iterator[str]:
    for found in verdict.findings:
        yield f"  [{found.code}] {found.record or '-'} {found.text(language)}"
