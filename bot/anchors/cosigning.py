"""Which line of an answer is this witness's cosignature of our checkpoint, and when it says it signed."""

from datetime import datetime

from evidence import cosignature
from evidence.errors import NoteError
from evidence.note import Key, joined, opened, parse

MEDIA = "text/plain"


class NotCosigned(Exception):  # noqa: N818
    """No line holds; the message says why."""


def cosigned_line(answer: bytes, signed: bytes, key: Key) -> tuple[bytes, datetime]:
    """Return the witness's line, newline included, and its time.

    Lines of keys that we do not know are passed over, as C2SP tlog-witness
    demands. Raises NotCosigned.
    """
    text = parse(signed).text
    for line in answer.splitlines(keepends=True):
        try:
            found, signers = opened(joined(text, [line]), [key])
            if key in signers:
                return line, cosignature.time_of(found.signatures[0])
        except NoteError as error:
            raise NotCosigned(f"a line of the answer does not hold: {error}") from error
    raise NotCosigned(f"no line of the answer is signed by {key.name}")
