"""Photos and papers that an employee sends along: what they are is read from their bytes, not believed."""

from collections.abc import Iterable

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from handlers.people import Unacceptable
from handlers.reply import Attachment

LARGEST = 8 * 1024 * 1024  # bytes of one file
ALTOGETHER = 25 * 1024 * 1024  # bytes of one request
MOST = 6  # files

_MAGIC = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
)


def attachments(files: Iterable[FileStorage]) -> list[Attachment]:
    """Return what was chosen. Raises Unacceptable, or RequestEntityTooLarge for a file over 8 MB."""
    chosen = [file.read(LARGEST + 1) for file in files if file.filename]
    if len(chosen) > MOST:
        raise Unacceptable("photos", f"一次最多 {MOST} 个文件，可以分几次发。")
    return [_attachment(data) for data in chosen if data]


def _attachment(data: bytes) -> Attachment:
    if len(data) > LARGEST:
        raise RequestEntityTooLarge
    for offset, magic, media_type in _MAGIC:
        if data.startswith(magic, offset):
            return Attachment(media_type, data)
    raise Unacceptable("photos", "只能发照片（JPG、PNG、HEIC 等）或者 PDF 文件，请换一个文件再发。")
