r"""The key-encryption key when it is the secret of a sealed key file: wrapping in this process.

    wrapped := nonce[12] ‖ AES-256-GCM(key[32]) ‖ tag[16]                        60 bytes
    associated data := "bhr-key-wrap/v1\n" ‖ context

A transit service or a token fulfils the same port and has the same contract suite. While the key is
being replaced (`rewrapping.py`) both are known, and what either wrapped unwraps.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.keys.cipher import KEY_BYTES, AesGcmCipher
from domain.errors import HomeNotReady, NotOpened

_DOMAIN = b"bhr-key-wrap/v1\n"


class KeyEncryptionFile:
    """The `KeyEncryption` port over the secret that `open_sealed` gave. Safe between threads."""

    __slots__ = ("_cipher", "_secret")

    def __init__(self, secret: bytes) -> None:
        """Wrap under a secret of 32 bytes; raises HomeNotReady for another length."""
        if len(secret) != KEY_BYTES:
            raise HomeNotReady("the key-encryption key is not 32 bytes: restore its key file")
        self._secret = secret
        self._cipher = AesGcmCipher(cached=1)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Wrap 32 bytes, bound to `context`; never the same bytes twice."""
        if len(key) != KEY_BYTES:
            raise HomeNotReady("a key to be wrapped is not 32 bytes")
        return self._cipher.seal(self._secret, key, _DOMAIN + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap; raises NotOpened when altered or bound to another context or key."""
        key = self._cipher.open(self._secret, wrapped, _DOMAIN + context)
        if key is None or len(key) != KEY_BYTES:
            raise NotOpened("wrapped key")
        return key


class KeyEncryptionRing:
    """The `KeyEncryption` port over several secrets: wraps under the first, unwraps by each."""

    __slots__ = ("_all",)

    def __init__(self, secrets: Sequence[bytes]) -> None:
        """Wrap under the first of these secrets; raises HomeNotReady for a wrong length."""
        self._all = tuple(KeyEncryptionFile(secret) for secret in secrets)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Wrap 32 bytes under the first secret, bound to `context`."""
        return self._all[0].wrap(key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap what any of them wrapped; raises NotOpened when none did."""
        for one in self._all:
            try:
                return one.unwrap(wrapped, context)
            except NotOpened:
                continue
        raise NotOpened("wrapped key")
