"""The deployment under attack: a firm with its signer, counsel's witness, a time-stamp service, a policy."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask, jsonify

from bot.anchors.cosigner import Cosigner
from bot.anchors.tsa import TimeStampService
from bot.witness.keyfile import witness_key
from bot.witness.serving import witness_app
from bot.witness.store import Store
from bot.witness.witness import Forked, Witness
from casework.messages import Outcome
from evidence.note import joined, parse_vkey
from evidence.report import Report
from evidence.verify import verify_file
from handlers.anchors import anchor_now
from handlers.checkpoints import sign_now
from handlers.desk import Desk
from handlers.export_evidence import export_case
from handlers.vouching import SignerFault, SignerStatus
from sandbox.server import Settings, serve
from scheduler.signer.keys import KeyFile, SigningKey
from storage import source
from storage.audit import audit
from storage.book import Archive
from tests.anchors.trees import served
from tests.signer.office import ORIGIN, Office
from tests.world import CASE_NO, HandClock, World

WITNESS = witness_key("witness.lawfirm.example", b"\x07" * 32)
REFUSAL = "我没有同意下周一回来上班"  # what the employee wrote, and the firm would rather not have
LOG, SEEN, STAMPED, ALL = "log", "witness", "tsa", ("log", "witness", "tsa")
WAIT = 10.0


@dataclass
class Court:
    """A world, those outside who saw its log, and what the other side's lawyer trusts."""

    world: World
    office: Office
    desk: Desk
    outside: HandClock  # the clock of those outside, which nobody in the firm can set
    alarms: list[Forked]
    tsa: str
    room: Path
    vkey: str = ""  # the log's key as counsel wrote it down on the first day
    made: list[Path] = field(default_factory=list)

    def live(self) -> None:
        """Remind the employee, who reads it and answers; outsiders see the log before and after."""
        self.anchor()
        self.pass_by(hours=1)
        self.world.notify()
        self.world.work()
        self.world.report(self.world.wechat, Outcome.DELIVERED, "delivered")
        self.anchor()
        self.pass_by(hours=3)
        self.world.reply(self.world.wechat, REFUSAL)

    def pass_by(self, **more: float) -> None:
        self.world.clock.pass_by(**more)
        self.outside.pass_by(**more)

    def anchor(self, desk: Desk | None = None) -> tuple[str, ...]:
        """Show the log to everybody outside; return who answered."""
        done = anchor_now(desk or self.desk, WAIT)
        assert done is not None
        return done.answered

    def export(self, desk: Desk | None = None) -> Path:
        target = self.room / f"export-{len(self.made)}.zip"
        self.made.append(export_case(desk or self.desk, CASE_NO, self.world.hr, target).path)
        return target

    def verify(self, bundle: Path, *trusted: str) -> Report:
        """Verify a bundle, under a policy that trusts these of: log, witness, tsa."""
        return verify_file(bundle, self.policy(*trusted) if trusted else None)

    def policy(self, *trusted: str) -> Path:
        root = requests.get(f"{self.tsa}/root.pem", timeout=5).content
        pin = sha256(x509.load_pem_x509_certificate(root).public_bytes(Encoding.DER)).hexdigest()
        (self.room / "root.pem").write_bytes(root)
        lines = {
            LOG: f"log {self.vkey}\n",
            SEEN: f"witness counsel {WITNESS.public.vkey}\nquorum counsel\n",
            STAMPED: f"tsa stamps {pin} root.pem\n",
        }
        file = self.room / "policy.txt"
        text = "".join(lines[one] for one in trusted) + ("" if SEEN in trusted else "quorum none\n")
        file.write_text(text, encoding="utf-8")
        return file

    def audit(self, against: Path | None = None) -> set[str]:
        with self.world.desk.archive.reading() as view:
            return {one.code for one in audit(view, against).findings}

    def status(self, desk: Desk | None = None) -> SignerStatus:
        signer = (desk or self.desk).signer
        assert signer is not None
        return signer.status()

    def thief(self, key: SigningKey) -> Desk:
        """The desk of somebody who signs whatever the database holds now, with this key."""
        return replace(self.desk, signer=Thief(self.world.desk.archive, key))

    @property
    def stolen(self) -> SigningKey:
        """The signer's key, as somebody with the rights of its user reads it."""
        key = KeyFile(self.office.room / "signer" / "key.json").read()
        assert key is not None
        return key

    @property
    def own(self) -> SigningKey:
        """A key that the attacker made for the same log."""
        return SigningKey(ORIGIN, b"\x66" * 32)


@dataclass(frozen=True)
class Thief:
    """A signer without a memory and without scruples."""

    archive: Archive
    key: SigningKey

    def status(self) -> SignerStatus:
        return SignerStatus(self.key.name, self.key.vkey, "separate-host", 0, 0, None)

    def sign(self, size: int) -> bytes:
        with self.archive.reading() as view:
            return self.sign_export(source.checkpoint_at(view.connection, size).body())

    def sign_export(self, text: bytes) -> bytes:
        return joined(text, [self.key.line(text)])

    def rotate(self) -> str:
        raise SignerFault("a thief rotates nothing")

    def finish_rotation(self, vkey: str, size: int) -> bytes:
        raise SignerFault("a thief rotates nothing")

    def begin_epoch(self, origin: str) -> None:
        raise SignerFault("a thief begins nothing")


def found(report: Report) -> set[str]:
    """The codes that speak against a bundle in itself."""
    return {one.code for one in (*report.internal.findings, *report.complete.findings)} - {"omitted"}


def unmet(report: Report) -> set[str]:
    """What of the policy does not hold."""
    return {one.code for one in report.anchored.findings}


def unshown(report: Report) -> set[str]:
    return {one.words for one in report.unproved}


@contextmanager
def opened_court(world: World, url: str, room: Path) -> Iterator[Court]:
    """Put the firm's signer beside it, and the witness and the service outside; introduce the key."""
    outside, alarms, office = HandClock(world.clock.at), list[Forked](), Office(world, url, room)
    with office.running(), served(_clock(outside)) as time:
        sign_now(office.desk)
        vkey = office.desk.signer.status().vkey
        witness = Witness(WITNESS, Store(room / "witness"), [parse_vkey(vkey)], outside.now)
        settings = Settings("http://127.0.0.1:1", port=0, time_url=time)
        with served(witness_app(witness, alarms.append)) as counsel, serve(settings) as gateways:
            tsa = f"{gateways.url}/tsa"
            anchors = (Cosigner(counsel, WITNESS.public), TimeStampService(tsa, secrets.token_bytes))
            desk = replace(office.desk, anchors=anchors)
            yield Court(world, office, desk, outside, alarms, tsa, room, vkey)


def _clock(outside: HandClock) -> Flask:
    app = Flask(__name__, static_folder=None)

    @app.get("/")
    def now() -> object:
        moment: datetime = outside.now()
        return jsonify(now=moment.isoformat())

    return app
