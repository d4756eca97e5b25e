"""A visit to the employee's home: who went, when, and what was left where."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from handlers.people import Unacceptable
from storage.rows import timestamp

LONGEST_NAME = 30  # characters


@dataclass(frozen=True)
class Visit:
    """Two people, never the direct supervisor, at one moment; ``left`` says what was left where."""

    first: str
    second: str
    no_supervisor: bool
    at: datetime | None
    left: str


def told_of(visit: Visit | None, now: datetime) -> Mapping[str, object]:
    """Return what the record tells of a visit. Raises Unacceptable, naming everything that is missing."""
    faults = ["登记上门要写明：哪两个人、什么时候、留下了什么"] if visit is None else _faults(visit, now)
    if visit is None or visit.at is None or faults:
        raise Unacceptable("visit", "；".join(faults))
    return {
        "visit": {
            "people": [visit.first.strip(), visit.second.strip()],
            "no_supervisor": visit.no_supervisor,
            "at": timestamp(visit.at),
            "left": visit.left.strip(),
        }
    }


def went_by_two(told: Mapping[str, object]) -> bool:
    """Whether a record tells of a visit by two different people, the direct supervisor not among them."""
    visit = told.get("visit")
    if not isinstance(visit, Mapping):
        return False
    named = visit.get("people")
    two = isinstance(named, list) and len({_plain(str(name)) for name in named} - {""}) == 2
    return two and visit.get("no_supervisor") is True


def _faults(visit: Visit, now: datetime) -> list[str]:
    names = [_plain(visit.first), _plain(visit.second)]
    checks = (
        (all(names), "上门要有两个人，请写明两个人的姓名"),
        (not all(names) or names[0] != names[1], "两个姓名相同：上门要有两个不同的人"),
        (all(len(name) <= LONGEST_NAME for name in names), f"姓名最多 {LONGEST_NAME} 个字"),
        (visit.no_supervisor, "请确认两个人都不是员工的直接主管；直接主管不参加上门"),
        (visit.at is not None, "请写明上门的时间"),
        (visit.at is None or visit.at <= now, "上门的时间还没有到，请核对"),
        (bool(visit.left.strip()), "请写明留下了什么、留在哪里；什么都没有留下就写“没有”"),
    )
    return [fault for holds, fault in checks if not holds]


def _plain(name: str) -> str:
    return "".join(name.split())
