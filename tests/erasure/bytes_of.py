"""Every byte that a database keeps: the SQLite file with its write-ahead file, or a dump of PostgreSQL."""

from pathlib import Path

import sqlalchemy as sa

from tests.erasure.living import Lived


def everything_in(lived: Lived) -> bytes:
    """Return all bytes; PostgreSQL's cells as a dump writes them, since old row versions go with VACUUM."""
    url = lived.archive.engine.url
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "")
        return b"".join(one.read_bytes() for one in sorted(file.parent.glob(file.name + "*")))
    found = b""
    with lived.archive.engine.connect() as connection:
        for table in sa.inspect(connection).get_table_names():
            for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')):
                found += b"\n".join(_as_bytes(cell) for cell in row)
    return found


def _as_bytes(cell: object) -> bytes:
    return bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
