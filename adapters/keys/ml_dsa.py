"""ML-DSA-44 (FIPS 204), pure and with an empty context: checkpoints, beside Ed25519.

private := seed[32]      public := [1312]      signature := [2420]
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from domain.errors import HomeNotReady

PRIVATE_BYTES = 32
PUBLIC_BYTES = 1312
SIGNATURE_BYTES = 2420


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether a signature holds; False for wrong lengths and for what is no key."""
    if len(public) != PUBLIC_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class MlDsa44Signer:
    """The `Signer` port. Safe to share between threads."""

    __slots__ = ("_private", "_public")

    def __init__(self, private: bytes) -> None:
        """Sign with the key of a 32-byte seed; raises HomeNotReady for another length."""
        if len(private) != PRIVATE_BYTES:
            raise HomeNotReady("an ML-DSA key here is not 32 bytes: restore its key file")
        self._private = MLDSA44PrivateKey.from_seed_bytes(private)
        self._public = self._private.public_key().public_bytes_raw()

    @property
    def public(self) -> bytes:
        """Give the 1312-byte public key."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Sign; gives 2420 bytes, other ones each time."""
        return self._private.sign(message)
