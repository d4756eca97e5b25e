"""Somebody deletes by plain SQL and calls it an erasure, or undoes one: the audit tells the difference."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from evidence import note
from evidence.checkpoint import Checkpoint
from handlers.erase import Wish
from storage import checkpoints, source
from storage.audit import audit
from storage.book import Reader
from tests.erasure.living import Lived
from tests.world import CASE_NO

BLOB = "(SELECT text_blob FROM reply)"
REPLY = "(SELECT id FROM record WHERE stream LIKE 'case:%' AND cseq = :reply)"
NONE, OTHER = b"", b"\1" * 32

Deed = tuple[tuple[str, ...], set[str]]


def found_after(lived: Lived, statements: tuple[str, ...], values: Mapping[str, Any]) -> set[str]:
    """Do this by SQL, audit what others would then see, and undo it."""
    with lived.archive.engine.connect() as connection:
        for sql in statements:
            used = {name: value for name, value in values.items() if f":{name}" in sql}
            assert connection.execute(sa.text(sql), used).rowcount, sql
        view = Reader(connection, lived.archive.keys, lived.archive.clock)
        codes = {one.code for one in audit(view).findings}
        connection.rollback()
    return codes


def check(lived: Lived, deeds: Mapping[str, Deed], **more: Any) -> None:
    (reply,) = lived.rows("SELECT cseq FROM record WHERE id = :id", id=more.pop("reply_id"))
    values = {"reply": reply.cseq, "none": NONE, "other": OTHER, **more}
    assert found_after(lived, (), values) == set()
    missed = [name for name, (sql, codes) in deeds.items() if not codes <= found_after(lived, sql, values)]
    assert missed == []


UNRECORDED: dict[str, Deed] = {
    "marked only": (
        (f"UPDATE blob SET erased_by = 'x' WHERE id = {BLOB}",),
        {"part-missing", "part-unlisted"},
    ),
    "marked and destroyed": (
        (
            f"DELETE FROM blob_key WHERE blob_id = {BLOB}",
            f"DELETE FROM blob_chunk WHERE blob_id = {BLOB}",
            f"UPDATE blob SET erased_by = 'x' WHERE id = {BLOB}",
        ),
        {"part-missing"},
    ),
    "the key only": ((f"DELETE FROM blob_key WHERE blob_id = {BLOB}",), {"commitment"}),
    "the leaf": ((f"UPDATE record SET leaf = :none WHERE id = {REPLY}",), {"leaf-hash", "leaf-form"}),
    "the leaf and its hash": (
        (f"UPDATE record SET leaf = :none, leaf_hash = :none WHERE id = {REPLY}",),
        {"leaf-hash", "leaf-form"},
    ),
}


def test_what_is_gone_without_a_record_of_its_erasure_is_found(lived: Lived):
    (reply,) = lived.records("reply.received")

    check(lived, UNRECORDED, reply_id=reply)


AFTER_LEVEL_1: dict[str, Deed] = {
    "another record's content under the same erasure": (
        ("UPDATE blob SET erased_by = :done WHERE id = (SELECT text_blob FROM notice)",),
        {"part-missing", "part-unlisted"},
    ),
    "the leaf too": ((f"UPDATE record SET leaf = :none WHERE id = {REPLY}",), {"leaf-hash"}),
    "the record of the erasure": (("DELETE FROM record WHERE id = :done",), {"part-missing", "checkpoint"}),
    "the key put back": (("INSERT INTO blob_key VALUES (:blob, :wrapped)",), {"part-unlisted"}),
}


def test_an_erasure_of_content_excuses_nothing_else(lived: Lived):
    (key,) = lived.rows(f"SELECT * FROM blob_key WHERE blob_id = {BLOB}")
    (reply,) = lived.records("reply.received")
    done = lived.erase(Wish("purpose-achieved", "x", 1, CASE_NO, records=(reply,))).record

    more = {"done": done, "blob": key.blob_id, "wrapped": bytes(key.wrapped)}
    check(lived, AFTER_LEVEL_1, reply_id=reply, **more)


AFTER_LEVEL_2: dict[str, Deed] = {
    "another hash of the erased leaf": (
        (f"UPDATE record SET leaf_hash = :other WHERE id = {REPLY}",),
        {"checkpoint", "proof"},
    ),
    "no hash of the erased leaf": (
        (f"UPDATE record SET leaf_hash = :none WHERE id = {REPLY}",),
        {"leaf-hash", "checkpoint"},
    ),
}


def test_the_hash_that_stays_of_an_erased_leaf_still_counts(lived: Lived):
    (receipt,) = lived.records("receipt.received")
    lived.erase(Wish("purpose-achieved", "x", 2, CASE_NO, records=(receipt,)))

    check(lived, AFTER_LEVEL_2, reply_id=receipt)


ROOT = (
    "level = (SELECT min(level) FROM log_node WHERE position = :bare >> level) AND position = :bare >> level"
)
NEW_TASK = (
    "INSERT INTO task (id, case_id, kind, due_at, state, record_id)"
    + " VALUES (:task, :case, 'x', 0, 'open', 'x')"
)
AFTER_LEVEL_3: dict[str, Deed] = {
    "another root": ((f"UPDATE log_node SET hash = :other WHERE {ROOT}",), {"checkpoint"}),
    "no root": ((f"DELETE FROM log_node WHERE {ROOT}",), {"checkpoint"}),
    "a row of the case put back": ((NEW_TASK,), {"row-unvouched"}),
}


def test_the_root_that_stays_of_forgotten_hashes_still_counts(lived: Lived):
    (reply,) = lived.records("reply.received")
    sign(lived)
    lived.erase(Wish("purpose-achieved", "x", 3, CASE_NO))
    sign(lived)
    (bare, *_) = lived.rows("SELECT position FROM record WHERE length(leaf_hash) = 0 ORDER BY position")

    more = {"bare": bare.position, "task": lived.archive.ids.uuid(), "case": lived.world.case_id}
    check(lived, AFTER_LEVEL_3, reply_id=reply, **more)


def sign(lived: Lived, root: bytes | None = None) -> None:
    """Keep a note over the log as it is, or as it never was; the audit looks at what it says."""
    with lived.archive.writing() as book:
        point = source.checkpoint(book.connection)
        told = Checkpoint(point.origin, point.size, root or point.root)
        line = note.line(note.Key(point.origin, note.LOG, bytes(32)), bytes(64))
        signed = note.joined(told.body(), [line])
        checkpoints.save(book.connection, point.origin, point.size, signed, book.now)


FORKS: dict[str, Deed] = {
    "of another size": (("UPDATE checkpoint SET size = size + 1",), {"fork"}),
    "of another log": (("UPDATE checkpoint SET origin = 'huizheng.other222/log/1'",), {"fork"}),
    "no note": (("UPDATE checkpoint SET note = :other",), {"fork"}),
}


def test_a_signed_note_over_another_history_is_a_fork(lived: Lived):
    (reply,) = lived.records("reply.received")
    sign(lived)
    check(lived, FORKS, reply_id=reply)
    lived.run("DELETE FROM checkpoint")
    sign(lived, root=b"\7" * 32)

    assert lived.codes() == {"fork"}
