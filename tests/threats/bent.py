"""Wrapping up again what somebody has bent, as an honest exporter would."""

from evidence.report import Report
from tests.evidence.bundles import packed
from tests.threats.court import Court

Files = dict[str, bytes]
NOTE = "export.note"


def relisted(files: Files, note: bool = True) -> bytes:
    """Wrap changed files up as an honest exporter would: right sums, right lists, the old note or none."""
    kept = {name: data for name, data in files.items() if "manifest-" not in name and name != "bag-info.txt"}
    if not note:
        kept.pop(NOTE)
    info = [line for line in files["bag-info.txt"].splitlines() if not line.startswith(b"Payload-Oxum")]
    payload = [data for name, data in kept.items() if name.startswith("data/")]
    oxum = b"Payload-Oxum: %d.%d" % (sum(map(len, payload)), len(payload))
    kept["bag-info.txt"] = b"\n".join([*info, oxum, b""])
    return packed(kept, None)


def judged(court: Court, data: bytes, *trusted: str) -> Report:
    file = court.room / "bent.zip"
    file.write_bytes(data)
    return court.verify(file, *trusted)
