"""The parts of an RFC 3161 response (§2.4.2) that we look at, read without any library."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from evidence import der
from evidence.der import Value
from evidence.errors import StampError

GRANTED = frozenset({0, 1})  # granted, grantedWithMods (RFC 3161 §2.4.2)

_SIGNED_DATA = "1.2.840.113549.1.7.2"  # RFC 5652 §5.1
_TST_INFO = "1.2.840.113549.1.9.16.1.4"  # RFC 3161 §2.4.2
_TIME = re.compile(rb"([0-9]{14})(?:\.([0-9]{1,9}))?Z")


@dataclass(frozen=True)
class Claim:
    """What a response says, unverified: the hash it is over, that hash's algorithm (an OID), and the time."""

    algorithm: str
    imprint: bytes
    time: datetime


@dataclass(frozen=True)
class Response:
    """A granted response: its claim, its signer, how that one signed, and the certificates in it."""

    claim: Claim
    issuer: bytes  # DER of the name that issued the signer's certificate; empty when it is named otherwise
    algorithms: tuple[str, str]  # OIDs of the digest and of the signature
    certificates: tuple[bytes, ...]
    _signed: tuple[Value, ...]  # the fields of SignedData

    def with_certificates(self, more: Iterable[bytes]) -> bytes:
        """Return a response with the same signature whose certificates are these too, in DER order.

        The set of certificates is not signed. Some services write it unsorted,
        or leave it out; the status, not signed either, becomes plain "granted".
        """
        every = {value.whole for value in self._held()} | set(more)
        held = [der.written(der.tagged(0), *sorted(every))] if every else []
        version, digests, content, *rest = self._signed
        rest = [value for value in rest if value.tag != der.tagged(0)]
        digests_sorted = der.written(der.SET, *sorted(value.whole for value in digests.children()))
        fields = [version.whole, digests_sorted, content.whole, *held, *(value.whole for value in rest)]
        signed = der.written(der.tagged(0), der.written(der.SEQUENCE, *fields))
        granted = der.written(der.SEQUENCE, der.written(der.INTEGER, b"\0"))
        return der.written(der.SEQUENCE, granted, der.written(der.SEQUENCE, _SIGNED_DATA_VALUE, signed))

    def _held(self) -> Iterator[Value]:
        for value in self._signed:
            if value.tag == der.tagged(0):
                yield from value.children()


_SIGNED_DATA_VALUE = der.written(der.OID, bytes.fromhex("2a864886f70d010702"))


def parse(token: bytes) -> Response:
    """Read a TimeStampResp; raises StampError, also when the service refused."""
    status, *tokens = _some(der.one(token), 1)
    code = _some(status, 1)[0].number()
    if code not in GRANTED or len(tokens) != 1:
        raise StampError(f"the service did not grant a time stamp (status {code})")
    signed = _signed_data(tokens[0])
    signer = _only(signed[-1].expect(der.SET))
    return Response(
        claim=_claim(_content(signed[2])),
        issuer=_issuer(signer),
        algorithms=_algorithms(signer),
        certificates=_certificates(signed),
        _signed=tuple(signed),
    )


def names(certificate: bytes) -> tuple[bytes, bytes]:
    """Return the DER of a certificate's issuer and of its subject (RFC 5280 §4.1); raises StampError."""
    fields = _some(_some(der.one(certificate), 3)[0], 6)
    start = 1 if fields[0].tag == der.tagged(0) else 0
    if len(fields) < start + 6:
        raise StampError("a certificate is cut off")
    return fields[start + 2].whole, fields[start + 4].whole


def _signed_data(token: Value) -> list[Value]:
    kind, content = _exactly(token, 2)
    if kind.oid() != _SIGNED_DATA:
        raise StampError("the token is not signed data")
    signed = _some(_only(content.expect(der.tagged(0))), 4)
    signed[1].expect(der.SET).children()
    return signed


def _content(value: Value) -> bytes:
    kind, content = _exactly(value, 2)
    if kind.oid() != _TST_INFO:
        raise StampError("what was signed is not a time stamp")
    return _only(content.expect(der.tagged(0))).expect(der.OCTETS).content


def _claim(content: bytes) -> Claim:
    version, policy, imprint, _serial, time = _some(der.one(content), 5)[:5]
    if version.number() != 1 or not policy.oid():
        raise StampError("not a time stamp of version 1")
    algorithm, digest = _exactly(imprint, 2)
    return Claim(_some(algorithm, 1)[0].oid(), digest.expect(der.OCTETS).content, _moment(time))


def _moment(value: Value) -> datetime:
    found = _TIME.fullmatch(value.expect(der.TIME).content)
    if found is None:
        raise StampError("the time is not in UTC")
    fraction = (found[2] or b"").ljust(6, b"0")[:6]
    try:
        return datetime.strptime((found[1] + fraction).decode(), "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
    except ValueError as error:
        raise StampError("the time does not exist") from error


def _issuer(signer: Value) -> bytes:
    identity = _some(signer, 5)[1]
    return _exactly(identity, 2)[0].whole if identity.tag == der.SEQUENCE else b""


def _algorithms(signer: Value) -> tuple[str, str]:
    _version, _identity, digest, *rest = _some(signer, 5)
    signature = rest[1] if rest[0].tag == der.tagged(0) else rest[0]
    return _some(digest, 1)[0].oid(), _some(signature, 1)[0].oid()


def _certificates(signed: list[Value]) -> tuple[bytes, ...]:
    held = [value for value in signed[3:] if value.tag == der.tagged(0)]
    if len(held) > 1:
        raise StampError("the token has two sets of certificates")
    return tuple(one.whole for value in held for one in value.children() if one.tag == der.SEQUENCE)


def _some(value: Value, least: int) -> list[Value]:
    fields = value.expect(der.SEQUENCE).children()
    if len(fields) < least:
        raise StampError(f"{least} fields are expected, not {len(fields)}")
    return fields


def _exactly(value: Value, count: int) -> list[Value]:
    fields = _some(value, count)
    if len(fields) != count:
        raise StampError(f"{count} fields are expected, not {len(fields)}")
    return fields


def _only(value: Value) -> Value:
    children = value.children()
    if len(children) != 1:
        raise StampError(f"one value is expected, not {len(children)}")
    return children[0]
