"""The least that any program could do: claim a due row in one statement, insert a row, commit."""

import sys

import sqlalchemy as sa

from benchmarks.sides.measure import Measured
from storage.engine import open_engine

_tables = sa.MetaData()
_due = sa.Table(
    "bench_due", _tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Index("ix_bench_due", "state", "due_at"),
)  # fmt: skip
_done = sa.Table(
    "bench_done", _tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("said", sa.LargeBinary, nullable=False),
)  # fmt: skip
SAID = b"x" * 700  # about the size of one record


def main(url: str, rows: int, due: int) -> None:
    """Prepare ``rows`` rows, ``due`` of which are due, and take those one by one."""
    engine, measured = open_engine(url), Measured()
    _tables.drop_all(engine)
    _tables.create_all(engine)
    given = [{"id": n, "state": "due", "due_at": n if n < due else 2**40 + n} for n in range(rows)]
    with measured.rate("adds", rows), engine.begin() as connection:
        connection.execute(_due.insert(), given)
    with measured.rate("fires", due):
        for _ in range(due):
            _take(engine)
    measured.memory("memory_mb")
    _tables.drop_all(engine)
    measured.tell()


def _take(engine: sa.Engine) -> None:
    chosen = (
        sa.select(_due.c.id)
        .where(_due.c.state == "due", _due.c.due_at < 2**40)
        .order_by(_due.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with engine.begin() as connection:
        claim = sa.update(_due).where(_due.c.id.in_(chosen)).values(state="done").returning(_due.c.id)
        taken = connection.execute(claim).scalar_one()
        connection.execute(_done.insert(), {"id": taken, "said": SAID})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
