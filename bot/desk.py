"""Build the desk from settings: database, keys, clock, channels and rules; nothing starts on import."""

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import urlsplit

from bot.addresses import is_loopback
from bot.anchors.build import build_anchors
from bot.anchors.signer import SignerClient, socket_path
from bot.callout import ping
from bot.config import ConfigError, Settings
from bot.conversation import propose
from bot.pacing import limits_of
from bot.registry import build_channels
from casework.escalation import load_policy, policy_names
from casework.workdays import load_calendar
from handlers.desk import Desk
from handlers.ports import Clock, Ladders
from storage import clock as clocks
from storage.book import Archive
from storage.engine import open_engine
from storage.ids import SystemIds
from storage.keys import KeyFault, read_keys

WORKER_WAIT_MS = 30_000


def build_desk(
    settings: Settings, wait_ms: int = WORKER_WAIT_MS, sandbox_links: Mapping[str, str] | None = None
) -> Desk:
    """Open the database with its keys and make the channels. Raises ConfigError."""
    _keep_sandbox_at_home(settings)
    try:
        keys = read_keys(settings.keys.file)
    except KeyFault as fault:
        raise ConfigError(f"{fault}.") from None
    engine = open_engine(settings.database.url.get_secret_value(), keys, wait_ms)
    sandbox = settings.server.sandbox
    clock: Clock = clocks.SandboxClock(engine) if sandbox else clocks.SystemClock()
    channels, ids = build_channels(settings), SystemIds()
    return Desk(
        archive=Archive(engine, keys, clock, ids, sandbox=sandbox),
        channels=channels,
        rules=load_rules(frozenset(name for name, _ in channels)),
        propose=propose,
        public_url=settings.server.public_url,
        sandbox=sandbox,
        signer=SignerClient(socket_path(settings.evidence)),
        checkpoint_minutes=settings.evidence.checkpoint_minutes,
        anchors=build_anchors(settings, clock, ids),
        anchor_hour=settings.evidence.anchor_hour,
        data_dir=settings.evidence.data_dir,
        heartbeat=_heartbeat(settings),
        limits=limits_of(channels, settings.channels, settings.sending),
        sandbox_links=sandbox_links or {},
    )


def _heartbeat(settings: Settings) -> Callable[[], None] | None:
    url = settings.ops.heartbeat_url
    return None if url is None else partial(ping, url.get_secret_value())


def _keep_sandbox_at_home(settings: Settings) -> None:
    """A clock that anybody can move must never drive messages to real people."""
    hosts = (
        urlsplit(settings.server.public_url).hostname,
        settings.server.bind.rpartition(":")[0].strip("[]"),
    )
    if settings.server.sandbox and not all(is_loopback(host) for host in hosts):
        raise ConfigError(
            "server.sandbox must be false unless server.public_url and server.bind are on this machine:"
            " a demonstration's clock can be moved by anybody."
        )


def load_rules(channel_names: frozenset[str]) -> Ladders:
    """Return the packaged calendar and ladders."""
    policies = {name: load_policy(name) for name in policy_names()}
    return Ladders(calendar=load_calendar(), policies=policies, channel_names=channel_names)
