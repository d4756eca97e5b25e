"""How long a case is kept: when a person must review whether it is still needed."""

from datetime import date

from casework.case import add_months

KEPT_MONTHS = 36  # 民法典 188: three years; longer than 劳动合同法 50 and 工资支付暂行规定 6 ask for
STRAY_DAYS = 30  # a chat that belongs to no case


def review_due(
    closed_on: date | None,
    *,
    monthly_benefits: bool = False,
    monthly_benefits_until: date | None = None,
    graded: bool = False,
    employment_ended_on: date | None = None,
) -> date | None:
    """Return the day from which a case must be reviewed: three years after the last thing that keeps it.

    These are its closing; the end of benefits paid by the month, if there are
    any (工伤保险条例 35, 36); and, where the injury was graded, the end of the
    employment, on which a grant falls due (工伤保险条例 36, 37). None while any
    of them is still open. Whoever asks gives every date there is; the sweep
    knows only the closing (handlers/retention.py).
    """
    ends = [closed_on]
    ends += [monthly_benefits_until] if monthly_benefits or monthly_benefits_until else []
    ends += [employment_ended_on] if graded else []
    known = [day for day in ends if day is not None]
    return add_months(max(known), KEPT_MONTHS) if known and len(known) == len(ends) else None


def is_review_due(due: date | None, today: date) -> bool:
    """Whether the day of review has come."""
    return due is not None and due <= today
