"""Certificates in a PEM file (RFC 7468), read with the standard library."""

import re
from binascii import Error, a2b_base64
from collections.abc import Iterator

_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


def certificates(data: bytes) -> Iterator[bytes]:
    """Give the DER of each certificate in order; what is no certificate in base64 is passed over."""
    for block in _BLOCK.findall(data):
        try:
            yield a2b_base64(block)
        except Error:
            continue
