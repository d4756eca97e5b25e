"""What a witness answers to each request (C2SP tlog-witness), and what it remembers of it."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from bot.anchors.submission import written
from bot.witness.keyfile import KeyUnusable, make_key, read_key, witness_key
from bot.witness.serving import witness_app
from bot.witness.store import Store
from bot.witness.witness import Witness
from evidence import cosignature
from evidence.checkpoint import Checkpoint
from evidence.note import joined, opened, parse_vkey
from tests.anchors.trees import ORIGIN, Tree

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
KEY = witness_key("witness.lawfirm.example", b"\x07" * 32)
LOG, FORK = Tree(), Tree(salt=b"fork", changed=4)
STRANGER = Tree(seed=b"\x02" * 32)
OTHER = Tree(origin="huizheng.zzzzzzzz/log/1")


class Place:
    """A witness over HTTP, the alarms that it raised, and the folder that it remembers in."""

    def __init__(self, folder):
        self.folder, self.alarms = folder, []
        self.witness = Witness(KEY, Store(folder), [LOG.key], lambda: NOW)
        self.http = witness_app(self.witness, self.alarms.append).test_client()

    def add(self, body):
        return self.http.post("/add-checkpoint", data=body)

    def size(self):
        answer = self.http.get(f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint")
        return int(answer.data.split(b"\n")[1]) if answer.status_code == 200 else None


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "state")


def changed(body, old, new):
    assert old in body
    return body.replace(old, new)


def test_the_first_checkpoint_needs_no_proof_and_is_cosigned(place):
    answer = place.add(LOG.body(0, 5))

    assert answer.status_code == 200
    found, signers = opened(joined(LOG.checkpoint(5).body(), [answer.data]), [KEY.public])
    assert signers == (KEY.public,)
    assert cosignature.time_of(found.signatures[0]) == NOW


@pytest.mark.parametrize("to", [5, 6, 8, 13, 64])
def test_what_continues_is_cosigned_and_shown(place, to):
    place.add(LOG.body(0, 5))

    assert place.add(LOG.body(5, to)).status_code == 200
    shown = place.http.get(f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint").data
    assert set(opened(shown, [LOG.key, KEY.public])[1]) == {LOG.key, KEY.public}
    assert place.size() == to


def small(size=1, root=b"\x00" * 32):
    return LOG.note(0, Checkpoint(ORIGIN, size, root))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"old 5\n\n", 400),
        (b"old 05\n\n" + LOG.note(7), 400),
        (b"old -1\n\n" + LOG.note(7), 400),
        (b"old 5\n" + b"A" * 44 + b"\n\n" + LOG.note(7), 400),
        (b"old 5\nAAAA\n\n" + LOG.note(7), 400),
        (written(5, [b"\x01" * 32] * 64, LOG.note(7)), 400),
        (changed(LOG.body(5, 7), b"old 5\n", b"old 9\n"), 400),
        (changed(LOG.body(5, 7), b"\n7\n", b"\n07\n"), 400),
        (LOG.body(5, 7) + b"x" * 70_000, 413),
        (STRANGER.body(5, 7), 403),
        (changed(LOG.body(5, 7), LOG.note(7)[-12:-4], b"AAAAAAAA"), 403),
        (OTHER.body(0, 7), 404),
        (LOG.body(0, 7), 409),
        (LOG.body(4, 7), 409),
        (LOG.body(6, 7), 409),
        (LOG.body(3, 4), 409),
        (FORK.body(5, 7), 422),
        (written(5, [], LOG.note(7)), 422),
        (written(5, [*LOG.proof(5, 7), b"\x01" * 32], LOG.note(7)), 422),
        (FORK.body(5, 5), 422),
        (written(5, LOG.proof(5, 7), LOG.note(5)), 422),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else None,
)
def test_what_is_refused_is_refused_as_the_protocol_says_and_nothing_is_forgotten(place, body, status):
    place.add(LOG.body(0, 5))
    answer = place.add(body)

    assert answer.status_code == status
    assert place.size() == 5
    if status == 409:
        assert (answer.data, answer.headers["Content-Type"]) == (b"5\n", "text/x.tlog.size")


def test_an_empty_log_has_the_empty_root_and_needs_no_proof_later(place):
    assert place.add(written(0, [], small(0))).status_code == 422
    assert place.add(LOG.body(0, 0)).status_code == 200
    assert place.add(written(0, [b"\x01" * 32], LOG.note(3))).status_code == 422
    assert place.add(LOG.body(0, 3)).status_code == 200


def test_a_fork_raises_an_alarm_and_both_notes_are_kept(place):
    place.add(LOG.body(0, 5))
    place.add(FORK.body(5, 7))

    (alarm,) = place.alarms
    kept = {path.name: path.read_bytes() for path in alarm.folder.iterdir()}
    assert opened(kept["seen-before"], [LOG.key])[1] == opened(kept["shown-now"], [LOG.key])[1] == (LOG.key,)
    assert kept["as-it-came"] == FORK.body(5, 7)


def test_a_wrong_proof_of_anybody_s_is_refused_without_an_alarm_and_kept_nowhere(place):
    place.add(LOG.body(0, 5))
    for number in range(130):
        wrong = written(5, [number.to_bytes(32, "big")] * (number % 4), LOG.note(6 + number))
        assert place.add(wrong).status_code == 422

    assert place.alarms == [] and list(place.folder.glob("conflicts/*")) == [] and place.size() == 5


@pytest.mark.parametrize("old", [0, 3, 5, 9])
def test_another_root_of_the_same_size_is_a_fork_whatever_size_it_continues(place, old):
    place.add(LOG.body(0, 5))
    answer = place.add(written(old, [], FORK.note(5)))

    assert answer.status_code == 422 and len(place.alarms) == 1
    assert (place.alarms[0].folder / "shown-now").read_bytes() == FORK.note(5)


def test_strangers_lines_make_no_second_conflict_of_one(place):
    place.add(LOG.body(0, 5))
    for number in range(1, 120):
        junk = STRANGER.note(number).splitlines(keepends=True)[-1]
        assert place.add(written(5, [], FORK.note(5) + junk)).status_code == 422
        place.add(LOG.body(5, 5))  # cosigned anew meanwhile

    (kept,) = place.folder.glob("conflicts/*")
    assert len(place.alarms) == 1
    assert (kept / "shown-now").read_bytes() == FORK.note(5)  # with the log's own line alone


def test_so_many_lies_of_the_log_itself_are_kept_and_no_more(place):
    place.add(LOG.body(0, 5))
    for number in range(103):
        place.add(written(5, [], small(5, number.to_bytes(32, "big"))))

    assert len(list(place.folder.glob("conflicts/*"))) == 100 and place.size() == 5


def test_strangers_lines_on_a_note_are_not_kept(place):
    lines = b"".join(joined(b"", [STRANGER.note(5).splitlines(keepends=True)[-1]])[1:] for _ in range(95))
    assert place.add(LOG.body(0, 5) + lines).status_code == 200
    assert place.add(LOG.body(5, 6)).status_code == 200


def test_of_many_at_once_each_continues_the_one_before(place):
    """Thirty-two threads race; the size that is remembered only ever grows, and no line vouches for less."""
    place.add(LOG.body(0, 1))

    def climb(size):
        client = witness_app(place.witness, place.alarms.append).test_client()
        old = place.size()
        return (
            size
            if client.post("/add-checkpoint", data=LOG.body(old, max(old, size))).status_code == 200
            else 0
        )

    with ThreadPoolExecutor(16) as threads:
        done = [size for size in threads.map(climb, range(2, 34)) if size]

    assert done and place.size() == max(done) and not place.alarms


KILLED = """
import os, signal, sys
from pathlib import Path
from bot.witness import store
from tests.witness.test_protocol import Place, LOG
place = Place(Path(sys.argv[1]))
place.add(LOG.body(0, 5))
after = sys.argv[2] == "after"
keep = store.durably_write
def dying(path, data):
    if after: keep(path, data)
    os.kill(os.getpid(), signal.SIGKILL)
store.durably_write = dying
place.add(LOG.body(5, 7))
"""


@pytest.mark.long
@pytest.mark.parametrize(("when", "size"), [("before", 5), ("after", 7)])
def test_killed_around_its_writing_it_has_answered_nobody_and_goes_on(tmp_path, when, size):
    folder = tmp_path / "state"
    died = subprocess.run([sys.executable, "-c", KILLED, str(folder), when], cwd=Path(__file__).parents[2])

    assert died.returncode == -9
    again = Place(folder)
    assert again.size() == size
    assert again.add(LOG.body(5, 7)).status_code == (200 if size == 5 else 409)
    assert again.add(LOG.body(7, 7)).status_code == 200


def test_two_processes_on_one_folder_shut_each_other_out(place, tmp_path):
    code = (
        "import sys; from pathlib import Path; from bot.witness.store import Store\n"
        "with Store(Path(sys.argv[1])).alone(): print('in', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(place.folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], **pipes) as other:
        assert other.stdout.readline() == "in\n"
        with ThreadPoolExecutor(1) as thread:
            waiting = thread.submit(place.add, LOG.body(0, 5))
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
            other.stdin.close()
            assert waiting.result(timeout=10).status_code == 200


def test_the_key_file_is_ours_alone_and_is_never_overwritten(tmp_path):
    path = tmp_path / "key"
    made = make_key(path, "witness.example", b"\xfb" * 32)

    assert path.stat().st_mode & 0o077 == 0
    assert read_key(path) == made and parse_vkey(made.public.vkey) == made.public
    with pytest.raises(KeyUnusable):
        make_key(path, "witness.example", os.urandom(32))


@pytest.mark.parametrize(
    "change",
    [lambda key: key[:-6] + "\n", lambda key: key.replace("ss.e", "ss.x"), lambda _: "", lambda _: "回证"],
)
def test_a_damaged_key_file_is_refused(tmp_path, change):
    path = tmp_path / "key"
    make_key(path, "witness.example", b"\xfb" * 32)
    path.write_text(change(path.read_text()))
    with pytest.raises(KeyUnusable, match="copy"):
        read_key(path)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_name_that_no_note_could_carry_is_refused(tmp_path, name):
    with pytest.raises(KeyUnusable):
        make_key(tmp_path / "key", name, b"\x01" * 32)
