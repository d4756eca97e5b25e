"""What somebody with the database, our code and the deployment key can do: rewrite all without a flaw."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence import canonical, merkle, records
from storage.book import JSON, TEXT, Archive, Book, case_stream
from storage.log import ZEROS
from storage.schema import anchor_job, checkpoint, log_head, log_node, record, record_part, reply, stream_head

TRACES = ("anchor.received", "anchor.sent", "anchor.missed", "heads.made", "key.rotated")


@dataclass
class Entry:
    """One record as the forger holds it: its row, and its leaf's fields before they are sealed again."""

    row: dict[str, Any]
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.fields["kind"])


Change = Callable[[list[Entry]], list[Entry]]


def rewrite(archive: Archive, change: Change) -> None:
    """Change the list of records, then make every number, link, hash, node and head anew."""
    with archive.engine.begin() as connection:
        rows = connection.execute(sa.select(record).order_by(record.c.position)).mappings().all()
        entries = [Entry(dict(row), records.parse_leaf(bytes(row["leaf"]))) for row in rows]
        write(connection, change(entries))


def write(connection: Connection, entries: list[Entry]) -> None:
    frontier: tuple[bytes, ...] = ()
    nodes, streams, made, hashes = [], dict[str, tuple[int, str]](), [], dict[str, str]()
    for position, one in enumerate(entries):
        stream, old = one.fields["stream"], bytes(one.row["leaf_hash"]).hex()
        cseq, cprev = streams.get(stream, (0, ZEROS))
        refs = [_recited(ref, hashes) for ref in one.fields["refs"]]
        leaf = records.make_leaf(one.fields | {"cseq": cseq + 1, "cprev": cprev, "refs": refs})
        leaf_hash = merkle.leaf_hash(leaf)
        hashes[old], streams[stream] = leaf_hash.hex(), (cseq + 1, leaf_hash.hex())
        frontier, completed = merkle.append(frontier, position, leaf_hash)
        nodes += [{"level": level, "position": at, "hash": value} for level, at, value in completed]
        place = {"position": position, "cseq": cseq + 1, "leaf": leaf, "leaf_hash": leaf_hash}
        made.append({**one.row, **place})
    for table in (record, log_node, stream_head):
        connection.execute(sa.delete(table))
    connection.execute(sa.insert(record), made)
    connection.execute(sa.insert(log_node), nodes)
    heads = [
        {"stream": name, "cseq": cseq, "leaf_hash": bytes.fromhex(value)}
        for name, (cseq, value) in streams.items()
    ]
    connection.execute(sa.insert(stream_head), heads)
    connection.execute(sa.update(log_head).values(size=len(made), frontier=b"".join(frontier)))


def reword_reply(archive: Archive, text: str) -> None:
    """Put other words into the employee's mouth: new sealed bytes, new facts, then the whole log anew."""
    with archive.engine.begin() as connection:
        book = Book(connection, archive.keys, archive.clock, archive.ids, sandbox=False)
        row = connection.execute(sa.select(reply)).mappings().one()
        stream = case_stream(row["case_id"])
        said = book.keep(stream, text.encode(), TEXT)
        facts = json.loads(book.open(_part(connection, row["record_id"], "facts")).data)
        for one in facts["rows"]:
            if one["table"] == "reply":
                one["columns"]["text_blob"] = said.commitment.hex()
        told = book.keep(stream, canonical.dumps(facts), JSON)
        book.seal()  # no record: only what was kept is written
        connection.execute(sa.update(reply).values(text_blob=said.id))
        for name, kept in {"text": said, "facts": told}.items():
            at = (record_part.c.record_id == row["record_id"], record_part.c.name == name)
            connection.execute(sa.update(record_part).where(*at).values(blob_id=kept.id))
    commits = {"text": said.commitment.hex(), "facts": told.commitment.hex()}

    def change(entries: list[Entry]) -> list[Entry]:
        for one in entries:
            if one.fields["id"] == row["record_id"]:
                for part in one.fields["parts"]:
                    part["commit"] = commits.get(part["name"], part["commit"])
        return entries

    rewrite(archive, change)


def cover_up(archive: Archive) -> None:
    """Take every trace of keys, heads and those outside out of the log, so that it looks untouched."""
    rewrite(archive, lambda entries: [one for one in entries if one.kind not in TRACES])
    with archive.engine.begin() as connection:
        here = sa.select(record.c.id)
        connection.execute(sa.delete(record_part).where(record_part.c.record_id.not_in(here)))
        for table in (checkpoint, anchor_job):
            connection.execute(sa.delete(table))


def _part(connection: Connection, record_id: str, name: str) -> str:
    chosen = sa.select(record_part.c.blob_id)
    at = (record_part.c.record_id == record_id, record_part.c.name == name)
    return str(connection.execute(chosen.where(*at)).scalar_one())


def _recited(ref: str, hashes: dict[str, str]) -> str:
    relation, _, target = ref.partition(" ")
    return f"{relation} {hashes.get(target, target)}"
