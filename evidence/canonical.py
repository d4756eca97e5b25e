"""The one JSON form of a value (RFC 8785 without floats), in which alone we write and read what is hashed."""

import json
import re
from collections.abc import Mapping
from operator import ge
from typing import Any

from evidence.errors import CanonicalError

LARGEST = 2**53 - 1  # RFC 8785 §3.2.2.3: larger integers are not safe in every reader

DEEPEST = 64  # lists and objects within each other

_DIGITS = len(str(LARGEST)) + 1  # and a sign


def dumps(value: object) -> bytes:
    """Return the UTF-8 bytes of a value made of strings, integers, booleans, null, lists and mappings.

    Raises CanonicalError for floats, integers of 2^53 or more, lone surrogates, other types and
    nesting too deep to handle.
    """
    try:
        return _ENCODER.encode(_ordered(value)).encode()
    except UnicodeEncodeError as error:
        raise CanonicalError("a string holds a lone surrogate") from error
    except RecursionError as error:
        raise CanonicalError("nested too deeply") from error


def loads(data: bytes) -> Any:
    """Return the value whose one form these bytes are.

    Raises CanonicalError when they are anything else: another order or spacing, a duplicate key, a
    float, a byte order mark, trailing text, nested more than 64 deep.
    """
    try:
        text = data.decode("utf-8")
        _must_be_shallow(text)
        value = _DECODER.decode(text)
        # Writing it again refuses at once all else that a lenient parser lets through.
        if _ENCODER.encode(value) != text:
            raise CanonicalError("not in RFC 8785 form")
    except (ValueError, RecursionError) as error:
        raise CanonicalError(f"not strict JSON: {type(error).__name__}") from error
    return value


def _must_be_shallow(text: str) -> None:
    # Where programs give up differs, so that the depth is limited before anything is parsed.
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth = 0
    for found in _BRACKET.finditer(text):
        depth += _STEP.get(found[0], 0)
        if depth > DEEPEST:
            raise CanonicalError(f"nested more than {DEEPEST} deep")


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


def _strict_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    order = names if all(map(str.isascii, names)) else [_utf16(name) for name in names]
    if any(map(ge, order, order[1:])):
        raise CanonicalError("keys are out of order, or one stands twice")
    return dict(pairs)


def _strict_integer(text: str) -> int:
    if len(text) > _DIGITS or abs(int(text)) > LARGEST:
        raise CanonicalError("an integer of 2^53 or more")
    return int(text)


def _refused(text: str) -> object:
    raise CanonicalError(f"no canonical form for the float {text}")


_BRACKET = re.compile(r'[\[\]{}]|"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # or a string, ended or not
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}
# With ensure_ascii off, the standard library escapes exactly what RFC 8785 §3.2.2.2 asks for.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(
    object_pairs_hook=_strict_object, parse_int=_strict_integer, parse_float=_refused, parse_constant=_refused
)
