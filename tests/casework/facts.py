"""Facts that fill a kind of notice the way HR would, whatever the kind."""

from casework.notices import load_kind

PATTERNED = {
    "fitness": "市第一医院 2026 年 11 月 12 日的诊断证明",
    "legal_basis": "《工伤保险条例》第三十三条",
    "rule_title": "《考勤管理制度》",
    "rule_article": "第十二条",
}
PAST = "2026-11-13"


def filled(kind, **changed):
    """Every field of a kind: dates past, choices as they must be, other facts called after their label."""
    facts = {field.name: _fact(field) for field in load_kind(kind).fields}
    return facts | changed


def _fact(field):
    if field.form == "date":
        return PAST
    if field.form == "choice":
        return field.must or field.options[0]
    return PATTERNED.get(field.name, f"某{field.label}")
