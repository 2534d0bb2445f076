r"""The key-encryption key when it is the secret of a sealed key file: wrapping in this process.

    wrapped := nonce[12] ‖ AES-256-GCM(key[32]) ‖ tag[16]                        60 bytes
    associated data := "bhr-key-wrap/v1\n" ‖ context

A transit service (`transit.py`) and a token (`pkcs11_token.py`) fulfil the same port and have the
same contract suite; where they are is said in `custody.json` (`elsewhere.py`). While the key is
being replaced (`rewrapping.py`) both are known, and what either wrapped unwraps.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.keys.cipher import KEY_BYTES, AesGcmCipher
from domain.errors import HomeNotReady, NotOpened
from services.key_ports import KeyEncryption

DOMAIN = b"bhr-key-wrap/v1\n"


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
        refuse_strange(key)
        return self._cipher.seal(self._secret, key, DOMAIN + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap; raises NotOpened when altered or bound to another context or key."""
        return unwrapped(self._cipher.open(self._secret, wrapped, DOMAIN + context))

    def wrap_all(self, keys: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Wrap many keys, each with its context, in order."""
        return [self.wrap(key, context) for key, context in keys]

    def unwrap_all(self, wrapped: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """Unwrap many, each with its context, in order; None for one that does not unwrap."""
        return [self._cipher.open(self._secret, one, DOMAIN + of) for one, of in wrapped]


class KeyEncryptionRing:
    """The `KeyEncryption` port over several: wraps under the first, unwraps by each."""

    __slots__ = ("_all",)

    def __init__(self, keys: Sequence[KeyEncryption]) -> None:
        """Wrap under the first of these."""
        self._all = tuple(keys)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Wrap 32 bytes under the first, bound to `context`."""
        return self._all[0].wrap(key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap what any of them wrapped; raises NotOpened when none did."""
        return unwrapped(self.unwrap_all([(wrapped, context)])[0])

    def wrap_all(self, keys: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Wrap many keys under the first, each with its context."""
        return self._all[0].wrap_all(keys)

    def unwrap_all(self, wrapped: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """Unwrap many by whichever wrapped them; None for one that none did."""
        found: list[bytes | None] = [None] * len(wrapped)
        for one in self._all:
            shut = [at for at, key in enumerate(found) if key is None]
            for at, key in zip(shut, one.unwrap_all([wrapped[at] for at in shut]), strict=True):
                found[at] = key
        return found


def refuse_strange(key: bytes) -> None:
    """Raise HomeNotReady for what is no key of ours."""
    if len(key) != KEY_BYTES:
        raise HomeNotReady("a key to be wrapped is not 32 bytes")


def unwrapped(key: bytes | None) -> bytes:
    """Give a key that was unwrapped; raises NotOpened where it was not."""
    if key is None or len(key) != KEY_BYTES:
        raise NotOpened("wrapped key")
    return key
