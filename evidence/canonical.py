"""The one JSON form of a value (RFC 8785 without floats), in which alone we write and read what is hashed."""

import json
from collections.abc import Mapping
from typing import Any

from evidence.errors import CanonicalError

LARGEST = 2**53 - 1  # RFC 8785 §3.2.2.3: larger integers are not safe in every reader


def dumps(value: object) -> bytes:
    """Return the UTF-8 bytes of a value made of strings, integers, booleans, null, lists and mappings.

    Raises CanonicalError for floats, integers of 2^53 or more, lone surrogates, other types and
    nesting too deep to handle.
    """
    try:
        return _text(_ordered(value)).encode()
    except UnicodeEncodeError as error:
        raise CanonicalError("a string holds a lone surrogate") from error
    except RecursionError as error:
        raise CanonicalError("nested too deeply") from error


def loads(data: bytes) -> Any:
    """Return the value whose one form these bytes are.

    Raises CanonicalError when they are anything else: another order or spacing, a duplicate key, a
    float, a byte order mark, trailing text.
    """
    value = _parsed(data)
    # Writing it again refuses at once all that a lenient parser lets through.
    if dumps(value) != data:
        raise CanonicalError("not in RFC 8785 form")
    return value


def _text(value: object) -> str:
    # With ensure_ascii off, the standard library escapes exactly what RFC 8785 §3.2.2.2 asks for.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _ordered(value: object) -> object:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int) and abs(value) <= LARGEST:
        return value
    if isinstance(value, Mapping):
        return {name: _ordered(value[name]) for name in sorted(value, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    raise CanonicalError(f"no canonical form for {type(value).__name__}")


def _utf16(name: object) -> bytes:
    # RFC 8785 §3.2.3 sorts by UTF-16 code units, which differs from code points beyond U+FFFF.
    if not isinstance(name, str):
        raise CanonicalError("a key is not a string")
    return name.encode("utf-16-be")


def _parsed(data: bytes) -> object:
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise CanonicalError(f"not strict JSON: {type(error).__name__}") from error
