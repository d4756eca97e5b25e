"""Everything that a web page or a worker needs to do its work, built once at start-up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from handlers.ports import Channel, Ladders, Proposes
from storage.book import Archive


@dataclass(frozen=True)
class Desk:
    """The archive, the channels and the rules; passed on as an argument, never global."""

    archive: Archive
    channels: Mapping[tuple[str, str], Channel]
    rules: Ladders
    propose: Proposes
    public_url: str
    sandbox: bool = False
    sandbox_links: Mapping[str, str] = field(default_factory=dict)  # shown in the yellow band

    def by_name(self, name: str) -> dict[str, Channel]:
        """Return the accounts of one kind of channel."""
        return {account: channel for (kind, account), channel in self.channels.items() if kind == name}
