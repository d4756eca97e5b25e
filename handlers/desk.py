"""Everything that a web page or a worker needs to do its work, built once at start-up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from handlers.ports import Channel, Ladders, Proposes
from handlers.throttle import Limits
from handlers.vouching import Anchor, Signer
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
    signer: Signer | None = None  # None: the log is unsigned, and every export says so
    checkpoint_minutes: int = 5  # at most this long between two signed notes, in business time
    anchors: Sequence[Anchor] = ()
    data_dir: Path = Path("var")  # where the list of erasures lies, outside the database
    anchor_hour: int = 2  # when the day of the anchors begins, in Beijing
    limits: Limits = field(default_factory=Limits)  # how much may leave, by account and to one person
    heartbeat: Callable[[], None] | None = None  # tells an outside monitor that all is well; it may raise
    sandbox_links: Mapping[str, str] = field(default_factory=dict)  # shown in the yellow band

    def by_name(self, name: str) -> dict[str, Channel]:
        """Return the accounts of one kind of channel."""
        return {account: channel for (kind, account), channel in self.channels.items() if kind == name}
