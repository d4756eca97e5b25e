"""Answers of a time-stamp service, good ones and wrong ones (RFC 3161 §2.4.2, RFC 5652, RFC 5816)."""

import os
from datetime import datetime
from hashlib import sha256

from asn1crypto import cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.tsa.authority import Authority

POLICY = "1.2.3.4.1"  # invented; a policy of nobody
SM3, SM2_WITH_SM3 = "1.2.156.10197.1.401", "1.2.156.10197.1.501"  # GB/T 33560: what this tool cannot check


class _Refusal(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """A TimeStampResp without a token, which asn1crypto's own class does not know to be optional."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012  (how asn1crypto is told)


class Unusable(Exception):  # noqa: N818  (reads as what happened)
    """The request is no RFC 3161 request."""


def read_request(body: bytes) -> tsp.TimeStampReq:
    """Read a request; raises Unusable."""
    try:
        asked = tsp.TimeStampReq.load(body, strict=True)
        asked.native  # noqa: B018  (asn1crypto reads lazily: now everything is parsed)
    except (ValueError, TypeError) as error:
        raise Unusable(str(error)) from error
    return asked


def granted(asked: tsp.TimeStampReq, at: datetime, by: Authority, fate: str = "good") -> bytes:
    """Return the answer that grants a request, or the wrong one that fate demands."""
    info = _info(asked, at, fate)
    certificates = _certificates(asked, by, fate)
    signed = _signed(info, by, certificates, fate)
    token = {"content_type": "signed_data", "content": signed}
    return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())


def refused(why: str) -> bytes:
    """Return the answer that rejects a request: 200, but no token (RFC 3161 §2.4.2)."""
    status = {"status": "rejection", "status_string": [why], "fail_info": {"bad_data_format"}}
    return bytes(_Refusal({"status": status}).dump())


def _info(asked: tsp.TimeStampReq, at: datetime, fate: str) -> tsp.TSTInfo:
    info = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": asked["message_imprint"],
        "serial_number": int.from_bytes(os.urandom(8), "big"),
        "gen_time": at.replace(microsecond=0),
        "accuracy": {"seconds": 1},
    }
    if asked["nonce"].native is not None:
        info["nonce"] = asked["nonce"].native + (fate == "wrong_nonce")
    if fate == "wrong_imprint":
        hashed = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": sha256(b"another").digest()}
        info["message_imprint"] = tsp.MessageImprint(hashed)
    return tsp.TSTInfo(info)


def _certificates(asked: tsp.TimeStampReq, by: Authority, fate: str) -> cms.CertificateSet | None:
    """Embed the signing certificate when asked to; ``unordered`` adds the root, against DER's order."""
    if not asked["cert_req"].native:
        return None
    ders = [one.public_bytes(serialization.Encoding.DER) for one in (by.signer, by.root)]
    if fate != "unordered":
        return cms.CertificateSet([x509.Certificate.load(ders[0])])
    contents = b"".join(sorted(ders, reverse=True))
    header = b"\x31\x82" + len(contents).to_bytes(2, "big")
    return cms.CertificateSet.load(header + contents)


def _signed(
    info: tsp.TSTInfo, by: Authority, certificates: cms.CertificateSet | None, fate: str
) -> cms.SignedData:
    signer = x509.Certificate.load(by.signer.public_bytes(serialization.Encoding.DER))
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [sha256(info.dump()).digest()]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [_names(signer)]}),
        ]
    )
    digest, algorithm = (SM3, SM2_WITH_SM3) if fate == "unknown_algorithm" else ("sha256", "sha256_ecdsa")
    about = {
        "version": "v1",
        "sid": {"issuer_and_serial_number": {"issuer": signer.issuer, "serial_number": signer.serial_number}},
        "digest_algorithm": {"algorithm": digest},
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": algorithm},
        "signature": _signature(attributes, by),
    }
    inside = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": digest}],
        "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(info.dump())},
        "signer_infos": [about],
    }
    return cms.SignedData(inside if certificates is None else inside | {"certificates": certificates})


def _names(signer: x509.Certificate) -> tsp.SigningCertificateV2:
    return tsp.SigningCertificateV2({"certs": [{"cert_hash": sha256(signer.dump()).digest()}]})


def _signature(attributes: cms.CMSAttributes, by: Authority) -> bytes:
    # RFC 5652 §5.4: signed is the attributes' SET, not the [0] under which they travel.
    return by.key.sign(attributes.untag().dump(), ec.ECDSA(hashes.SHA256()))
