"""A witness behind NAT, as a process of its own, in front of our real application; on both databases."""

import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from flask import Flask, Response

from bot.anchors.build import witness_keys
from bot.anchors.pulled import PullingWitness
from bot.anchors.submission import read, written
from bot.commands.witness import witness_command
from bot.config import Evidence
from bot.witness.keyfile import make_key, witness_key
from bot.witness.offer import offer
from evidence.note import opened, parse_vkey
from handlers.anchors import anchor_now
from handlers.checkpoints import sign_now
from storage.log import halt
from tests.anchors.trees import Tree, served
from tests.anchors.world import DOWN, PretendAnchor, anchored_world

ROOT = Path(__file__).parents[2]
NAME = "witness.lawfirm.example"
KEY = witness_key(NAME, b"\x07" * 32)


@pytest.fixture
def here(database_url, tmp_path):
    with anchored_world(database_url, tmp_path, PullingWitness(NAME)) as made:
        yield made


@contextmanager
def our_server(here, *vkeys):
    evidence = Evidence(origin="huizheng.testtest/log/1", witness_keys=vkeys or (KEY.public.vkey,))
    app = Flask("bot")
    app.register_blueprint(offer(here.desk, witness_keys(evidence)))
    with served(app) as url:
        yield url


@pytest.fixture
def url(here):
    with our_server(here) as address:
        yield address


def run(folder, *words):
    """Run `huizheng witness` as counsel does, but in this process: starting another one takes seconds."""
    paths = ["--key", str(folder / "key"), "--state", str(folder / "state")]
    return CliRunner().invoke(witness_command, [*paths, *words])


def witness(folder, url, vkey, *more):
    key = folder / "key"
    if not key.exists():
        make_key(key, NAME, b"\x07" * 32)
    return run(folder, "--log", vkey, "--pull", url, "--once", *more)


def test_it_pulls_cosigns_and_its_line_is_sealed(here, url, tmp_path):
    sign_now(here.desk)
    vkey = here.signer.status().vkey
    done = witness(tmp_path, url, vkey)

    assert done.exit_code == 0, done.output
    (sealed,) = here.sealed("anchor.received")
    assert sealed.told["kind"] == "witness" and sealed.told["service"] == NAME
    note = sealed.parts["note"] + sealed.parts["token"]
    assert set(opened(note, [parse_vkey(vkey), KEY.public])[1]) == {parse_vkey(vkey), KEY.public}

    here.remind()
    sign_now(here.desk)
    assert witness(tmp_path, url, vkey).exit_code == 0
    assert witness(tmp_path, url, vkey).exit_code == 0  # nothing new: no second record
    assert len(here.sealed("anchor.received")) == 2


def test_its_silence_is_noticed_and_its_coming_ends_it(here, url, tmp_path):
    anchor_now(here.desk, 10)
    assert [one.service for one in here.unanswered()] == [NAME]
    for _ in range(26):
        here.clock.pass_time(hours=1)
        here.sweep()
    assert [one.told["service"] for one in here.sealed("anchor.missed")] == [NAME]

    assert witness(tmp_path, url, here.signer.status().vkey).exit_code == 0
    assert here.unanswered() == []


def pages(checkpoint_body, status=200, taken=None):
    """A server of somebody else's: it offers this, and takes any cosignature."""
    app = Flask("liar")

    @app.get("/log/add-checkpoint")
    def offered():
        return Response(checkpoint_body, status)

    @app.post("/log/cosignatures")
    def cosignatures():
        return "recorded\n" if taken is None else taken

    return served(app)


TREE = Tree()
FORK, EPOCH = Tree(salt=b"x", changed=3), Tree(origin="huizheng.a1b2c3d4/log/2")
STRANGER = Tree(seed=b"\x05" * 32)
SIGNED = ("分叉", "变短", "答非所问")  # the log's own key signed what contradicts


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (FORK.body(5, 7), 200, "分叉"),
        (written(5, [], FORK.note(5)), 200, "分叉"),
        (b"3\n", 409, "变短"),
        (TREE.body(3, 4), 200, "变短"),
        (TREE.body(5, 5).replace(TREE.note(5), TREE.note(4)), 200, "变短"),
        (FORK.body(0, 4), 200, "变短"),
        (written(0, [], FORK.note(5)), 200, "分叉"),
        (FORK.body(0, 9), 200, "答非所问"),
        (TREE.body(0, 9), 200, "答非所问"),
        (written(5, [], TREE.note(9)), 200, "分叉"),
        (EPOCH.body(0, 3), 200, "新纪元"),
        (STRANGER.body(5, 7), 200, "拒绝见证"),
    ],
    ids=[
        "a fork",
        "another root at the same size",
        "shrunk",
        "shorter, from less",
        "shorter, as asked",
        "a shorter fork",
        "another root at the same size, from nothing",
        "a fork from nothing",
        "longer, from nothing",
        "longer without a proof",
        "a new epoch",
        "an unknown key",
    ],
)
def test_what_contradicts_what_it_saw_is_refused_loudly(tmp_path, body, status, words):
    with pages(TREE.body(0, 5)) as address:
        assert witness(tmp_path, address, TREE.key.vkey).exit_code == 0
    with pages(body, status) as address:
        done = witness(tmp_path, address, TREE.key.vkey)

    assert done.exit_code == 1
    assert words in done.stderr and "不要删除" in done.stderr and "REFUSED" in done.stderr
    kept = sorted(path.name for path in (tmp_path / "state").glob("conflicts/*/*"))
    assert kept == (["as-it-came", "seen-before", "shown-now"] if status == 200 and words in SIGNED else [])
    with pages(TREE.body(5, 9)) as address:  # what it saw is not forgotten
        assert witness(tmp_path, address, TREE.key.vkey).exit_code == 0


@pytest.mark.parametrize(
    ("body", "status"), [(b"<html>please sign in</html>", 200), (b"", 503), (b"no such page", 404)]
)
def test_a_server_that_is_away_is_no_contradiction(tmp_path, body, status):
    with pages(body, status) as address:
        done = witness(tmp_path, address, TREE.key.vkey)
    assert done.exit_code == 1 and "not reached" in done.stderr and "不要删除" not in done.stderr


def test_a_line_that_did_not_arrive_is_brought_the_next_time(tmp_path):
    with pages(TREE.body(0, 5), taken=("busy", 503)) as address:
        assert witness(tmp_path, address, TREE.key.vkey).exit_code == 1
    with pages(TREE.body(5, 5)) as address:
        assert witness(tmp_path, address, TREE.key.vkey).exit_code == 0


def test_a_new_epoch_needs_a_person(tmp_path):
    with pages(TREE.body(0, 5)) as address:
        witness(tmp_path, address, TREE.key.vkey)
    with pages(EPOCH.body(0, 3)) as address:
        refused = witness(tmp_path, address, EPOCH.key.vkey)
        accepted = witness(tmp_path, address, EPOCH.key.vkey, "--accept-epoch")
    with pages(EPOCH.body(3, 3)) as address:
        again = witness(tmp_path, address, EPOCH.key.vkey)

    assert (refused.exit_code, accepted.exit_code, again.exit_code) == (1, 0, 0)
    assert "--accept-epoch" in refused.stderr


def test_the_first_start_prints_the_key_and_what_to_do_with_it(tmp_path):
    options = ["--log", TREE.key.vkey, "--once", "--pull"]
    runs = []
    for body in (TREE.body(0, 5), TREE.body(5, 5)):
        with pages(body) as address:
            runs.append(run(tmp_path, *options, address))
    found = [re.findall(r"^witness\.\S+\+\S+$", run.stdout, re.MULTILINE) for run in runs]
    assert found[0] == found[1] and parse_vkey(found[0][0]).name.startswith("witness.")
    assert "evidence.witness_keys" in runs[0].stdout and "evidence.witness_keys" not in runs[1].stdout


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--log", "nonsense"], "--log is not a vkey"),
        (["--log", KEY.public.vkey], "is a witness's key"),
        (["--log", TREE.key.vkey, "--pull", "http://127.0.0.1:9", "--every", "soon"], "--every"),
        (["--log", TREE.key.vkey, "--bind", "here"], "--bind"),
    ],
)
def test_options_that_cannot_be_used_are_named(tmp_path, option, words):
    done = run(tmp_path, *option)
    assert done.exit_code == 2 and words in done.stderr


def test_as_a_process_it_serves_until_it_is_told_to_stop(tmp_path):
    words = ["--key", str(tmp_path / "k"), "--state", str(tmp_path / "s"), "--log", TREE.key.vkey]
    command = [sys.executable, "-m", "bot", "witness", *words, "--bind", "127.0.0.1:0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        vkey = next(line for line in process.stdout if line.startswith("witness."))
        address = re.search(r"127.0.0.1:[1-9]\d*", process.stdout.readline())[0]
        assert vkey in requests.get(f"http://{address}/", timeout=5).text
        answer = requests.post(f"http://{address}/add-checkpoint", data=TREE.body(0, 5), timeout=5)
        assert answer.status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


# --- our pages


def test_anybody_may_see_the_signed_checkpoint(here, url):
    assert requests.get(f"{url}/log/checkpoint", timeout=5).status_code == 404
    note = sign_now(here.desk)
    assert requests.get(f"{url}/log/checkpoint", timeout=5).content == note


def test_what_a_witness_asks_for_is_answered_in_the_form_of_its_own_request(here, url):
    asked = {"": 400, "?old=": 400, "?old=-1": 400, "?old=1e3": 400, "?old=" + "9" * 40: 400,
             "?old=999": 409, "?old=0": 200, "?old=1": 200}  # fmt: skip
    note = sign_now(here.desk)
    answers = {query: requests.get(f"{url}/log/add-checkpoint{query}", timeout=5) for query in asked}

    assert {query: answer.status_code for query, answer in answers.items()} == asked
    assert [read(answers[f"?old={old}"].content).note for old in (0, 1)] == [note, note]


def post(url, size, lines):
    return requests.post(f"{url}/log/cosignatures?size={size}", data=lines, timeout=5).status_code


def test_only_a_known_witness_s_line_over_a_note_of_ours_is_taken(here, url):
    note = sign_now(here.desk)
    body, at = note.partition(b"\n\n")[0] + b"\n", datetime.now(UTC)
    size = int(body.split(b"\n")[1])
    stranger = witness_key("witness.other.example", b"\x09" * 32)

    assert post(url, "x", b"") == 400
    assert post(url, size + 1, KEY.cosign(body, at)) == 404
    assert post(url, size, stranger.cosign(body, at)) == 403
    assert post(url, size, KEY.cosign(body + b"x", at)) == 403
    assert post(url, size, b"\xff\xfe") == 403
    assert post(url, size, b"x" * 20_000) == 413
    assert here.sealed("anchor.received") == []
    with here.archive.engine.begin() as connection:
        halt(connection, "a test")
    assert post(url, size, KEY.cosign(body, at)) == 503


def test_a_witness_that_pulls_is_not_asked_but_the_others_are(here):
    tsa = PretendAnchor("tsa.example.cn", answers=[DOWN])
    here.signed_by([PullingWitness(NAME), tsa])
    done = anchor_now(here.desk, 10)
    assert set(done.waiting) == {NAME, "tsa.example.cn"} and len(tsa.asked) == 1
