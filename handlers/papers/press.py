"""Reports become PDFs in a process of their own, which is replaced before it has grown large."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from handlers.papers.glyphs import MissingGlyphs, UnreadableFont
from handlers.papers.report import Report, Table

ROWS = 1000  # of a table in one paper; typst keeps about 150 kB for each row until its process ends
_WEIGHT = 1500  # rows and papers after which the process is replaced

T = TypeVar("T")


class NotDrawn(Exception):  # noqa: N818
    """A paper could not be drawn; the message says which and why."""


@dataclass(frozen=True)
class Drawn:
    """A finished PDF and its number of pages."""

    path: Path
    pages: int


class Press:
    """Draws reports one after another; a context manager, which ends the process.

    Pictures are looked for in ``folder``, which also takes the PDFs. ``fonts`` are
    font files or folders beyond our own, for rare characters.
    """

    def __init__(self, folder: Path, fonts: Sequence[Path] = ()) -> None:
        self._folder, self._fonts = folder, [str(font.absolute()) for font in fonts]
        self._process: subprocess.Popen[str] | None = None
        self._weight = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def draw(self, report: Report, name: str) -> Drawn:
        """Draw a report into a file of this name; the same report and fonts give the same bytes.

        Raises MissingGlyphs for a character that no font can draw, UnreadableFont for a font file that is
        none, NotDrawn for whatever else is wrong.
        """
        self._rest(1 + sum(len(block.rows) for block in report.blocks if isinstance(block, Table)))
        target = self._folder / name
        said = self._ask(
            {
                "report": report.data(), "dated": report.dated.isoformat(), "fonts": self._fonts,
                "folder": str(self._folder), "target": str(target),
            }
        )  # fmt: skip
        if "pages" not in said:
            raise self._fault(said, report.title)
        return Drawn(target, int(said["pages"]))

    def can_draw(self, picture: Path) -> bool:
        """Whether a file in the folder is a picture that can stand on a page."""
        return "pages" in self._ask({"picture": picture.name, "folder": str(self._folder)})

    def pages_of(self, document: Path) -> int | None:
        """Return how many pages an uploaded PDF in the folder has; None when it cannot be read as one."""
        said = self._ask({"count": document.name, "folder": str(self._folder)})
        return int(said["pages"]) if "pages" in said else None

    def _rest(self, weight: int) -> None:
        self._weight += weight
        if self._weight > _WEIGHT:
            self._end()
            self._weight = weight

    def _ask(self, job: Mapping[str, Any]) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self._end()
            return {"fault": "绘制文书的进程中断，可能是内存不足"}
        said: dict[str, Any] = json.loads(answer)
        return said

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            command = [sys.executable, "-m", "handlers.papers"]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        return self._process

    def _fault(self, said: Mapping[str, Any], title: str) -> Exception:
        match said:
            case {"missing": list(characters)}:
                return MissingGlyphs(characters)
            case {"font": str(text)}:
                return UnreadableFont(text)
            case _:
                return NotDrawn(f"文书“{title}”无法生成：{said.get('fault')}")

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with process:  # closes its pipes, upon which it ends, and waits for it
            assert process.stdin is not None
            try:
                process.stdin.close()
            except BrokenPipeError:
                return


def volumes(rows: Sequence[T]) -> list[Sequence[T]]:
    """Cut a long table's rows into as many papers as they need, at least one."""
    return [rows[start : start + ROWS] for start in range(0, max(1, len(rows)), ROWS)]
