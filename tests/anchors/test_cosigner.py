"""Our client in front of a real witness over HTTP, and of witnesses that lie."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from flask import Flask, Response

from bot.anchors.cosigner import Cosigner
from bot.anchors.cosigning import NotCosigned, cosigned_line
from bot.anchors.submission import Malformed, read, read_size, written
from bot.witness.keyfile import witness_key
from bot.witness.serving import witness_app
from bot.witness.store import Store
from bot.witness.witness import Witness
from evidence import cosignature
from evidence.note import joined, opened, parse_vkey
from handlers.vouching import AnchorFailed, Anchoring
from tests.anchors.trees import ORIGIN, Tree, served

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
KEY = witness_key("witness.lawfirm.example", b"\x07" * 32)
TREE, FORK = Tree(), Tree(salt=b"fork", changed=2)


def asking(size, last=0, tree=TREE):
    return Anchoring(
        tree.note(size), tree.checkpoint(size), lambda old: tree.proof(old, size), last, [tree.key]
    )


@pytest.fixture
def witness(tmp_path):
    made = Witness(KEY, Store(tmp_path), [TREE.key], lambda: NOW)
    with served(witness_app(made, lambda _: None)) as url:
        yield Cosigner(url, KEY.public), made


def said_by(*answers, page=None):
    """Serve a witness that gives these answers in turn: (status, body)."""
    app, left = Flask("liar"), list(answers)

    @app.post("/add-checkpoint")
    def add():
        status, body = left.pop(0)
        return Response(body, status, content_type="text/x.tlog.size")

    @app.get("/<_>/checkpoint")
    def shown(_):
        return Response(page or "", 200 if page else 404)

    return served(app)


def test_a_witness_cosigns_and_its_line_is_kept_with_its_time(witness):
    answer = witness[0].anchor(asking(5))

    assert (answer.media, answer.time) == ("text/plain", NOW)
    assert opened(joined(TREE.checkpoint(5).body(), [answer.token]), [KEY.public])[1] == (KEY.public,)


@pytest.mark.parametrize("last", [0, 3, 5, 6])
def test_whatever_we_remember_the_witness_s_own_size_counts(witness, last):
    witness[0].anchor(asking(5))

    assert witness[0].anchor(asking(9, last)).time == NOW


def test_the_same_checkpoint_again_is_cosigned_again(witness):
    witness[0].anchor(asking(5))
    assert witness[0].anchor(asking(5)).time == NOW


def test_a_witness_that_shows_a_larger_checkpoint_tells_us_that_we_are_behind(witness):
    witness[0].anchor(asking(9))
    with pytest.raises(AnchorFailed) as caught:
        witness[0].anchor(asking(5))
    assert caught.value.ahead == 9


@pytest.mark.parametrize(
    "page",
    [
        None,
        TREE.note(9),
        joined(Tree("huizheng.zzzzzzzz/log/1").checkpoint(9).body(),
               [KEY.cosign(Tree("huizheng.zzzzzzzz/log/1").checkpoint(9).body(), NOW)]),
        joined(TREE.checkpoint(8).body(), [KEY.cosign(TREE.checkpoint(8).body(), NOW)]),
        joined(TREE.checkpoint(9).body(), [KEY.cosign(TREE.checkpoint(9).body(), NOW)]),
    ],
    ids=["nothing", "not cosigned", "another log", "another size", "never signed by us"],
)  # fmt: skip
def test_a_bare_number_does_not_tell_us_so(page):
    with (
        said_by((409, "9\n"), page=page) as url,
        pytest.raises(AnchorFailed, match="says that it saw 9") as caught,
    ):
        Cosigner(url, KEY.public).anchor(asking(5))
    assert caught.value.ahead is None


def test_a_fork_of_ours_is_not_cosigned(witness):
    witness[0].anchor(asking(5))
    with pytest.raises(AnchorFailed, match="HTTP 422"):
        witness[0].anchor(asking(9, 5, FORK))


STRANGER = witness_key("witness.other.example", b"\x09" * 32)
BODY = TREE.checkpoint(5).body()


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([(500, "oops")], "HTTP 500: oops"),
        ([(200, "")], "no line"),
        ([(200, b"<html>\n")], "does not hold"),
        ([(200, STRANGER.cosign(BODY, NOW))], "no line"),
        ([(200, KEY.cosign(TREE.checkpoint(4).body(), NOW))], "does not hold"),
        ([(409, "x\n")], "no size"),
        ([(409, "3\n"), (409, "3\n")], "HTTP 409"),
        ([(409, "0\n"), (404, "no such log")], "HTTP 404"),
    ],
)
def test_each_failure_and_each_lie_is_named(answers, why):
    with said_by(*answers) as url, pytest.raises(AnchorFailed, match=why):
        Cosigner(url, KEY.public).anchor(asking(5))


def test_of_several_lines_only_the_known_witness_s_is_kept():
    ours = KEY.cosign(BODY, NOW)
    with said_by((200, STRANGER.cosign(BODY, NOW) + ours + STRANGER.cosign(BODY, NOW))) as url:
        assert Cosigner(url, KEY.public).anchor(asking(5)).token == ours


def test_a_cosignature_made_elsewhere_is_read_as_it_should_be(vectors):
    told = json.loads((vectors / "cosignature_made_here.json").read_text())
    note = told["cosigned_checkpoint"].encode()
    key = parse_vkey(told["witness_vkey"])
    line = note.splitlines(keepends=True)[-1]

    found, at = cosigned_line(line, note, key)
    assert (found, int(at.timestamp())) == (line, told["timestamp"])
    with pytest.raises(NotCosigned):
        changed = told["timestamp_changed"].encode()
        cosigned_line(changed.splitlines(keepends=True)[-1], changed, key)


def test_what_a_witness_signs_is_what_the_vector_s_witness_signed(vectors):
    told = json.loads((vectors / "cosignature_made_here.json").read_text())
    body = told["cosigned_checkpoint"].encode().partition(b"\n\n")[0] + b"\n"

    assert cosignature.message(body, told["timestamp"]) == (
        b"cosignature/v1\ntime %d\n" % told["timestamp"] + body
    )
    line = KEY.cosign(body, datetime.fromtimestamp(told["timestamp"], UTC))
    assert cosigned_line(line, told["cosigned_checkpoint"].encode(), KEY.public)[0] == line


@pytest.mark.parametrize(("old", "size"), [(0, 5), (3, 7), (7, 7), (8, 64)])
def test_a_request_reads_back_as_it_was_written(old, size):
    given = read(written(old, TREE.proof(old, size), TREE.note(size)))
    assert (given.old, list(given.proof), given.note) == (old, TREE.proof(old, size), TREE.note(size))


@pytest.mark.parametrize("body", [b"", b"5", b"05\n", b"-1\n", b"5\n5\n", "５\n".encode(), b"9" * 30 + b"\n"])
def test_a_size_is_a_decimal_and_a_newline(body):
    with pytest.raises(Malformed):
        read_size(body)


def test_the_page_of_a_log_is_named_by_its_origin_s_hash(witness, tmp_path):
    witness[0].anchor(asking(5))
    assert (tmp_path / sha256(ORIGIN.encode()).hexdigest() / "checkpoint").exists()
