"""Whether an Ed25519 signature holds, with nothing but the standard library (RFC 8032 §5.1).

Speed here is a stranger's comfort and time tells nobody a secret: only public values are computed with.
"""

from functools import cache
from hashlib import sha512

# x, y, z, t with x/z and y/z on the curve and t = x*y/z (RFC 8032 §5.1.4).
_Point = tuple[int, int, int, int]

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)
_NEUTRAL: _Point = (0, 1, 1, 0)
_WINDOW = 4  # bits of a scalar that one addition takes care of


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this key made this signature over this message; never raises on what the bytes are.

    As strict as it can be: 32 and 64 bytes, S below the group order, both points
    in their one encoding, and the equation without the cofactor.
    """
    key, s = _point(public), int.from_bytes(signature[32:], "little")
    if key is None or len(signature) != 64 or s >= _L:
        return False
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % _L
    # R is never decoded: the one encoding of S*B - k*A is compared with it.
    return _encoded(_both(s, k, _negated(key))) == signature[:32]


def _point(encoded: bytes) -> _Point | None:
    sign, y = encoded[-1] >> 7 if encoded else 0, int.from_bytes(encoded, "little") & (1 << 255) - 1
    if len(encoded) != 32 or y >= _P:
        return None
    x = _x(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _x(y: int, sign: int) -> int | None:
    # RFC 8032 §5.1.3: the root of (y^2 - 1) / (d*y^2 + 1), where there is one.
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P == -u % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if v * x * x % _P != u or (x == 0 and sign):
        return None
    return x if x & 1 == sign else _P - x


def _encoded(point: _Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, _P)
    return (y * inverse % _P | (x * inverse % _P & 1) << 255).to_bytes(32, "little")


def _negated(point: _Point) -> _Point:
    x, y, z, t = point
    return -x % _P, y, z, -t % _P


def _both(s: int, k: int, point: _Point) -> _Point:
    # S*B + k*point with one run of doublings for both.
    base, other, found = _base_multiples(), _multiples(point), _NEUTRAL
    for shift in range(252, -1, -_WINDOW):
        for _ in range(_WINDOW):
            found = _doubled(found)
        found = _sum(found, base[s >> shift & 15])
        found = _sum(found, other[k >> shift & 15])
    return found


@cache
def _base_multiples() -> list[_Point]:
    y = 4 * pow(5, -1, _P) % _P
    base = _point(y.to_bytes(32, "little"))
    assert base is not None  # RFC 8032 §5.1 gives the base point
    return _multiples(base)


def _multiples(point: _Point) -> list[_Point]:
    multiples = [_NEUTRAL]
    for _ in range((1 << _WINDOW) - 1):
        multiples.append(_sum(multiples[-1], point))
    return multiples


def _sum(one: _Point, other: _Point) -> _Point:
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    a, b = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    c, d = 2 * t1 * t2 % _P * _D % _P, 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _doubled(point: _Point) -> _Point:
    x, y, z, _ = point
    a, b = x * x % _P, y * y % _P
    h, g = a + b, a - b
    e, f = h - (x + y) * (x + y) % _P, 2 * z * z % _P + g
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P
