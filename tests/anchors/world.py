"""The usual firm with the real signer beside it, and anchors that do as they are told."""

import secrets
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from evidence.records import parse_leaf
from evidence.rows import parse_facts
from handlers.vouching import Anchored, AnchorFailed, SignerFault, SignerStatus
from scheduler.anchors import anchor_due
from scheduler.signer.files import Refusal
from scheduler.signer.signing import Chance, Signer
from scheduler.signer.state import Folder
from scheduler.who import Worker
from storage.anchors import unanswered
from storage.log import read_head
from storage.schema import record, record_part
from storage.tailing import LeafSource
from tests.engine.world import PretendChannel, World

NAME = "huizheng.testtest/log"


class SignerInHand:
    """The real signer, asked without a socket."""

    def __init__(self, url: str, folder: Folder) -> None:
        chance = Chance(secrets.token_bytes, secrets.randbelow, lambda _: None)
        self.real, self.away = Signer(folder, LeafSource(url), NAME, chance), False
        self._one = threading.Lock()  # as its server lets in one question at a time

    def status(self) -> SignerStatus:
        said = self._asked("status")
        note = said["note"].encode() or None
        plain = {name: said[name] for name in ("origin", "vkey", "seen", "signed", "trouble", "why", "next")}
        return SignerStatus(**plain, isolation="same-user", note=note)

    def sign(self, size: int) -> bytes:
        return self._asked("sign", size).encode()

    def _asked(self, what, *more):
        if self.away:
            raise SignerFault("the signer does not answer")
        try:
            with self._one:
                return getattr(self.real, what)(*more)
        except Refusal as refusal:
            raise SignerFault(str(refusal)) from None


@dataclass
class PretendAnchor:
    """An outside service that stamps everything, or does what a test has laid ready."""

    service: str
    kind: str = "tsa"
    answers: list = field(default_factory=list)  # the next ones: an error, or something to call
    asked: list = field(default_factory=list)
    time: datetime | None = datetime(2026, 11, 16, 1, 0, 3, tzinfo=UTC)

    def anchor(self, asked):
        self.asked.append(asked)
        told = self.answers.pop(0) if self.answers else None
        if isinstance(told, Exception):
            raise told
        if callable(told):
            told(asked)
        return Anchored(b"token over %d" % asked.checkpoint.size, "application/timestamp-reply", self.time)


DOWN = AnchorFailed("no answer")


@dataclass(frozen=True)
class Sealed:
    position: int
    leaf: dict
    told: dict
    parts: dict


class AnchoredWorld(World):
    """A world whose log is signed and shown to some services."""

    def __init__(self, url: str, folder: Folder, *anchors) -> None:
        super().__init__(url, PretendChannel("wechat_oa"), PretendChannel("sms_twilio"))
        self.signer = SignerInHand(url, folder)
        self.signed_by(anchors)

    def signed_by(self, anchors) -> None:
        self.desk = replace(self.desk, signer=self.signer, anchors=tuple(anchors))
        self.worker = Worker(self.desk, "worker-1")

    def sweep(self) -> int:
        return anchor_due(self.worker)

    def sealed(self, kind: str) -> list:
        """Every system record of a kind, oldest first: its fields, what it tells, its other parts."""
        chosen = sa.select(record).where(record.c.kind == kind).order_by(record.c.position)
        with self.archive.reading() as view:
            return [self._opened(view, row) for row in view.connection.execute(chosen).all()]

    def _opened(self, view, row) -> "Sealed":
        rows = view.connection.execute(sa.select(record_part).where(record_part.c.record_id == row.id))
        parts = {one.name: view.open(one.blob_id).data for one in rows.all()}
        told = parse_facts(parts.pop("facts"), row.id).told
        return Sealed(row.position, parse_leaf(bytes(row.leaf)), told, parts)

    def size(self) -> int:
        with self.archive.reading() as view:
            return read_head(view.connection).size

    def unanswered(self) -> list:
        with self.archive.reading() as view:
            return unanswered(view.connection, read_head(view.connection).origin)


@contextmanager
def anchored_world(url: str, folder: Path, *anchors):
    with closing(Folder(folder / "signer")) as held:
        made = AnchoredWorld(url, held, *anchors)
        try:
            yield made
        finally:
            made.archive.engine.dispose()
