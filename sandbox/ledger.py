"""The truth about what the gateways accepted, kept in memory and in a file that survives a crash."""

import json
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Accepted:
    """One message that a gateway took upon itself to deliver."""

    channel: str  # "wechat" or "sms"
    address: str  # openid or number
    client_key: str  # what the sender can recognise it by, "" if he gave nothing
    text: str
    link: str
    at: str  # business time, ISO 8601
    provider_id: str
    shown: int  # how many times the person would have seen it: 1, or 0 if it never arrives


class Ledger:
    """An append-only list of accepted messages; each line is on the disk before `add` returns."""

    def __init__(self, file: Path | None) -> None:
        self._lock = threading.Lock()
        self._entries: list[Accepted] = []
        self._file = file.open("ab") if file else None

    def add(self, entry: Accepted) -> None:
        """Write down one accepted message."""
        with self._lock:
            self._entries.append(entry)
            if self._file:
                self._file.write(json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n")
                self._file.flush()
                os.fsync(self._file.fileno())

    def entries(self) -> list[Accepted]:
        """Return everything accepted so far, oldest first."""
        with self._lock:
            return list(self._entries)

    def close(self) -> None:
        """Close the file; what was added stays readable."""
        if self._file:
            self._file.close()
