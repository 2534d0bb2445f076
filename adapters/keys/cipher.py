"""AES-256-GCM as `cryptography` does it, for everything that is sealed under a key of ours.

    sealed := nonce[12] ‖ ciphertext ‖ tag[16]

The nonce is 96 random bits each time and is never counted: a counter would repeat after a restore.
"""

from __future__ import annotations

import functools
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import HomeNotReady

KEY_BYTES = 32
_NONCE_BYTES = 12
_SEALED_BYTES_MIN = _NONCE_BYTES + 16


class AesGcmCipher:
    """The `Cipher` port. Safe to share between threads.

    Keys as the library wants them are kept, the latest `cached` of them: setting one up costs more
    than sealing a small part under it. So a destroyed key may stay in this process's memory for a
    while; Python could not wipe it in any case.
    """

    def __init__(self, *, cached: int = 4096) -> None:
        """Keep at most `cached` keys set up."""
        self._under = functools.lru_cache(maxsize=cached)(AESGCM)

    def seal(self, key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Seal under 32 bytes; gives nonce ‖ ciphertext ‖ tag."""
        if len(key) != KEY_BYTES:
            raise HomeNotReady("a sealing key here is not 32 bytes: restore its key file or store")
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._under(key).encrypt(nonce, plaintext, associated)

    def open(self, key: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """Open; None for a wrong key, place or length, or bytes that were altered."""
        if len(key) != KEY_BYTES or len(sealed) < _SEALED_BYTES_MIN:
            return None
        try:
            nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return self._under(key).decrypt(nonce, ciphertext, associated)
        except InvalidTag:
            return None
