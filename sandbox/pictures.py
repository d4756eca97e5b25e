"""Pictures and recordings that people send, kept until the process ends."""

import secrets
import struct
import threading
import zlib
from dataclasses import dataclass
from datetime import datetime

MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"#!AMR", "audio/amr"),
)

WIDTH, HEIGHT = 200, 260  # pixels of the sample


@dataclass(frozen=True)
class Picture:
    """One file as a phone would send it."""

    id: str
    content: bytes
    kind: str  # media type
    taken: datetime


class Pictures:
    """Finds a picture by its id; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Picture] = {}

    def keep(self, content: bytes, now: datetime) -> Picture:
        """Keep a PNG, JPEG, GIF or AMR file; anything else raises ValueError."""
        kind = next((kind for magic, kind in MAGIC if content.startswith(magic)), None)
        if kind is None:
            raise ValueError("only PNG, JPEG, GIF and AMR files can be sent")
        picture = Picture(secrets.token_urlsafe(24), content, kind, now)
        with self._lock:
            self._known[picture.id] = picture
        return picture

    def get(self, id: str) -> Picture | None:
        """Return a kept picture, or None."""
        with self._lock:
            return self._known.get(id)


def sample() -> bytes:
    """Return a small PNG, a sheet of paper with lines on it, for those who have no photograph at hand."""
    rows = b"".join(b"\0" + bytes(_grey(x, y) for x in range(WIDTH)) for y in range(HEIGHT))
    size = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)  # eight bits of grey, no interlace
    return MAGIC[0][0] + _chunk(b"IHDR", size) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _grey(x: int, y: int) -> int:
    if not (20 <= x < WIDTH - 20 and 16 <= y < HEIGHT - 16):
        return 96  # the table
    written = 40 <= x < (WIDTH - 44 if y < HEIGHT - 70 else WIDTH // 2) and 44 <= y < HEIGHT - 40
    heading = 70 <= x < WIDTH - 70 and 30 <= y < 37
    return 60 if heading or (written and y % 14 < 3) else 246


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
