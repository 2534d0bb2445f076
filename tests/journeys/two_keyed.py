"""A ciphertext that opens under two keys: AES-GCM ties no ciphertext to one key.

Whoever knows both keys and may choose one block of what is sealed can choose it so that the tag is
the same under each (Dodis, Grubbs, Ristenpart and Woodage 2018 did it to messages of a messenger).
What an event's part begins with is its salt, and of a plain source the hub makes that.
"""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys.cipher import AesGcmCipher

NONCE = bytes(12)
_BLOCK = 16
_POLYNOMIAL = 0xE1 << 120
_ORDER = 2**128 - 2


class TwoKeyed(AesGcmCipher):
    """Seals what begins with one salt under the nonce that it was made for."""

    def __init__(self, salt: bytes) -> None:
        """Watch for this salt."""
        super().__init__()
        self._salt = salt

    def seal(self, key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Seal it as it was worked out to be, and anything else as ever."""
        if not plaintext.startswith(self._salt):
            return super().seal(key, plaintext, associated)
        return NONCE + AESGCM(key).encrypt(NONCE, plaintext, associated)


def salt_for_both(one: bytes, other: bytes, content: bytes, associated: bytes) -> bytes:
    """Give a salt with which content sealed under one key opens under the other too.

    All but the first block is as it comes; that block is worked out from what both tags must be.
    """
    rest = os.urandom(_BLOCK)
    length = 2 * _BLOCK + len(content)
    stream = _stream(one, length)
    sealed = _xor(bytes(_BLOCK) + rest + content, stream)
    blocks = [*_blocks(associated), *_blocks(bytes(_BLOCK) + sealed[_BLOCK:])]
    blocks.append(int.from_bytes((8 * len(associated)).to_bytes(8, "big")) << 64 | 8 * length)
    keys = [int.from_bytes(_block(key, bytes(_BLOCK))) for key in (one, other)]
    wanted = 0
    for key, hashed in zip((one, other), keys, strict=True):
        wanted ^= int.from_bytes(_block(key, NONCE + b"\0\0\0\1")) ^ _hash(blocks, hashed)
    power = len(blocks) - len(_blocks(associated))
    weight = _power(keys[0], power) ^ _power(keys[1], power)
    first = _times(wanted, _power(weight, _ORDER)).to_bytes(_BLOCK, "big")
    return _xor(first, stream[:_BLOCK]) + rest


def _block(key: bytes, block: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(block)  # noqa: S305 - one block of GCM


def _stream(key: bytes, length: int) -> bytes:
    count = -(-length // _BLOCK)
    return b"".join(_block(key, NONCE + (2 + at).to_bytes(4, "big")) for at in range(count))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))


def _blocks(raw: bytes) -> list[int]:
    return [
        int.from_bytes(raw[at : at + _BLOCK].ljust(_BLOCK, b"\0"))
        for at in range(0, len(raw), _BLOCK)
    ]


def _hash(blocks: list[int], key: int) -> int:
    """GHASH of SP 800-38D."""
    found = 0
    for one in blocks:
        found = _times(found ^ one, key)
    return found


def _times(one: int, other: int) -> int:
    """Multiply in GCM's field, whose first bit is the constant term."""
    found = 0
    for at in range(127, -1, -1):
        if one >> at & 1:
            found ^= other
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
    return found


def _power(one: int, exponent: int) -> int:
    found = 1 << 127
    while exponent:
        if exponent & 1:
            found = _times(found, one)
        one = _times(one, one)
        exponent >>= 1
    return found
