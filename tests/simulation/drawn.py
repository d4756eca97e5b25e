"""Random ladders, calendars and outcomes: whatever the editor could make, and whatever could come of it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from casework.assumptions import WORDS, Assumptions, Fate, check_fates
from casework.calendars import Calendar, Spell, Yearly
from casework.ladder import STOPS, Policy, Rung
from casework.ladder_form import policy_body, policy_from_body
from casework.workdays import Window

DAY_ONE = date(2026, 12, 1)
CHANNELS = ((), ("wechat_oa",), ("sms_twilio",), ("wechat_oa", "sms_twilio"), ("sms_twilio", "wechat_oa"))
_ACTS = {"send": ("send",), "call": ("call_employee",), "paper": ("paper", "call_employee")}


@dataclass(frozen=True)
class Drawn:
    """One example: a ladder, the days, when it starts, and what comes of every act."""

    policy: Policy
    calendar: Calendar
    start: datetime
    assumed: Assumptions


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Hours of at least one minute, on all days or on working days."""
    minutes = sorted(draw(st.sets(st.integers(0, 23 * 60 + 59), min_size=2, max_size=2)))
    start, end = (time(*divmod(minute, 60)) for minute in minutes)
    return Window(start, end, draw(st.booleans()))


@st.composite
def delays(draw: st.DrawFn) -> dict[str, int]:
    unit, most = draw(st.sampled_from([("hours", 80), ("days", 9), ("workdays", 6)]))
    return {unit: draw(st.integers(0, most))}


@st.composite
def rungs(draw: st.DrawFn, number: int, anchor: str) -> Rung:
    """One rung with any of the things that a rung may have."""
    action = draw(
        st.sampled_from(["send", "send", "call", "paper", "visit", "counsel", "hr_check", "system"])
    )
    alone = number > 0 and anchor == "start" and action not in ("send", "call")
    return Rung(
        name=f"r{number}",
        title=f"第 {number + 1} 步",
        action=action,
        anchor=anchor,
        rule=f"规则 {number + 1}",
        channel_rule=draw(st.sampled_from(["preferred", "next"])) if action == "send" else "",
        attempts=draw(st.integers(1, 2)) if action == "call" else 1,
        watch_days=draw(st.integers(0, 9)),
        window=draw(st.sampled_from(["", "", "quiet"])),
        callee=draw(st.sampled_from(["", "employee"])) if action == "call" else "",
        beside=alone and draw(st.booleans()),
        hook="timeline" if action == "system" else "",
        **draw(delays()),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """A ladder that can be written down, and is read back from there."""
    anchors = ["start"] * draw(st.integers(2, 4))
    anchors += draw(st.lists(st.sampled_from(["previous", "signature", "return"]), max_size=3))
    made = [draw(rungs(number, anchor)) for number, anchor in enumerate(anchors)]
    first = sorted((one for one in made if one.anchor == "start"), key=_roughly)
    made[: len(first)] = first if not first[0].beside else [one for one in first if not one.beside]
    stops = draw(st.sets(st.sampled_from(STOPS)))
    policy = Policy(
        "notice", "通知", draw(windows()), draw(windows()), tuple(made),
        tuple(one for one in STOPS if one in stops or one == "confirmed"), {"quiet": draw(windows())},
    )  # fmt: skip
    return policy_from_body(policy_body(policy))


def _roughly(rung: Rung) -> int:
    return rung.hours + 24 * (rung.days + rung.workdays)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Some holidays with make-up days, official until some day, newer than the packaged one."""
    spells, day = [], DAY_ONE
    for number in range(draw(st.integers(0, 4))):
        first = day + timedelta(days=draw(st.integers(0, 12)))
        last = first + timedelta(days=draw(st.integers(0, 8)))
        weekend = [last + timedelta(days=n) for n in range(1, 9)]
        makeup = tuple(one for one in weekend if one.weekday() >= 5 and draw(st.booleans()))
        spells.append(Spell(f"节日 {number}", first, last, makeup, "通知", DAY_ONE))
        day = last + timedelta(days=10)
    fixed = Yearly("元旦", ("01-01",), "办法", DAY_ONE)
    through = DAY_ONE + timedelta(days=draw(st.integers(0, 60)))
    return Calendar("2200.1", tuple(spells), date(2026, 1, 1), through, (fixed,))


@st.composite
def fates(draw: st.DrawFn, rung: Rung) -> tuple[Fate, ...]:
    """What comes of the acts on a rung; a time is given now and then."""
    words = [word for action in _ACTS.get(rung.action, (rung.action,)) for word in WORDS[action]]
    after = st.none() | st.integers(0, 6 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
    made = draw(st.lists(st.builds(Fate, st.sampled_from(words), after), max_size=2))
    return tuple(made)


@st.composite
def examples(draw: st.DrawFn) -> Drawn:
    """A ladder, a calendar, a start in the winter of 2026, a person and their silence or answers."""
    policy = draw(policies())
    minutes = draw(st.integers(0, 50 * 24 * 60))
    late = timedelta(minutes=minutes, milliseconds=draw(st.sampled_from([0, 999])))
    known = {rung.name: draw(fates(rung)) for rung in policy.rungs}
    check_fates(known, policy.rungs)
    takes = draw(st.none() | st.integers(0, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)))
    assumed = Assumptions(draw(st.sampled_from(CHANNELS)), draw(st.booleans()), known, takes)
    return Drawn(policy, draw(calendars()), datetime.combine(DAY_ONE, time(), UTC) + late, assumed)
