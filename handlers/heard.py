"""A sealed webhook element as the handlers that understand it see it."""

from dataclasses import dataclass

from storage.inbox import Intake


@dataclass(frozen=True)
class Heard:
    """One sealed element, its exact bytes, and the leaf that seals it."""

    intake: Intake
    inner: bytes
    leaf_hash: bytes
    portable: bool = False  # any account of its kind may write to an address, and be answered

    @property
    def account(self) -> str | None:
        """To which account an address in it belongs; None when it may belong to any."""
        return None if self.portable else self.intake.account

    @property
    def source(self) -> str:
        """The channel and account it came through."""
        return f"{self.intake.channel}/{self.intake.account}"

    @property
    def cites(self) -> str:
        """The reference that a case record makes to it."""
        return f"cites {self.leaf_hash.hex()}"

    @property
    def actor(self) -> str:
        """Who speaks in it."""
        return f"gateway:{self.source}"
