"""What a user would pick instead: APScheduler's own SQLAlchemyJobStore with one job for each reminder."""

import os
import sys
import threading
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from benchmarks.sides.measure import Measured
from storage.engine import open_engine

TABLE = "bench_jobs"
_left = [0]
_all_fired = threading.Event()
_lock = threading.Lock()


def remind(number: int) -> None:
    """Do nothing but count: the job store's own cost is what is measured."""
    del number
    with _lock:
        _left[0] -= 1
        if _left[0] == 0:
            _all_fired.set()


def main(url: str, rows: int, due: int) -> None:
    """Add ``rows`` jobs of which ``due`` are due now, start another scheduler and let those fire."""
    engine, measured = open_engine(url), Measured()
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP TABLE IF EXISTS {TABLE}"))
    _add(engine, measured, rows, due)
    _left[0] = due
    scheduler = _scheduler(engine)
    with measured.rate("fires", due):
        with measured.seconds("start_seconds"):
            scheduler.start()
        if not _all_fired.wait(3000):
            raise SystemExit(f"{_left[0]} jobs never fired")
    measured.memory("memory_mb")
    measured.tell()
    sys.stdout.flush()
    os._exit(0)  # the paused scheduler would wake up to be shut down, and fire what is not due


def _scheduler(engine: sa.Engine) -> BackgroundScheduler:
    return BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=engine, tablename=TABLE)},
        executors={"default": ThreadPoolExecutor(8)},
        job_defaults={"misfire_grace_time": None, "coalesce": True},
        timezone=UTC,
    )


def _add(engine: sa.Engine, measured: Measured, rows: int, due: int) -> None:
    scheduler, now = _scheduler(engine), datetime.now(UTC)
    scheduler.start(paused=True)
    with measured.rate("adds", rows):
        for number in range(rows):
            when = now - timedelta(seconds=1) if number < due else now + timedelta(days=30, seconds=number)
            scheduler.add_job(remind, "date", run_date=when, args=[number])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
