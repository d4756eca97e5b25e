"""What a reader without the scope ``personal`` sees of telephone numbers, ID numbers and addresses."""

import re
from collections.abc import Mapping
from typing import Any

from casework.identity import mask_id, mask_phone

_ID = re.compile(r"(?<!\d)\d{17}[\dXx×](?!\d)")
_PHONE = re.compile(
    r"(?<!\d)(?:"
    r"(?:\+?86[-\s]?)?1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}"  # mainland mobile
    r"|0\d{2,3}[-\s]?\d{3,4}[-\s]?\d{4}"  # with an area code
    r"|\+\d(?:[-\s]?\d){6,14}"  # E.164
    r")(?!\d)"
)
_WIDE = str.maketrans("０１２３４５６７８９＋－Ｘｘ　", "0123456789+-Xx ")  # as Chinese keyboards write them
_CODES = frozenset({"waybill"})  # digits that name a parcel, not a person


def mask_text(text: str) -> str:
    """Mask every telephone and ID number that stands in a text."""
    plain = text.translate(_WIDE)
    masked = _ID.sub(lambda found: mask_id(found.group()), plain)
    masked = _PHONE.sub(lambda found: mask_phone(found.group()), masked)
    return text if masked == plain else masked


def mask_address(address: str) -> str:
    """Mask where somebody is reached: a telephone number, an e-mail address, an account."""
    before, at, domain = address.partition("@")
    if at:
        return f"{before[:1]}***@{domain}"
    if re.fullmatch(r"\+?[\d\s()-]+", address):
        return mask_phone(address)
    return f"{address[:2]}***"


def mask_told(value: Any, name: str = "") -> Any:
    """Mask what a record tells, whatever its shape."""
    match value:
        case Mapping():
            return {key: mask_told(item, key) for key, item in value.items()}
        case list() | tuple():
            return [mask_told(item, name) for item in value]
        case str() if name == "id_number":
            return mask_id(value)
        case str() if name == "address":
            return mask_address(value)
        case str() if name not in _CODES:
            return mask_text(value)
        case _:
            return value
