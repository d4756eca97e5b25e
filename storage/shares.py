"""The deployment key in two shares, of which each alone tells nothing (a one-time pad and its sum)."""

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from storage.keys import KeyFault, Keys

HOLDERS = (1, 2)
LENGTH = 32
_LINE_BYTES = 8
_HEAD = re.compile(r"key ([0-9a-f]{8})  holder ([12])", re.ASCII)
_LINE = re.compile(r"([1-4])  ((?:[0-9a-f]{4} ?){4}) ?/([0-9a-f]{2})", re.ASCII)


@dataclass(frozen=True)
class Share:
    """One holder's half of a key; ``key_id`` says of which."""

    key_id: str
    holder: int
    secret: bytes

    @property
    def check(self) -> str:
        """Eight digits that tell a damaged share from a good one; they say nothing of the key."""
        told = f"huizheng/share/{self.key_id}/{self.holder}/".encode()
        return hashlib.sha256(told + self.secret).hexdigest()[:8]

    def to_json(self) -> str:
        """Return the form of the file and of the code on the sheet."""
        told = {"check": self.check, "holder": self.holder, "key": self.key_id, "share": self.secret.hex()}
        return json.dumps({"huizheng-share": 1, **told}, sort_keys=True)

    def lines(self) -> list[str]:
        """Return the share for typing by hand: groups of four, two check digits at each line's end."""
        rows = [self.secret[at : at + _LINE_BYTES] for at in range(0, LENGTH, _LINE_BYTES)]
        spoken = [f"{n}  {_groups(row)} /{_digits(n, row)}" for n, row in enumerate(rows, start=1)]
        return [f"key {self.key_id}  holder {self.holder}", *spoken, f"check {self.check}"]


def split(keys: Keys, pad: bytes) -> tuple[Share, Share]:
    """Split the key with fresh random bytes as long as the key itself."""
    if len(pad) != LENGTH:
        raise ValueError("the pad must be as long as the key")
    key_id = key_id_of(keys.secret)
    return Share(key_id, 1, pad), Share(key_id, 2, _sum(pad, keys.secret))


def joined(one: Share, other: Share) -> Keys:
    """Put the key together again. Raises KeyFault unless the two are the halves of one key."""
    if one.key_id != other.key_id:
        raise KeyFault(f"the shares are of two keys, {one.key_id} and {other.key_id}: take two of one escrow")
    if {one.holder, other.holder} != set(HOLDERS):
        raise KeyFault(f"both are the share of holder {one.holder}: the other holder's is needed too")
    secret = _sum(one.secret, other.secret)
    if key_id_of(secret) != one.key_id:
        raise KeyFault("the shares do not fit together: they come from two different escrows of the key")
    return Keys(one.key_id, secret)


def key_id_of(secret: bytes) -> str:
    """Return the id that a key file states for its key."""
    return hashlib.sha256(secret).hexdigest()[:8]


def read_share(path: Path) -> Share:
    """Read a share from its file, or from its sheet as somebody typed it. Raises KeyFault."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFault(f"{path} cannot be read: name the file with a holder's share") from error
    share = _from_json(text) if text.lstrip().startswith("{") else _from_lines(path, text)
    if share is None:
        raise KeyFault(f"{path} is no share, or a digit of it is wrong: scan the code on the sheet instead")
    return share


def write_share(path: Path, share: Share) -> None:
    """Write a share's file that only its owner can read; an existing one is never replaced."""
    write_private(path, share.to_json() + "\n")


def write_private(path: Path, text: str) -> None:
    """Write a new file of mode 0600, on disk when this returns. Raises KeyFault when there is one already."""
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise KeyFault(f"{path} cannot be written ({error.strerror}): name a new file") from error
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _from_json(text: str) -> Share | None:
    try:
        told = json.loads(text)
        share = Share(str(told["key"]), int(told["holder"]), bytes.fromhex(told["share"]))
        whole = told["huizheng-share"] == 1 and told["check"] == share.check and len(share.secret) == LENGTH
    except (ValueError, KeyError, TypeError):
        return None
    return share if whole else None


def _from_lines(path: Path, text: str) -> Share | None:
    head, rows = _HEAD.search(text), dict[int, bytes]()
    for number, groups, digits in _LINE.findall(text):
        row = bytes.fromhex(groups.replace(" ", ""))
        if _digits(int(number), row) != digits:
            raise KeyFault(f"{path}: line {number} was typed wrongly, its check digits are not {digits}")
        rows[int(number)] = row
    if head is None or sorted(rows) != [1, 2, 3, 4]:
        return None
    share = Share(head[1], int(head[2]), b"".join(rows[number] for number in sorted(rows)))
    return share if f"check {share.check}" in text else None


def _groups(row: bytes) -> str:
    return " ".join(row[at : at + 2].hex() for at in range(0, len(row), 2))


def _digits(number: int, row: bytes) -> str:
    return hashlib.sha256(f"{number}:".encode() + row).hexdigest()[:2]


def _sum(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
