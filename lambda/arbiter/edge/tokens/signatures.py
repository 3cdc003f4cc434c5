"""Signatures of tokens, RS256 and ES256 (RFC 7518), verified by public keys: nothing secret is held or computed."""

import hashlib
from typing import NamedTuple

_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
"""RFC 8017, 9.2: how a SHA-256 digest is announced in what RSA signs."""
# NIST SP 800-186, 3.2.1.3: the curve P-256, y² = x³ - 3x + b over the numbers below P, with a base point of order N.
_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_BASE = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_BYTES = 32
Point = tuple[int, int, int]
"""X, Y and Z of (X/Z², Y/Z³): without a division in every step, which would be thirty times as slow."""
_INFINITY = (1, 1, 0)


class RsaKey(NamedTuple):
    """A public key of RSA."""

    modulus: int
    exponent: int

    def verifies(self, signed: bytes, signature: bytes) -> bool:
        """RFC 8017, 8.2.2: what the signature opens to is, byte for byte, the one encoding of the digest."""
        size = (self.modulus.bit_length() + 7) // 8
        number = int.from_bytes(signature, "big")
        if len(signature) != size or number >= self.modulus:
            return False
        digest = _SHA256 + hashlib.sha256(signed).digest()
        encoded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
        return pow(number, self.exponent, self.modulus).to_bytes(size, "big") == encoded


class EcKey(NamedTuple):
    """A public key on the curve P-256."""

    x: int
    y: int

    @property
    def on_curve(self) -> bool:
        """Whether it is a point of the curve at all: a point of another one would give forgeries away."""
        return self.x < _P and self.y < _P and (self.y**2 - self.x**3 + 3 * self.x - _B) % _P == 0

    def verifies(self, signed: bytes, signature: bytes) -> bool:
        """FIPS 186-5, 6.4.2, with the two numbers side by side (RFC 7518, 3.4)."""
        r, s = int.from_bytes(signature[:_BYTES], "big"), int.from_bytes(signature[_BYTES:], "big")
        if len(signature) != 2 * _BYTES or not (0 < r < _N and 0 < s < _N):
            return False
        inverse = pow(s, -1, _N)
        digest = int.from_bytes(hashlib.sha256(signed).digest(), "big")
        x = _abscissa(digest * inverse % _N, r * inverse % _N, self)
        return x is not None and x % _N == r


def _abscissa(first: int, second: int, key: EcKey) -> int | None:
    """The x of `first * base + second * key`, bit by bit; `None` at infinity."""
    base, other = (*_BASE, 1), (key.x, key.y, 1)
    steps = {(0, 0): _INFINITY, (1, 0): base, (0, 1): other, (1, 1): _sum(base, other)}
    result = _INFINITY
    for bit in reversed(range(_N.bit_length())):
        result = _sum(_double(result), steps[first >> bit & 1, second >> bit & 1])
    x, _, z = result
    return x * pow(z, -2, _P) % _P if z else None


def _double(point: Point) -> Point:
    """Hankerson, Menezes, Vanstone, *Guide to Elliptic Curve Cryptography*, algorithm 3.21."""
    x, y, z = point
    square, cross = y * y % _P, z * z % _P
    slope, four = 3 * (x - cross) * (x + cross) % _P, 4 * x * square % _P
    x3 = (slope * slope - 2 * four) % _P
    return x3, (slope * (four - x3) - 8 * square * square) % _P, 2 * y * z % _P


def _sum(one: Point, other: Point) -> Point:
    """The same, algorithm 3.22, for any two points."""
    (x1, y1, z1), (x2, y2, z2) = one, other
    if not z1 or not z2:
        return one if z1 else other
    square1, square2 = z1 * z1 % _P, z2 * z2 % _P
    u1, u2, s1, s2 = x1 * square2 % _P, x2 * square1 % _P, y1 * z2 * square2 % _P, y2 * z1 * square1 % _P
    if u1 == u2:
        return _double(one) if s1 == s2 else _INFINITY
    across, up = u2 - u1, s2 - s1
    squared = across * across % _P
    cubed, along = across * squared % _P, u1 * squared % _P
    x3 = (up * up - cubed - 2 * along) % _P
    return x3, (up * (along - x3) - s1 * cubed) % _P, z1 * z2 * across % _P
