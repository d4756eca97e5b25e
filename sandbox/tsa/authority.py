"""The throw-away authority behind the time stamps: a root and a signing certificate, kept per data folder."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SINCE = datetime(2020, 1, 1, tzinfo=UTC)  # business time may be moved: the certificates outlive every story
UNTIL = datetime(2049, 12, 31, tzinfo=UTC)
KEY, SIGNER, ROOT = "tsa-key.pem", "tsa.pem", "tsa-root.pem"


@dataclass(frozen=True)
class Authority:
    """A root certificate and the certificate and key that sign time stamps under it."""

    root: x509.Certificate
    signer: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def root_pem(self) -> bytes:
        """The root, for whoever wants to check a token."""
        return self.root.public_bytes(serialization.Encoding.PEM)


def authority(folder: Path | None) -> Authority:
    """Return the authority of this folder, made at first; without a folder it lives in memory only."""
    if folder is None:
        return _made()
    if not (folder / ROOT).exists():
        _keep(folder, _made())
    key = serialization.load_pem_private_key((folder / KEY).read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{folder / KEY} is no EC key: remove the file and the two beside it")
    pems = ((folder / name).read_bytes() for name in (ROOT, SIGNER))
    root, signer = (x509.load_pem_x509_certificate(pem) for pem in pems)
    return Authority(root, signer, key)


def _keep(folder: Path, made: Authority) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    secret = made.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(folder / KEY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(secret)
    (folder / SIGNER).write_bytes(made.signer.public_bytes(serialization.Encoding.PEM))
    (folder / ROOT).write_bytes(made.root_pem)


def _made() -> Authority:
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name("Huizheng Sandbox Root"), _name("Huizheng Sandbox TSA")
    root = (
        _begun(root_name, root_name, root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    signer = (
        _begun(name, root_name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        # RFC 3161 §2.3: critical, and the only purpose.
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    return Authority(root, signer, key)


def _begun(name: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder(issuer, name, public, x509.random_serial_number(), SINCE, UNTIL)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )  # fmt: skip


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=signs_certificates,
        crl_sign=signs_certificates, encipher_only=False, decipher_only=False,
    )  # fmt: skip
