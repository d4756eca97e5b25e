"""工作台: what is overdue, what is due today, what else waits, and the cases that moved last."""

from flask import Response, request

from bot.console.lists import sorted_lists
from bot.console.shell import Shell
from handlers.desk import Desk
from handlers.vitals import findings_of, spool_of
from storage import desk_lists, inbox
from storage.health import read_vitals

RECENT = 8
PAGE = 50
LAST_PAGE = 10_000
TURNED_AWAY = (
    "webhook_refused/",
    "webhook_repeated/",
    "webhook_unreadable/",
    "webhook_unmatched/",
    "webhook_failed/",
)


class Workbench:
    """The first page, and the list of all cases."""

    def __init__(self, desk: Desk, shell: Shell) -> None:
        self._desk, self._shell = desk, shell

    def workbench(self) -> Response:
        """Show what a person must do, the most urgent first."""
        with self._desk.archive.reading() as view:
            connection = view.connection
            tasks, paused = desk_lists.waiting_tasks(connection), desk_lists.paused_plans(connection)
            lists = sorted_lists(tasks, paused, view.now)
            recent = desk_lists.case_rows(connection, limit=RECENT)
            following = desk_lists.upcoming(connection, [row.case_id for row in recent])
            counts = inbox.counts(connection)
            vitals = read_vitals(connection, view.now, real := self._desk.archive.clock.real())
            findings = findings_of(vitals, spool_of(self._desk).figures(), view.now, real)
        return self._shell.draw(
            "workbench.html", lists=lists, rows=recent, following=following, counters=_counters(counts),
            findings=findings,
        )  # fmt: skip

    def cases(self) -> Response:
        """List all cases, the last changed first."""
        number = min(max(1, request.args.get("page", 1, int)), LAST_PAGE)
        begins = request.args.get("q", "").strip()
        with self._desk.archive.reading() as view:
            rows = desk_lists.case_rows(
                view.connection, begins=begins, offset=(number - 1) * PAGE, limit=PAGE + 1
            )
            following = desk_lists.upcoming(view.connection, [row.case_id for row in rows])
        return self._shell.draw(
            "cases.html", rows=rows[:PAGE], following=following, begins=begins, number=number,
            more=len(rows) > PAGE,
        )  # fmt: skip


def _counters(counts: dict[str, int]) -> dict[str, int]:
    """Sum by what happened, whatever the channel."""
    return {name: sum(n for key, n in counts.items() if key.startswith(name)) for name in TURNED_AWAY}
