"""The door at which webhooks arrive: the real web application over a database that can be taken away."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

import sqlalchemy as sa
from flask import Flask

from bot.webhooks.queue import IntakeQueue
from bot.webhooks.spool import Intake
from bot.webhooks.web import webhooks
from storage.engine import open_engine
from storage.ids import SystemIds
from storage.log import read_head
from storage.schema import intake
from storage.spool import Spool
from tests.engine.world import KEYS, World

HOOK = "/hooks/wechat_oa/main"


class Door:
    """Where a pretend platform posts; it looks at the spool only when a test tells it to."""

    def __init__(self, firm: World, folder: Path, **limits: int) -> None:
        self.firm, self.folder = firm, folder / "spool"
        self.spool = Spool(self.folder, KEYS, **limits)
        self._engine = open_engine(firm.url, KEYS, wait_ms=1_000)
        self._archive = replace(firm.archive, engine=self._engine)
        self.open()

    def open(self) -> None:
        """Start the web process's intake, as after a restart."""
        self.intake = Quiet(IntakeQueue(self._archive), self.spool, SystemIds())
        app = Flask("door")
        app.register_blueprint(webhooks(replace(self.firm.desk, archive=self._archive), self.intake))
        self.browser = app.test_client()

    def post(self, key: str, text: str = "在医院") -> int:
        """Let the platform post a message; return the status of our answer."""
        said = json.dumps({"key": key, "from": "wechat_oa-zhangwei", "text": text})
        return self.browser.post(HOOK, data=said, environ_overrides={"RAW_URI": HOOK}).status_code

    def kept(self) -> list[tuple[object, ...]]:
        """What is in the database: state and arrival of each element, in order of arrival."""
        chosen = sa.select(intake.c.state, intake.c.received_at, intake.c.repeats)
        with self.firm.archive.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(chosen.order_by(intake.c.received_at))]

    @contextmanager
    def without_database(self) -> Iterator[None]:
        """Refuse every connection, as a server that is down does."""
        with refused(self._engine):
            yield

    @contextmanager
    def busy_database(self) -> Iterator[None]:
        """Keep every writer waiting, as a backup of a SQLite file does, or a lock on the log's head."""
        with self.firm.archive.writing() as book:
            read_head(book.connection, lock=True)
            yield

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.intake.close()
        self._engine.dispose()


class Quiet(Intake):
    """An intake whose thread leaves the spool alone: the test says when it is replayed."""

    def _run(self) -> None:
        self._closing.wait()


@contextmanager
def refused(engine: sa.Engine) -> Iterator[None]:
    """Let every new connection fail as it does while a server is down."""

    def refuse(*_: object) -> None:
        raise sa.exc.OperationalError("connect", None, ConnectionRefusedError("no server"))

    engine.dispose()
    sa.event.listen(engine, "do_connect", refuse)
    try:
        yield
    finally:
        sa.event.remove(engine, "do_connect", refuse)
