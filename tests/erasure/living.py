"""What tests of erasures do with a case that has been lived."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from handlers.erase import Wish, approve, ask
from handlers.erasing import Erased
from handlers.open_case import CaseData, open_case
from storage.access import Answered, User, keep_answer, user_by_id
from storage.audit import audit
from storage.book import Archive
from tests.world import CASE_NO, World


@dataclass
class Lived:
    """A pretend firm's closed case, and the folder outside the database."""

    world: World
    folder: Path

    @property
    def archive(self) -> Archive:
        return self.world.desk.archive

    def user(self, role: str) -> User:
        with self.archive.reading() as view:
            found = user_by_id(view.connection, self.world.users[role])
        assert found is not None
        return found

    def ask(self, wish: Wish | None = None, role: str = "hr") -> str:
        with self.archive.writing() as book:
            return ask(book, wish or Wish("purpose-achieved", "已结案", case_no=CASE_NO), self.user(role))

    def erase(self, wish: Wish | None = None, approver: str = "legal") -> Erased:
        return approve(self.archive, self.folder, self.ask(wish), self.user(approver))

    def keep_outside(self) -> None:
        """Let the console keep its list of erasures in our folder."""
        self.world.desk = replace(self.world.desk, data_dir=self.folder)

    def open_another(self, case_no: str) -> str:
        """Open one more case of the same employee."""
        accident = self.world.clock.at - timedelta(days=1)
        with self.archive.writing() as book:
            return open_case(book, CaseData(case_no, "E-0107", accident), self.world.hr)

    def keep_answer(self, key: str, body: dict[str, Any]) -> None:
        """Let the API keep what it answered to a request."""
        with self.archive.writing() as book:
            keep_answer(book.connection, key, Answered("f", 200, body), book.now)

    def findings(self) -> set[str]:
        with self.archive.reading() as view:
            return {f"{one.code} {one.text('en')}" for one in audit(view).findings}

    def codes(self) -> set[str]:
        return {one.partition(" ")[0] for one in self.findings()}

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with self.archive.engine.connect() as connection:
            return list(connection.execute(sa.text(sql), values))

    def run(self, sql: str, **values: Any) -> None:
        with self.archive.engine.begin() as connection:
            connection.execute(sa.text(sql), values)

    def records(self, *kinds: str) -> list[str]:
        """Ids of the case's records of these kinds, in order."""
        stream = f"case:{self.world.case_id}"
        found = self.rows("SELECT id, kind FROM record WHERE stream = :stream ORDER BY cseq", stream=stream)
        return [row.id for row in found if not kinds or row.kind in kinds]
