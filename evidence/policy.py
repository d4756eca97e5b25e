"""The reader's own list of whom to trust (C2SP tlog-policy, and ``tsa`` lines: evidence-format §8)."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence import pem
from evidence.errors import NoteError, PolicyError
from evidence.note import LOG, WITNESS, Key, parse_vkey

_NONE = "none"  # the quorum that asks for nobody; no witness or group may be called so
_SPACE = re.compile(r"[ \t]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_COUNT = re.compile(r"[1-9][0-9]{0,3}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"[^/\\:]+")


@dataclass(frozen=True)
class Tsa:
    """A root of time-stamp services: SHA-256 of its DER in hex, and the PEM file if one is named."""

    name: str
    sha256: str
    pem: bytes | None


@dataclass(frozen=True)
class Group:
    """It has seen a checkpoint when this many of its members have: witnesses or earlier groups, by name."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Whom the reader trusts; ``groups`` stand in the order of their lines, ``quorum`` is None for nobody."""

    log_keys: tuple[Key, ...]
    witnesses: Mapping[str, Key]
    groups: Mapping[str, Group]
    quorum: str | None
    tsas: tuple[Tsa, ...]

    def satisfied(self, cosigners: Collection[Key]) -> bool:
        """Whether these witnesses' keys together are the quorum."""
        seen = {name for name, key in self.witnesses.items() if key in cosigners}
        for name, group in self.groups.items():
            if sum(member in seen for member in group.members) >= group.threshold:
                seen.add(name)
        return self.quorum is None or self.quorum in seen


def read(path: Path) -> Policy:
    """Read a policy file, and the PEM files beside it that it names; raises PolicyError."""
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise PolicyError(f"{path.name} cannot be read: {error.strerror}; check name and rights") from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path.name} is not UTF-8: save it again as UTF-8 text") from error
    return parse(text, path.parent)


def parse(text: str, folder: Path | None) -> Policy:
    """Read a policy whose PEM files lie in ``folder`` (None: it may name none).

    Raises PolicyError with the line's number, what is wrong there, and what to do.
    """
    draft = _Draft(folder)
    for number, line in enumerate(text.split("\n"), 1):
        try:
            draft.take(line)
        except PolicyError as error:
            raise PolicyError(f"line {number}: {error}") from error
    return draft.policy()


class _Draft:
    """A policy of which the lines so far were read."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._logs: list[Key] = []
        self._public: set[tuple[int, bytes]] = set()  # kind and public key: each stands once
        self._witnesses: dict[str, Key] = {}
        self._groups: dict[str, Group] = {}
        self._tsas: dict[str, Tsa] = {}
        self._members: set[str] = set()  # a name counts in one group only
        self._quorum: list[str] = []

    def policy(self) -> Policy:
        if not self._quorum:
            raise PolicyError("there is no quorum line: add `quorum none`, or the name of a witness or group")
        quorum = None if self._quorum[0] == _NONE else self._quorum[0]
        return Policy(tuple(self._logs), self._witnesses, self._groups, quorum, tuple(self._tsas.values()))

    def take(self, line: str) -> None:
        if _CONTROL.search(line):
            raise PolicyError("a control character: save the file with line feeds only (not CR LF)")
        word, *items = _SPACE.split(line.strip(" \t"))
        if word and not word.startswith("#"):
            self._define(word, items)

    def _define(self, word: str, items: list[str]) -> None:
        match word, items:
            case "log", [vkey] | [vkey, _]:
                self._logs.append(self._key(vkey, LOG))
            case "witness", [name, vkey] | [name, vkey, _]:
                self._witnesses[self._new(name)] = self._key(vkey, WITNESS)
            case "group", [name, threshold, *members] if members:
                self._groups[self._new(name)] = self._group(threshold, tuple(members))
            case "quorum", [name]:
                self._quorum.append(self._only_quorum(name))
            case "tsa", [name, pin] | [name, pin, _]:
                self._tsas[name] = self._tsa(name, pin, items[2:])
            case _:
                raise PolicyError(f"no line is `{word}` with {len(items)} items: see evidence-format.md §8")

    def _new(self, name: str) -> str:
        if name == _NONE or name in self._witnesses or name in self._groups:
            raise PolicyError(f"the name `{name}` is taken: choose another")
        return name

    def _known(self, name: str) -> str:
        if name not in self._witnesses and name not in self._groups:
            raise PolicyError(f"no line above defines `{name}`: define it first, or correct the name")
        return name

    def _group(self, threshold: str, members: tuple[str, ...]) -> Group:
        for name in members:
            if self._known(name) in self._members:
                raise PolicyError(f"`{name}` is already a member of a group: a name counts once")
            self._members.add(name)
        return Group(_threshold(threshold, len(members)), members)

    def _key(self, vkey: str, kind: int) -> Key:
        try:
            key = parse_vkey(vkey)
        except NoteError as error:
            raise PolicyError(f"{error}: copy the key again, or remove the line") from error
        if key.kind != kind:
            raise PolicyError(
                "a log's key in a witness's place, or the reverse: use the word that fits the key"
            )
        if (kind, key.public) in self._public:
            raise PolicyError("this key stands in the policy already: remove one of the lines")
        self._public.add((kind, key.public))
        return key

    def _only_quorum(self, name: str) -> str:
        if self._quorum:
            raise PolicyError("a second quorum line: keep one")
        return name if name == _NONE else self._known(name)

    def _tsa(self, name: str, pin: str, files: list[str]) -> Tsa:
        if name in self._tsas:
            raise PolicyError(f"the name `{name}` is taken: choose another")
        if not _SHA256.fullmatch(pin):
            raise PolicyError("the root's SHA-256 is 64 lower-case hex digits, without colons")
        return Tsa(name, pin, self._root(files[0], pin) if files else None)

    def _root(self, file: str, pin: str) -> bytes:
        if self._folder is None or not _FILE.fullmatch(file):
            raise PolicyError(f"`{file}` must be the name of a file beside the policy")
        try:
            data = (self._folder / file).read_bytes()
        except OSError as error:
            raise PolicyError(
                f"`{file}` cannot be read: {error.strerror}; lay it beside the policy"
            ) from error
        if pin not in {sha256(der).hexdigest() for der in pem.certificates(data)}:
            raise PolicyError(f"no certificate in `{file}` has this SHA-256: ask the service which is right")
        return data


def _threshold(text: str, members: int) -> int:
    count = {"any": 1, "all": members}.get(text)
    if count is None:
        count = int(text) if _COUNT.fullmatch(text) else 0
    if not 1 <= count <= members:
        raise PolicyError(f"`{text}` is neither `any` nor `all` nor a number from 1 to {members}")
    return count
