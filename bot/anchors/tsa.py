"""The client of a time-stamp service (RFC 3161): what it answers is kept verbatim, whatever it is worth."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from asn1crypto import cms, core, tsp

from bot.anchors.asking import ask, said
from handlers.vouching import Anchored, AnchorFailed, Anchoring

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
GRANTED = ("granted", "granted_with_mods")
NONCE_BYTES = 8


class _Answer(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """TimeStampResp; asn1crypto's own class does not know that a refusal carries no token."""

    _fields = [  # noqa: RUF012  (how asn1crypto is told)
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class TimeStampService:
    """One service, asked for a stamp over the SHA-256 of a signed note.

    We check that it granted our request, and that what it says of our hash and
    nonce is true. Whether the signature holds is for a reader to check, who
    knows whom to trust: an algorithm that we cannot read is kept all the same.
    """

    kind = "tsa"

    def __init__(self, url: str, random: Callable[[int], bytes]) -> None:
        self.service = urlsplit(url).netloc
        self._url, self._random = url, random

    def anchor(self, asked: Anchoring) -> Anchored:
        """Have the note stamped. Raises AnchorFailed."""
        imprint = sha256(asked.note).digest()
        nonce = int.from_bytes(self._random(NONCE_BYTES), "big")
        answer = ask(self._url, query(imprint, nonce), QUERY)
        if answer.status_code != 200:
            raise AnchorFailed(said(answer))
        return Anchored(answer.content, REPLY, time_in(answer.content, imprint, nonce))


def query(imprint: bytes, nonce: int) -> bytes:
    """Return the DER of a request for a stamp over this SHA-256, with the service's certificate."""
    hashed = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": imprint}
    asked = {"version": "v1", "message_imprint": hashed, "nonce": nonce, "cert_req": True}
    return bytes(tsp.TimeStampReq(asked).dump())


def time_in(answer: bytes, imprint: bytes, nonce: int) -> datetime | None:
    """Return the time that a granted answer claims, None where we cannot read it.

    Raises AnchorFailed for what is no answer, refuses, or is about something else than we asked.
    """
    token = _granted(answer)
    info = _read(lambda: token["content"]["encap_content_info"]["content"].parsed)
    if not isinstance(info, tsp.TSTInfo) or _read(lambda: info.native) is None:
        return None
    about = info["message_imprint"]
    if about["hash_algorithm"]["algorithm"].native != "sha256" or about["hashed_message"].native != imprint:
        raise AnchorFailed("answered about another hash than ours: ask who runs it, or remove it")
    if info["nonce"].native != nonce:
        raise AnchorFailed("answered with another nonce than ours, perhaps an old answer once more")
    at = info["gen_time"].native
    return at.astimezone(UTC) if isinstance(at, datetime) else None


def _granted(answer: bytes) -> Any:
    found = _read(lambda: _Answer.load(answer, strict=True))
    status = _read(lambda: found["status"].native)
    if status is None:
        raise AnchorFailed("answered with something that is no time-stamp response")
    if status["status"] not in GRANTED:
        told = "; ".join(map(str, status["status_string"] or ()))[:200]
        raise AnchorFailed(f"refused: {status['status']} {told} {status['fail_info'] or ''}".strip())
    if not isinstance(found["time_stamp_token"], cms.ContentInfo):
        raise AnchorFailed("granted the request without a token")
    return found["time_stamp_token"]


def _read(part: Callable[[], Any]) -> Any:
    """Return what asn1crypto makes of a part, None for whatever it stumbles over in a stranger's bytes."""
    try:
        return part()
    except Exception:  # it raises half a dozen kinds, RecursionError among them
        return None
