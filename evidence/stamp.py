"""RFC 3161 time stamps: what a token claims, and whether it holds under a root that the reader trusts."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import product
from typing import TYPE_CHECKING, Literal

from evidence import pem, stamp_response
from evidence.errors import StampError
from evidence.policy import Tsa
from evidence.stamp_response import Claim, Response

if TYPE_CHECKING:
    from rfc3161_client.tsp import TimeStampTokenInfo

Status = Literal["checked", "present", "failed"]

# Hashes of the message, and algorithms of the signature, that rfc3161-client can check.
_DIGESTS: Mapping[str, str] = {  # OID -> name (RFC 5754 §2)
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_SIGNATURES = frozenset(
    {f"1.2.840.113549.1.1.{number}" for number in (1, 11, 12, 13)}  # RSA (RFC 8017 appendix C)
    | {f"1.2.840.10045.4.3.{number}" for number in (2, 3, 4)}  # ECDSA (RFC 5758 §3.2)
)


@dataclass(frozen=True)
class Stamped:
    """What became of a token: ``words`` names the sentence that says so, ``values`` fills it.

    ``time`` is what the token claims, None when it cannot be read; it is somebody
    else's clock only where the status is ``checked``.
    """

    status: Status
    time: datetime | None
    words: str
    values: Mapping[str, object] = field(default_factory=dict)


def look(token: bytes) -> Claim:
    """Read what a TimeStampResp claims without verifying it; raises StampError, also when it was refused."""
    return stamp_response.parse(token).claim


def check(token: bytes, message: bytes, roots: Sequence[Tsa], certificates: Iterable[bytes] = ()) -> Stamped:
    """Check a token over a message under the pinned roots; whatever the token is, this does not raise.

    ``certificates`` (DER) may complete the token's own. They and the token's are
    trusted for nothing, unless a root's hash is pinned.
    """
    try:
        response = stamp_response.parse(token)
    except StampError as error:
        return Stamped("failed", None, "stamp.form", {"why": str(error)})
    digest = _DIGESTS.get(response.claim.algorithm)
    if digest is None:
        return _stamped("present", response, "unchecked-algorithm", algorithm=response.claim.algorithm)
    imprint = hashlib.new(digest, message).digest()
    if imprint != response.claim.imprint:
        return _stamped("failed", response, "imprint")
    return _under_roots(response, imprint, roots, tuple(certificates))


def _under_roots(
    response: Response, imprint: bytes, roots: Sequence[Tsa], certificates: tuple[bytes, ...]
) -> Stamped:
    named = [one for tsa in roots if tsa.pem for one in pem.certificates(tsa.pem)]
    known = _names((*response.certificates, *certificates, *named))
    pinned = _pinned(response.issuer, known, roots)
    if not pinned:
        return _stamped("present", response, "no-root")
    foreign = [one for one in response.algorithms if one not in _DIGESTS and one not in _SIGNATURES]
    if foreign:
        return _stamped("present", response, "unchecked-algorithm", algorithm=foreign[0])
    # First the certificates that the service sent, then with all others that we have.
    copies = [response.with_certificates(()), response.with_certificates(known)]
    return _verified(response, copies, imprint, pinned)


def _names(certificates: Iterable[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
    # Each readable certificate with the names of its issuer and its subject.
    names = {}
    for certificate in certificates:
        with suppress(StampError):
            names[certificate] = stamp_response.names(certificate)
    return names


def _pinned(
    issuer: bytes, known: Mapping[bytes, tuple[bytes, bytes]], roots: Sequence[Tsa]
) -> list[tuple[bytes, Tsa]]:
    # The pinned roots that may stand above the signer, going by names alone, which prove nothing yet.
    above = {issuer}
    for _ in known:
        above |= {up for up, subject in known.values() if subject in above}
    pins = {tsa.sha256: tsa for tsa in reversed(roots)}
    return [
        (certificate, pins[pin])
        for certificate, (up, subject) in known.items()
        if up == subject and up in above and (pin := sha256(certificate).hexdigest()) in pins
    ]


def _verified(
    response: Response, copies: Sequence[bytes], imprint: bytes, pinned: Sequence[tuple[bytes, Tsa]]
) -> Stamped:
    result = _stamped("present", response, "unchecked-form")
    for copy, (root, tsa) in product(copies, pinned):
        try:
            outcome = _outcome(copy, imprint, root, response.claim)
        except ImportError:
            return _stamped("present", response, "unchecked-no-library")
        if outcome == "holds":
            return _stamped("checked", response, "checked", name=tsa.name)
        if outcome == "fails":
            result = _stamped("failed", response, "signature", name=tsa.name)
    return result


def _outcome(
    copy: bytes, imprint: bytes, root: bytes, claim: Claim
) -> Literal["holds", "fails", "unreadable"]:
    from cryptography.x509 import load_der_x509_certificate
    from rfc3161_client import VerifierBuilder, decode_timestamp_response

    # Only the pinned root is handed over as trusted: the library would trust any other self-signed
    # certificate as much. What its compiled part raises when it panics is no Exception.
    outcome: Literal["holds", "fails", "unreadable"] = "unreadable"
    try:
        read = decode_timestamp_response(copy)
        verifier = VerifierBuilder(roots=[load_der_x509_certificate(root)]).build()
        outcome = "fails"
        if _same(read.tst_info, claim) and verifier.verify(read, imprint):
            outcome = "holds"
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        return outcome
    return outcome


def _same(info: "TimeStampTokenInfo", claim: Claim) -> bool:
    # The library has a reader of its own: what it verified must be what we show.
    return (
        info.message_imprint.hash_algorithm.dotted_string == claim.algorithm
        and info.message_imprint.message == claim.imprint
        and info.gen_time.replace(microsecond=0) == claim.time.replace(microsecond=0)
    )


def _stamped(status: Status, response: Response, words: str, **values: object) -> Stamped:
    return Stamped(status, response.claim.time, f"stamp.{words}", values)
