"""Signs of life: when which sweep of which worker last finished."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.schema import sweep_run


def record_sweep(connection: Connection, worker: str, sweep: str, real: datetime) -> None:
    """Note that a sweep has finished."""
    mine = (sweep_run.c.worker == worker, sweep_run.c.sweep == sweep)
    changed = connection.execute(
        sa.update(sweep_run).where(*mine).values(finished_at=real, runs=sweep_run.c.runs + 1)
    )
    if changed.rowcount == 0:
        connection.execute(sa.insert(sweep_run).values(worker=worker, sweep=sweep, finished_at=real, runs=1))


def last_beat(connection: Connection) -> datetime | None:
    """Return when any sweep last finished, in real time."""
    latest: datetime | None = connection.execute(sa.select(sa.func.max(sweep_run.c.finished_at))).scalar()
    return latest
