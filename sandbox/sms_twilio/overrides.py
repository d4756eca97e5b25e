"""How Twilio connects to a webhook, as the fragment of its URL may ask for (#rc=5&rp=all)."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urldefrag

from sandbox.postman import Heard, Manner

MOST_RETRIES = 5


@dataclass(frozen=True)
class Overrides:
    """The limits of one webhook, milliseconds turned into seconds."""

    url: str  # without its fragment: this is what is called and signed
    connect: float = 5.0
    read: float = 15.0
    retries: int = 1
    retried: frozenset[str] = frozenset({"ct"})

    @property
    def manner(self) -> Manner:
        """The same, as the postman wants it; a redirect is followed with GET and loses the form."""
        return Manner(
            tries=1 + self.retries,
            connect_seconds=self.connect,
            read_seconds=self.read,
            satisfied=lambda heard: 200 <= heard.status < 400,
            again=self._again,
            redirects=True,
        )

    def _again(self, heard: Heard) -> bool:
        return "all" in self.retried or (heard.failure or f"{heard.status // 100}xx") in self.retried


def read(url: str) -> Overrides:
    """Split a registered URL from the overrides in its fragment; nonsense falls back to the default."""
    plain, fragment = urldefrag(url)
    said = {name: values[-1] for name, values in parse_qs(fragment).items()}
    return Overrides(
        plain,
        connect=_number(said.get("ct"), 100, 10_000, 5000) / 1000,
        read=_number(said.get("rt"), 100, 15_000, 15_000) / 1000,
        retries=_number(said.get("rc"), 0, MOST_RETRIES, 1),
        retried=frozenset(said.get("rp", "ct").split(",")),
    )


def _number(text: str | None, least: int, most: int, default: int) -> int:
    return min(max(int(text), least), most) if text and text.isdigit() else default
