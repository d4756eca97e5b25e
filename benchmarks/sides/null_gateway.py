"""A channel whose gateway is a function that says yes at once, so that only our own cost is measured."""

from datetime import datetime, timedelta

from casework.messages import Event, Media, Outcome
from handlers.ports import Answer, Capabilities, Element, Envelope, RawRequest, Resolve


class NullGateway:
    """Accepts everything and remembers only how much."""

    name, account = "wechat_oa", "main"
    capabilities = Capabilities(resolves=(Resolve.QUERY,), proves={}, key_window=timedelta(0))

    def __init__(self) -> None:
        self.taken = 0

    def prepare(self, envelope: Envelope) -> bytes:
        return f"{envelope.address} {envelope.client_ref} {envelope.link}".encode()

    def send(self, request: bytes) -> Answer:
        del request
        self.taken += 1
        return Answer(Outcome.ACCEPTED, b'{"errcode":0}', "ok", f"m{self.taken}")

    def find(self, request: bytes, since: datetime) -> Answer | None:
        return None

    def greet(self, request: RawRequest) -> bytes:
        return b""

    def authenticate(self, request: RawRequest) -> tuple[Element, ...]:
        return ()

    def interpret(self, inner: bytes) -> tuple[Event, ...]:
        return ()

    def acknowledgement(self) -> tuple[bytes, str]:
        return b"success", "text/plain"

    def fetch(self, media: Media) -> tuple[bytes, str]:
        return b"", media.media_type
