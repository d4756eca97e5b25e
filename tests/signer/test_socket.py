"""The signer's door: one line asks, one line answers, and nobody can make it stand still."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.anchors import signer
from bot.anchors.signer import LONGEST_PATH, SignerClient, isolation, socket_path
from bot.config import Evidence
from handlers.vouching import SignerFault
from scheduler.signer import host, server
from scheduler.signer.files import Refusal
from scheduler.signer.host import host_mark
from scheduler.signer.server import listen
from tests.signer.office import ON_ONE, ORIGIN, Office, checkpoint_of

# What goes through the socket does not depend on the database.
pytestmark = ON_ONE


def asked(office: Office, line: bytes) -> dict:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(20)
        asking.connect(str(office.room / "s.sock"))
        asking.sendall(line)
        asking.shutdown(socket.SHUT_WR)
        return json.loads(asking.makefile("rb").read())


NONSENSE = [
    b"", b"\n", b"hello\n", b"{}\n", b"[]\n", b"7\n", b"null\n", b'{"do":"dance"}\n', b'{"do":["status"]}\n',
    b'{"do":"sign"}\n', b'{"do":"sign","size":"7"}\n', b'{"do":"sign","size":true}\n',
    b'{"do":"sign","size":1.5}\n', b'{"do":"sign_export","text":7}\n', b'{"do":"begin_epoch","origin":"x"}\n',
    b'{"do":"finish_rotation","vkey":"x","size":1}\n', b"\xff\xfe\n", b"[" * 40_000 + b"\n", b"x" * 100_000,
    b'{"do":"sign_export","text":"\\ud800"}\n',
]  # fmt: skip


def test_nonsense_gets_an_error_and_stops_nobody(office: Office):
    with office.running():
        for line in NONSENSE:
            assert set(asked(office, line)) == {"error"}, line[:40]
        assert office.desk.signer.sign(office.grow())


def test_a_caller_that_says_nothing_is_left_alone_after_a_while(office: Office, monkeypatch):
    monkeypatch.setattr(server, "PATIENCE", 0.2)
    with office.running(), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:
        silent.connect(str(office.room / "s.sock"))
        assert office.desk.signer.status().origin


def test_a_caller_that_hangs_up_stops_nobody(office: Office):
    with office.running():
        for _ in range(5):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as gone:
                gone.connect(str(office.room / "s.sock"))
                gone.sendall(b'{"do":"status"}\n')
        assert office.desk.signer.status().origin


def test_many_who_ask_at_once_all_get_the_same_note(office: Office):
    size = office.grow(3)
    notes = []
    with office.running():
        asking = [
            threading.Thread(target=lambda: notes.append(office.desk.signer.sign(size))) for _ in range(12)
        ]
        for one in asking:
            one.start()
        for one in asking:
            one.join()
    assert len(notes) == 12
    assert len(set(notes)) == 1


def test_the_socket_is_for_its_owner_alone(office: Office):
    with office.running():
        assert (office.room / "s.sock").stat().st_mode & 0o777 == 0o600


def test_a_group_may_be_let_in(office: Office, tmp_path: Path):
    with listen(tmp_path / "g.sock", os.getegid()):
        assert (tmp_path / "g.sock").stat().st_mode & 0o777 == 0o660


def test_a_folder_that_somebody_else_has_made_is_not_used(office: Office, tmp_path: Path, monkeypatch):
    (tmp_path / "theirs").mkdir()
    if os.geteuid() == 0:
        os.chown(tmp_path / "theirs", 65534, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(Refusal, match="belongs to another user"):
        listen(tmp_path / "theirs" / "s.sock")


ANSWERS = [b"", b"\n", b"no\n", b"[]\n", b"{}\n", b'{"ok":7}\n', b'{"ok":{}}\n', b'{"error":"no"}\n']


@pytest.mark.parametrize("answer", ANSWERS)
def test_whatever_answers_in_the_signer_s_place_is_a_fault_with_a_sentence(
    office: Office, tmp_path: Path, answer: bytes
):
    path = tmp_path / "other.sock"
    with closing(listen(path)) as other:
        thread = threading.Thread(target=_answer, args=(other, answer))
        thread.start()
        with pytest.raises(SignerFault, match=r"\w+"):
            SignerClient(path).status()
        thread.join()


def _answer(other: socket.socket, answer: bytes) -> None:
    caller, _ = other.accept()
    with caller:
        caller.recv(1000)
        caller.sendall(answer)


def test_a_path_that_is_too_long_is_refused_by_the_setting_s_name(office: Office, tmp_path: Path):
    with pytest.raises(Refusal, match=r"evidence\.signer_socket"):
        listen(tmp_path / ("x" * 120))


# --- how far it stands from the application


@pytest.mark.parametrize(
    ("said", "user", "stands"),
    [
        (None, 0, "same-user"),
        (None, 1, "separate-user"),
        ("another machine's", 0, "separate-host"),
        ("another machine's", 1, "separate-host"),
        ("", 0, "same-user"),  # it cannot say where it is: nothing better is claimed
    ],
)
def test_its_distance_is_what_the_kernel_and_the_machine_say(office: Office, said, user, stands):
    assert isolation(host_mark() if said is None else said, os.geteuid() + user) == stands


def test_a_machine_s_mark_does_not_give_away_its_id(office: Office):
    assert host_mark() == host_mark()
    for path in (host.BOOT, host.MACHINE):
        if path.exists():
            assert path.read_text().strip() not in host_mark()


# --- where it listens


def test_both_sides_find_the_same_short_path_for_a_deep_folder(office: Office, tmp_path: Path):
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    settings = Evidence(origin="huizheng.a1b2c3d4/log/1", data_dir=deep)
    path = socket_path(settings)

    assert len(os.fsencode(path)) <= LONGEST_PATH
    assert path == socket_path(settings)
    assert path != socket_path(Evidence(origin="huizheng.a1b2c3d4/log/1", data_dir=deep / "z"))
    try:
        with closing(listen(path)):
            assert path.parent.stat().st_mode & 0o777 == 0o700
    finally:
        path.unlink()
        path.parent.rmdir()


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose name leaves room for a socket's path, however deep the tests' own folder lies."""
    with tempfile.TemporaryDirectory(prefix="hz") as folder:
        yield Path(folder)


@pytest.mark.parametrize("theirs", ["another's", "open to all", "a link"])
def test_in_a_folder_for_everybody_only_our_own_is_asked(office: Office, short: Path, monkeypatch, theirs):
    monkeypatch.setattr(signer, "SHARED", short)
    path = socket_path(Evidence(origin=ORIGIN, data_dir=Path("/" + "x" * 120)))
    place = short / "elsewhere" if theirs == "a link" else path.parent
    with closing(listen(place / "signer.sock")) as other:
        if theirs == "a link":
            path.parent.symlink_to(place)
        if theirs == "another's":
            os.chown(place, 65534, -1)
        place.chmod(0o777 if theirs == "open to all" else 0o700)
        with pytest.raises(SignerFault, match=r"not asked\. Set evidence\.signer_socket"):
            SignerClient(path).status()
        other.settimeout(0.05)
        with pytest.raises(TimeoutError):  # nobody even knocked
            other.accept()


@pytest.mark.parametrize(
    ("given", "found"),
    [({"data_dir": "/var/hz"}, "/var/hz/signer.sock"), ({"signer_socket": "/run/hz.sock"}, "/run/hz.sock")],
)
def test_otherwise_it_listens_where_the_settings_say(office: Office, given: dict, found: str):
    assert str(socket_path(Evidence(origin="huizheng.a1b2c3d4/log/1", **given))) == found


# --- a process of its own


PROGRAM = """
import os, secrets, signal, sys
from pathlib import Path
from scheduler.signer.server import listen, serve
from scheduler.signer.signing import Chance, Signer
from scheduler.signer.state import Folder
from storage.tailing import LeafSource

def fail_at(point):
    if point == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

room = Path(sys.argv[1])
signer = Signer(Folder(room / "signer"), LeafSource(sys.argv[2]), "huizheng.a1b2c3d4/log",
                Chance(secrets.token_bytes, secrets.randbelow, fail_at))
server = listen(room / "s.sock")
print("ready", flush=True)
serve(server, signer, 1.0, lambda: False)
"""


def process(office: Office, dies_at: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(office.room), office.url, dies_at]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert started.stdout.readline() == "ready\n"
    return started


@pytest.mark.long  # in one process: test_own_folder.py
def test_killed_with_the_note_written_and_not_yet_answered_it_never_signs_another_one(office: Office):
    size = office.grow(2)
    with process(office, "signed") as doomed:
        with pytest.raises(SignerFault, match="does not answer"):
            office.desk.signer.sign(size)
        assert doomed.wait(20) == -9
    written = json.loads((office.room / "signer" / "state.json").read_text())["note"]
    office.grow(2)
    with process(office, "") as again:
        try:
            assert office.desk.signer.sign(size).decode() == written
            assert checkpoint_of(written).root == office.root(size)
        finally:
            again.kill()
    signed = (office.room / "signer" / "signed.txt").read_text().splitlines()
    assert len({line for line in signed if f" {size} " in line}) == 1


def test_the_signer_s_process_never_sees_the_deployment_key(office: Office):
    """It opens the same database without any key, and cannot write to it."""
    before = hashlib.sha256(b"".join(one.leaf for one in office.leaves())).digest()
    with process(office, "") as running:
        try:
            assert office.desk.signer.sign(office.head().size)
        finally:
            running.kill()
    assert hashlib.sha256(b"".join(one.leaf for one in office.leaves())).digest() == before
