"""A time-stamp authority in a few lines, honest or not, whose keys live as long as the test."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from evidence.policy import Tsa

AT = datetime(2026, 11, 20, 1, 0, 1, tzinfo=UTC)
DAYS = timedelta(days=30)  # how long certificates are good for, before and after AT
SHA256, SM3, SM2_WITH_SM3 = "2.16.840.1.101.3.4.2.1", "1.2.156.10197.1.401", "1.2.156.10197.1.501"
ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"


@dataclass(frozen=True)
class Holder:
    """Somebody with a certificate and its key."""

    certificate: x509.Certificate
    private: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def trusted(self, name: str = "tsa", pem: bool = True) -> Tsa:
        """Return what a policy's line for this root says."""
        return Tsa(name, sha256(self.der).hexdigest(), self.pem if pem else None)


def certified(
    subject: str, by: Holder | None = None, *, ca: bool = True, issuer: str = "", again: Holder | None = None
) -> Holder:
    """Return a holder whom ``by`` certified, or who certified itself, in the name of ``issuer`` if given.

    ``again`` is somebody who gets one more certificate for the key it has.
    """
    private = again.private if again else ec.generate_private_key(ec.SECP256R1())
    upper = by.certificate.subject if by else _named(issuer or subject)
    builder = x509.CertificateBuilder(
        upper, _named(subject), private.public_key(), x509.random_serial_number(), AT - DAYS, AT + DAYS
    ).add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if not ca:
        purpose = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purpose, critical=True)
    return Holder(builder.sign(by.private if by else private, hashes.SHA256()), private)


def response(
    message: bytes,
    signer: Holder,
    certificates: tuple[Holder, ...] = (),
    *,
    status: str = "granted",
    at: datetime = AT,
    digest: str = SHA256,
    signature: str = ECDSA_WITH_SHA256,
) -> bytes:
    """Return a service's answer over a message; ``digest`` and ``signature`` are only claimed."""
    stamp = _stamp(message, at).dump()
    attributes = _attributes(stamp)
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": digest}],
            "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(stamp)},
            "certificates": [asn1.Certificate.load(holder.der) for holder in (signer, *certificates)],
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": _identity(signer),
                    "digest_algorithm": {"algorithm": digest},
                    "signed_attrs": attributes,
                    "signature_algorithm": {"algorithm": signature},
                    "signature": signer.private.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
                }
            ],
        }
    )
    token = {"content_type": "signed_data", "content": signed}
    return bytes(tsp.TimeStampResp({"status": {"status": status}, "time_stamp_token": token}).dump())


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _stamp(message: bytes, at: datetime) -> tsp.TSTInfo:
    return tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3.4.1",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": sha256(message).digest(),
            },
            "serial_number": 7,
            "gen_time": at,
        }
    )


def _attributes(stamp: bytes) -> cms.CMSAttributes:
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [sha256(stamp).digest()]}),
        ]
    )


def _identity(signer: Holder) -> cms.SignerIdentifier:
    certificate = asn1.Certificate.load(signer.der)
    serial = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    return cms.SignerIdentifier({"issuer_and_serial_number": serial})
