"""What a test must know of the open forms of a case."""

import io

from storage import inbox, tasks
from tests.world import CASE_NO, REMINDER

CASE = f"/cases/{CASE_NO}"
FACTS = {f"f-{name}": value for name, value in REMINDER.items()}


def open_tasks(world):
    with world.desk.archive.reading() as view:
        return tasks.open_tasks(view.connection)


def task_id(world):
    """Return the id of the task that is open."""
    return open_tasks(world)[0].id


def the_reply(world):
    with world.desk.archive.reading() as view:
        (reply,) = inbox.replies_of(view.connection, world.case_id)
    return reply


def scan():
    return (io.BytesIO(b"\xff\xd8\xff\xe0" + bytes(60)), "scan.jpg")


def posts(world):
    """Return every request that changes a case, with fields that would do."""
    return [
        (f"{CASE}/tasks/{task_id(world)}", {"outcome": "nothing"}),
        (f"{CASE}/replies/unknown", {"meaning": "received"}),
        (f"{CASE}/plans/{world.plan().id}/pause", {"why": ""}),
        (f"{CASE}/plans/{world.plan().id}/resume", {"why": "x"}),
        (f"{CASE}/notices/new", {"kind": "plain"}),
        (f"{CASE}/notices/preview", {"kind": "plain"}),
        (f"{CASE}/notices", {"kind": "plain"}),
        (f"{CASE}/bind/wechat_oa/main", {}),
    ]
