"""What the signer does when it is asked: it answers only after what it promises is on the disk."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from evidence import export_note, note
from evidence.checkpoint import Checkpoint
from evidence.errors import NoteError
from scheduler.signer.files import Refusal
from scheduler.signer.keys import SigningKey
from scheduler.signer.memory import Memory
from scheduler.signer.standing import must_be_newest, must_own_up
from scheduler.signer.state import Folder, State
from scheduler.signer.tail import Tail, Trouble, epoch_of
from storage.tailing import LeafSource, SourceAway

log = logging.getLogger(__name__)

ROUND = 3600.0  # seconds in which every record is looked at again
TROUBLED = 30.0  # seconds between thorough looks while something is wrong
WAIT = 10.0  # seconds that a request waits for records that cannot be seen yet
STEP = 0.1


@dataclass(frozen=True)
class Chance:
    """Where the signer's random bytes and choices come from, and a fail-point for crash tests."""

    seed: Callable[[int], bytes]
    choose: Callable[[int], int]
    fail_at: Callable[[str], None]


class Signer:
    """One signer with its folder and the database it follows."""

    def __init__(self, folder: Folder, source: LeafSource, log_name: str, chance: Chance) -> None:
        """Take up the state, or begin one. Raises Refusal, and SourceAway where nothing was ever read.

        ``log_name`` is the origin up to its epoch; a state or a database of another log is refused.
        """
        self._folder, self._chance, self._name = folder, chance, log_name
        self._trouble: Trouble | None = None
        self._sure = False  # whether everything was looked at since the start, and was right
        self._tried_at = self._looked_at = -TROUBLED
        self._state = folder.read() or self._begun(source)
        self._must_be_the_log(self._state.origin)
        must_be_newest(folder, self._state)
        self._key = self._settled_key()
        self._tail = Tail(source, self._state.origin, chance.choose)

    def follow(self) -> None:
        """Read what is new and look again at what is old; what is found is in the status and in the log."""
        try:
            self._look()
        except Trouble as trouble:
            self._stop(trouble)
        except (SourceAway, OSError) as away:
            log.warning("The signer cannot read the database or write its state now: %s", away)

    def _look(self) -> None:
        now, memory = time.monotonic(), self._state.memory
        if self._sure:
            # A round over all blocks takes an hour, however often we look.
            self._remember(
                self._tail.follow(memory, int(memory.pieces * (now - self._looked_at) / ROUND) + 1)
            )
            self._looked_at = now
        elif self._trouble is None or now - self._tried_at >= TROUBLED:
            self._tried_at = self._looked_at = now
            self._tail.check_all(memory)
            self._remember(self._tail.follow(memory, 0))
            if self._trouble is not None:
                log.warning("The signer signs again: the log is once more what it was")
            self._sure, self._trouble = True, None

    def _stop(self, trouble: Trouble) -> None:
        if self._trouble is None:
            log.error("The signer has stopped signing: %s", trouble.why)
        self._sure, self._trouble = False, trouble

    def _remember(self, memory: Memory) -> None:
        if memory != self._state.memory:
            self._write(replace(self._state, memory=memory))

    def status(self) -> dict[str, Any]:
        """Say how it stands."""
        state, pending, trouble = self._state, self._pending(), self._trouble
        return {
            "origin": state.origin, "vkey": self._key.vkey, "next": pending and pending.vkey,
            "seen": state.memory.seen, "signed": state.signed, "note": state.note,
            "trouble": trouble and trouble.kind, "why": trouble.why if trouble else "",
            "earlier": {one["origin"]: one["note"] for one in state.earlier},
        }  # fmt: skip

    def sign(self, size: int) -> str:
        """Return the note over exactly this size."""
        if self._pending() is not None:
            raise Refusal("a change of keys is under way: finish it with `huizheng keys rotate`")
        self._see(size)
        self._finish()
        if size != self._state.signed:
            self._sign(size, [self._key])
        return self._state.note

    def sign_export(self, text: str) -> str:
        """Return the note over the text of an export note whose checkpoint was signed."""
        try:
            read = export_note.parse(text.encode())
        except NoteError as error:
            raise Refusal(f"{error}: nothing else is signed on request") from None
        if not self._folder.has_signed(read.origin, read.size) or read.origin != self._state.origin:
            raise Refusal(f"size {read.size} of {read.origin} was never signed here: ask for its checkpoint")
        self._must_be_well()
        return note.joined(text.encode(), [self._key.line(text.encode())]).decode()

    def rotate(self) -> str:
        """Make the next key and return its vkey; no checkpoint is signed until ``finish_rotation``."""
        self._must_be_well()
        pending = self._pending()
        if pending is None:
            self._finish()
            pending = self._folder.next_key.make(self._state.origin, self._chance.seed(32))
        return pending.vkey

    def finish_rotation(self, vkey: str, size: int) -> str:
        """Return a note by both keys over a size that covers the rotation's record; the old key is destroyed.

        Asked again after a crash on either side, it gives the same note, of the size that was asked first.
        """
        pending = self._pending()
        if pending is None and self._key.vkey == vkey and self._state.rotation:
            return self._state.rotation
        if pending is None or pending.vkey != vkey:
            raise Refusal(f"{vkey} is not the next key of this signer: run `huizheng keys rotate` again")
        self._see(size)
        if size == self._state.signed:
            raise Refusal(f"size {size} is signed already: the record of the rotation must stand below it")
        self._sign(self._unfinished() or size, [self._key, pending])
        self._chance.fail_at("rotated")
        self._key = self._settled_key()
        return self._state.rotation

    def begin_epoch(self, origin: str) -> None:
        """Put this epoch away for ever and follow the next one, which the database must have begun."""
        if origin == self._state.origin:
            return
        self._must_be_the_log(origin)
        if epoch_of(origin) <= epoch_of(self._state.origin):
            raise Refusal(f"{origin} is not after {self._state.origin}: an epoch that ended never goes on")
        must_own_up(self._state, origin, *self._tail.started())
        state, key = self._state, self._folder.next_key.make(origin, self._chance.seed(32))
        ended = {
            "origin": state.origin, "seen": state.memory.seen, "root": state.memory.root.hex(),
            "signed": state.signed, "note": state.note,
        }  # fmt: skip
        self._write(State(origin, key.vkey, earlier=(*state.earlier, ended)))
        self._chance.fail_at("epoch")
        self._key = self._settled_key()
        self._tail = Tail(self._tail.source, origin, self._chance.choose)
        self._trouble, self._sure = None, False
        self.follow()

    def _see(self, size: int) -> None:
        """Wait until so much was read. Raises Refusal for what must not be signed."""
        deadline = time.monotonic() + WAIT
        self.follow()
        while self._trouble is None and self._state.memory.seen < size and time.monotonic() < deadline:
            time.sleep(STEP)
            self.follow()
        self._must_be_well()
        if size > self._state.memory.seen:
            raise Refusal(f"the database shows {self._state.memory.seen} records so far, not {size}")
        if size < max(largest := self._unfinished() or self._state.signed, 1):
            raise Refusal(f"size {largest} was signed already; {size} is less")

    def _must_be_well(self) -> None:
        if self._trouble is not None:
            raise Refusal(f"the signer has stopped: {self._trouble.why}. See docs/signer.md")
        if not self._sure:
            raise Refusal("the signer has not been able to read the database yet: try again")

    def _unfinished(self) -> int:
        """Return the size that is written down as signed and whose note was never made; 0 for none."""
        return max(self._folder.signed_above(self._state.origin, self._state.signed), default=0)

    def _finish(self) -> None:
        """Make the note that a crash prevented. Raises Refusal where the leaves have another root."""
        if unfinished := self._unfinished():
            self._sign(unfinished, [self._key])

    def _sign(self, size: int, keys: list[SigningKey]) -> None:
        try:
            root = self._tail.root_at(self._state.memory, size)
        except Trouble as trouble:
            self._stop(trouble)
            raise Refusal(f"the signer has stopped: {trouble.why}. See docs/signer.md") from None
        except SourceAway as away:
            raise Refusal(f"the database cannot be read now: {away}") from None
        self._folder.note_signed(self._state.origin, size, root)
        self._chance.fail_at("noted")
        body = Checkpoint(self._state.origin, size, root).body()
        signed = note.joined(body, [key.line(body) for key in keys]).decode()
        rotation = signed if len(keys) > 1 else self._state.rotation
        self._write(replace(self._state, signed=size, note=signed, vkey=keys[-1].vkey, rotation=rotation))
        self._chance.fail_at("signed")

    def _write(self, state: State) -> None:
        self._folder.write(state)
        self._state = state

    def _pending(self) -> SigningKey | None:
        pending = self._folder.next_key.read()
        return pending if pending and pending.name == self._state.origin else None

    def _begun(self, source: LeafSource) -> State:
        if self._folder.key.read() is not None:
            raise Refusal(
                f"{self._folder.path} holds a key but no state.json: put it back from its backup. If there is"
                " none, move the whole folder away and run `huizheng epoch start`"
            )
        with source.opened() as leaves:
            claimed = leaves.claimed()
        if claimed is None:
            raise Refusal("the database holds no evidence log yet: run `huizheng migrate`")
        key = self._folder.next_key.make(claimed.origin, self._chance.seed(32))
        state = State(claimed.origin, key.vkey)
        self._must_be_the_log(state.origin)
        self._folder.write(state)
        return state

    def _settled_key(self) -> SigningKey:
        """Return the key that the state names; a change of keys that a crash cut short is finished first."""
        pending = self._folder.next_key.read()
        if pending is not None and pending.vkey == self._state.vkey:
            self._folder.next_key.take_place_of(self._folder.key)
        key = self._folder.key.read()
        if key is None or key.vkey != self._state.vkey:
            raise Refusal(
                f"{self._folder.key.path} is not the key that state.json names: put both back from the same"
                " backup. If there is none, move the whole folder away and run `huizheng epoch start`"
            )
        return key

    def _must_be_the_log(self, origin: str) -> None:
        if origin.rpartition("/")[0] != self._name:
            raise Refusal(f"{origin} is no epoch of {self._name}: correct evidence.origin or signer_dir")
