"""What lies in recordings/<channel>/: an account, requests as they came in, and what each must mean."""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import util
from pathlib import Path
from typing import Any, Protocol

from bot.registry import CHANNELS, module_of
from casework.messages import Bound, Event, Media, Noted, Outcome, Receipt, Reply, Unbound
from handlers.ports import Channel, Envelope, RawRequest

RECORDINGS = Path(__file__).parent / "recordings"
PAGES = Path(__file__).parents[2] / "docs" / "channels"
_EVENTS = {kind.__name__: kind for kind in (Receipt, Reply, Bound, Unbound, Noted)}


@dataclass(frozen=True)
class Recording:
    """One recorded request and what it must come to."""

    channel: str
    name: str

    @property
    def request(self) -> RawRequest:
        return read_request((RECORDINGS / self.channel / f"{self.name}.http").read_bytes())

    @property
    def expected(self) -> dict[str, Any]:
        return json.loads((RECORDINGS / self.channel / f"{self.name}.json").read_text("utf-8"))

    def __str__(self) -> str:
        return f"{self.channel}/{self.name}"


class Emulated(Protocol):
    """What recordings/<channel>/emulator.py offers."""

    def started(self, callback_base: str) -> AbstractContextManager[dict[str, Any]]:
        """Run a pretend gateway; yields the settings that differ from the recorded account."""


def recordings(expecting: str) -> Iterator[Recording]:
    """Yield the recordings of all registered channels whose expectation has this key."""
    for channel in CHANNELS:
        for file in sorted((RECORDINGS / channel).glob("*.http")):
            recording = Recording(channel, file.stem)
            if expecting in recording.expected:
                yield recording


def account(channel: str) -> dict[str, Any]:
    return json.loads((RECORDINGS / channel / "account.json").read_text("utf-8"))


def made(channel: str, **settings: Any) -> Channel:
    """Make a channel from its recorded account, with some settings changed."""
    given = account(channel)
    module = module_of(channel)
    return module.build(
        given["account"], module.Settings.model_validate(given["settings"] | settings), given["public_url"]
    )


def emulator(channel: str) -> Emulated:
    """Load the emulator that lies with the recordings of a channel."""
    spec = util.spec_from_file_location(f"emulator_of_{channel}", RECORDINGS / channel / "emulator.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fates(channel: str) -> list[dict[str, Any]]:
    file = RECORDINGS / channel / "fates.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else []


def read_request(raw: bytes) -> RawRequest:
    head, _, body = raw.partition(b"\n\n")
    first, *lines = head.decode("utf-8").splitlines()
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return RawRequest(method, target, headers, body)


def expected_events(recording: Recording) -> tuple[Event, ...]:
    return tuple(_event(dict(given)) for given in recording.expected["events"])


def envelope(address: str, **changes: Any) -> Envelope:
    """A notice like any other, with some of its words changed."""
    usual = Envelope(
        address=address,
        client_ref="n-0001-a1",
        kind="return_reminder",
        title="返岗提醒",
        firm="云杉机械",
        lines=("请于2026-11-24 09:00前确认返岗时间", "如需延期请点开填写"),
        link="https://hz.example.cn/n/k7m2p9qx3w",
        record_code="7K2M-9QXW",
        callback_base="https://hz.example.cn",
    )
    return dataclasses.replace(usual, **changes)


def _event(given: dict[str, Any]) -> Event:
    kind = _EVENTS[given.pop("is")]
    if "at" in given:
        given["at"] = datetime.fromisoformat(given["at"]).astimezone(UTC)
    if "outcome" in given:
        given["outcome"] = Outcome(given["outcome"])
    if "media" in given:
        given["media"] = tuple(Media(*each) for each in given["media"])
    return kind(**given)
