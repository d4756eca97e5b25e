"""Bytes sent or received, kept once per scope, encrypted, in chunks (docs/evidence-format.md §4)."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence import seal
from evidence.errors import SealError
from storage.cells import octets
from storage.keys import Keys
from storage.rows import insert_or_ignore
from storage.schema import blob, blob_chunk, blob_key, scope_key

_READ = sa.select(scope_key.c.wrapped)
_HELD = _READ.with_for_update(read=True)


@dataclass(frozen=True)
class Kept:
    """Where a run of bytes is kept, and the commitment that a leaf states for it."""

    id: str
    commitment: bytes
    media: str


@dataclass(frozen=True)
class Opening:
    """What lets anybody check one commitment: the bytes and their commitment key."""

    data: bytes
    commit_key: bytes
    commitment: bytes
    media: str


class Erased(SealError):  # noqa: N818  (reads as what happened)
    """These bytes were destroyed on purpose; ``by`` names the ``erase.done`` that says so."""

    def __init__(self, blob_id: str, by: str) -> None:
        super().__init__(f"blob {blob_id} was erased by record {by}")
        self.by = by


class Vault:
    """Keeps and opens bytes within one transaction."""

    def __init__(
        self,
        connection: Connection,
        keys: Keys,
        new_id: Callable[[], str],
        random: Callable[[int], bytes],
    ) -> None:
        self._connection, self._keys, self._new_id, self._random = (
            connection,
            keys,
            new_id,
            random,
        )
        self._scope_keys: dict[str, bytes] = {}
        self._held: set[str] = set()  # scopes whose key nobody else can renew before this transaction ends
        self._waiting_keys: list[dict[str, Any]] = []
        self._waiting_chunks: list[dict[str, Any]] = []

    def keep(self, scope: str, data: bytes, media: str) -> Kept:
        """Keep bytes under a scope's key; the same bytes in the same scope are kept once.

        What they are sealed into is written by ``flush``.
        """
        scope_secret = self._scope_key(scope, make=True)
        return self._store(scope, scope_secret, seal.address(scope_secret, data), data, media)

    def flush(self) -> None:
        """Write what waits to be written, all of it in two statements; nothing can be opened before."""
        for table, rows in ((blob_key, self._waiting_keys), (blob_chunk, self._waiting_chunks)):
            if rows:
                self._connection.execute(sa.insert(table), rows)
                rows.clear()

    def _find(self, scope: str, address: bytes) -> Kept | None:
        chosen = sa.select(blob.c.id, blob.c.commitment, blob.c.media)
        found = self._connection.execute(
            chosen.where(blob.c.scope == scope, blob.c.address == address)
        ).first()
        return Kept(found.id, bytes(found.commitment), found.media) if found is not None else None

    def open(self, blob_id: str) -> Opening:
        """Open kept bytes. Raises evidence.errors.SealError when they or their key changed or are gone."""
        self.flush()
        row = self._connection.execute(sa.select(blob).where(blob.c.id == blob_id)).one_or_none()
        if row is None:
            raise SealError(f"blob {blob_id} is gone")
        chosen = sa.select(blob_chunk.c.sealed).where(blob_chunk.c.blob_id == blob_id)
        chunks = self._connection.execute(chosen.order_by(blob_chunk.c.number)).scalars()
        return self._unsealed(row, self._wrapped_key(blob_id), map(octets, chunks))

    def open_all(self, blob_ids: Collection[str]) -> dict[str, Opening | SealError]:
        """Open several with few questions to the database; one that cannot be opened is its error."""
        self.flush()
        found: dict[str, Opening | SealError] = {one: SealError(f"blob {one} is gone") for one in blob_ids}
        keyed = sa.outerjoin(blob, blob_key, blob_key.c.blob_id == blob.c.id)
        chosen = sa.select(blob, blob_key.c.wrapped).select_from(keyed).where(blob.c.id.in_(blob_ids))
        chunks = self._chunks(blob_ids)
        for row in self._connection.execute(chosen):
            try:
                found[row.id] = self._unsealed(row, row.wrapped, chunks.get(row.id, []))
            except SealError as error:
                found[row.id] = error
        return found

    def _chunks(self, blob_ids: Collection[str]) -> dict[str, list[bytes]]:
        chosen = sa.select(blob_chunk).where(blob_chunk.c.blob_id.in_(blob_ids))
        found: dict[str, list[bytes]] = {}
        for row in self._connection.execute(chosen.order_by(blob_chunk.c.blob_id, blob_chunk.c.number)):
            found.setdefault(row.blob_id, []).append(octets(row.sealed))
        return found

    def _unsealed(self, row: Any, wrapped: bytes | None, chunks: Iterable[bytes]) -> Opening:
        if row.erased_by is not None:
            raise Erased(row.id, row.erased_by)
        if wrapped is None:
            raise SealError(f"the key of blob {row.id} is gone")
        key, commitment = seal.unwrap(self._scope_key(row.scope), octets(wrapped)), octets(row.commitment)
        data = seal.open_chunks(key, commitment, chunks)
        return Opening(data, seal.commit_key(key), commitment, row.media)

    def renew(self, scope: str) -> None:
        """Destroy a scope's key; what is still kept under it goes on under a new one.

        Whoever holds an older copy of the wrapped blob keys opens nothing with the new key.
        """
        self.flush()
        wrapped = self._wrapped(scope, _READ.with_for_update())
        if wrapped is None:
            return
        old = seal.unwrap(self._keys.wrapping(), wrapped)
        self._connection.execute(sa.delete(scope_key).where(scope_key.c.scope == scope))
        self._scope_keys.pop(scope, None)
        self._held.discard(scope)
        left = self._keys_within(scope)
        new = self._scope_key(scope, make=True) if left else b""
        for blob_id, key in left:
            changed = {"wrapped": seal.wrap(new, seal.unwrap(old, key))}
            self._connection.execute(sa.update(blob_key).where(blob_key.c.blob_id == blob_id).values(changed))

    def _keys_within(self, scope: str) -> list[tuple[str, bytes]]:
        chosen = sa.select(blob_key).join(blob, blob.c.id == blob_key.c.blob_id).where(blob.c.scope == scope)
        return [(row.blob_id, octets(row.wrapped)) for row in self._connection.execute(chosen)]

    def _store(self, scope: str, scope_secret: bytes, address: bytes, data: bytes, media: str) -> Kept:
        key = self._random(32)
        kept = Kept(self._new_id(), seal.commitment(key, data), media)
        row = {
            "id": kept.id, "scope": scope, "address": address, "commitment": kept.commitment,
            "media": media, "size": len(data),
        }  # fmt: skip
        if not insert_or_ignore(self._connection, blob, row, ["scope", "address"]):
            # They are kept already; where another transaction was first, this one has waited for its commit.
            winner = self._find(scope, address)
            assert winner is not None  # blobs are never deleted without their scope
            return winner
        self._waiting_keys.append({"blob_id": kept.id, "wrapped": seal.wrap(scope_secret, key)})
        sealed = enumerate(seal.seal_chunks(key, data))
        self._waiting_chunks += ({"blob_id": kept.id, "number": n, "sealed": one} for n, one in sealed)
        return kept

    def _wrapped_key(self, blob_id: str) -> bytes | None:
        return self._connection.execute(
            sa.select(blob_key.c.wrapped).where(blob_key.c.blob_id == blob_id)
        ).scalar()

    def _scope_key(self, scope: str, *, make: bool = False) -> bytes:
        if scope not in self._scope_keys or (make and scope not in self._held):
            # What is kept under a key must not be kept under one that is destroyed meanwhile (renew).
            wrapped = self._wrapped(scope, _HELD if make else _READ)
            if wrapped is None and make:
                wrapped = self._make_scope_key(scope)
            if wrapped is None:
                raise SealError(f"the key of scope {scope} is gone")
            self._scope_keys[scope] = seal.unwrap(self._keys.wrapping(), wrapped)
            self._held |= {scope} if make else set()
        return self._scope_keys[scope]

    def _wrapped(self, scope: str, asked: sa.Select[tuple[bytes]]) -> bytes | None:
        row = self._connection.execute(asked.where(scope_key.c.scope == scope)).first()
        return None if row is None else octets(row.wrapped)

    def _make_scope_key(self, scope: str) -> bytes | None:
        fresh = seal.wrap(self._keys.wrapping(), self._random(32))
        insert_or_ignore(self._connection, scope_key, {"scope": scope, "wrapped": fresh}, ["scope"])
        return self._wrapped(scope, _HELD)
