"""Make the anchors that the settings name; what is missing or contradicts itself is said in one sentence."""

from collections.abc import Sequence

from bot.anchors.cosigner import Cosigner
from bot.anchors.mail import Mailbox, Server, masked
from bot.anchors.pulled import PullingWitness
from bot.anchors.tsa import TimeStampService
from bot.config import ConfigError, Evidence, Settings
from evidence.errors import NoteError
from evidence.note import WITNESS, Key, parse_vkey
from handlers.ports import Clock, Ids
from handlers.vouching import Anchor


def build_anchors(settings: Settings, clock: Clock, ids: Ids) -> tuple[Anchor, ...]:
    """Return time-stamp services, witnesses and mailboxes. Raises ConfigError."""
    evidence = settings.evidence
    keys = witness_keys(evidence)
    if len(keys) < len(evidence.witness_urls):
        raise ConfigError(
            "evidence.witness_keys must hold the vkey of each of evidence.witness_urls, in the same order:"
            " add what `huizheng witness` printed at its first start."
        )
    made: list[Anchor] = [TimeStampService(url, ids.bytes) for url in evidence.tsa_urls]
    made += [Cosigner(url, key) for url, key in zip(evidence.witness_urls, keys, strict=False)]
    made += [PullingWitness(key.name) for key in keys[len(evidence.witness_urls) :]]
    made += _mailboxes(evidence, clock)
    _each_once([f"{one.kind} {one.service}" for one in made])
    return tuple(made)


def witness_keys(evidence: Evidence) -> tuple[Key, ...]:
    """Return the public keys of all witnesses, of those too that pull. Raises ConfigError."""
    keys = tuple(_witness_key(text, number) for number, text in enumerate(evidence.witness_keys, 1))
    _each_once([f"witness {key.name}" for key in keys])
    return keys


def _witness_key(text: str, number: int) -> Key:
    try:
        key = parse_vkey(text)
    except NoteError as error:
        raise ConfigError(
            f"evidence.witness_keys: no. {number} is not a vkey ({error}): copy it whole."
        ) from None
    if key.kind != WITNESS:
        raise ConfigError(
            f"evidence.witness_keys: no. {number} is not a witness's key: a log's key stands there."
        )
    return key


def _mailboxes(evidence: Evidence, clock: Clock) -> list[Anchor]:
    if not evidence.anchor_mail_to:
        return []
    if evidence.anchor_smtp_url is None or not evidence.anchor_mail_from:
        raise ConfigError(
            "evidence.anchor_mail_to needs a mail server and a sender: set evidence.anchor_smtp_url and"
            " evidence.anchor_mail_from."
        )
    server = Server.at(evidence.anchor_smtp_url.get_secret_value())
    names = masked(evidence.anchor_mail_to)
    sender = evidence.anchor_mail_from
    return [
        Mailbox(server, sender, to, name, clock.now)
        for to, name in zip(evidence.anchor_mail_to, names, strict=True)
    ]


def _each_once(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"[evidence] names {name} twice: keep one of the two.")
