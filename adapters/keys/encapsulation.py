r"""Sealing to a body's key: HPKE (RFC 9180), hybrid ML-KEM-768 and X25519, single-shot.

    private := ML-KEM-768 seed d ‖ z[64] ‖ X25519 private key[32]                96 bytes
    public  := ML-KEM-768 encapsulation key[1184] ‖ X25519 public key[32]      1216 bytes
    sealed  := ML-KEM-768 ciphertext[1088] ‖ X25519 ephemeral public key[32]
               ‖ AES-256-GCM(secret) ‖ tag[16]              1168 bytes for a secret of 32

Base mode, no associated data; KEM 0x647a, which combines as X-Wing does: SHA3-256(ML-KEM secret ‖
X25519 secret ‖ ephemeral ‖ X25519 public ‖ "\.//^\"); KDF 0x0001 (HKDF-SHA-256); AEAD 0x0002
(AES-256-GCM). Whoever breaks one of the two key agreements still has the other before them.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from domain.errors import HomeNotReady, NotTrusted
from domain.reference import body_keys

PRIVATE_BYTES = 96
PUBLIC_BYTES = 1216
SECRET_BYTES = 32
_SEED = 64
_LATTICE_PUBLIC = 1184
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def generate() -> tuple[bytes, bytes]:
    """Make a key pair; gives the private and the public bytes."""
    seed = MLKEM768PrivateKey.generate().private_bytes_raw()
    private = seed + X25519PrivateKey.generate().private_bytes_raw()
    return private, public_of(private)


def public_of(private: bytes) -> bytes:
    """Give the public bytes of a private key; raises HomeNotReady for a wrong length."""
    lattice, curve = _halves(private)
    return lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


def fingerprint(public: bytes) -> bytes:
    """Give the 32 bytes that bodies compare by other means before they trust a key."""
    return body_keys.fingerprint("recipient", public)


def seal_to(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Seal bytes of any length to a public key; raises NotTrusted for what is no such key."""
    if len(public) != PUBLIC_BYTES:
        raise NotTrusted("recipient key")
    try:
        key = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(public[:_LATTICE_PUBLIC]),
            X25519PublicKey.from_public_bytes(public[_LATTICE_PUBLIC:]),
        )
        return _SUITE.encrypt(plaintext, key, info)
    except ValueError:
        # Coefficients out of range, or a point to which every secret is the same.
        raise NotTrusted("recipient key") from None


def open_with(private: bytes, sealed: bytes, info: bytes) -> bytes | None:
    """Open what was sealed to our key; None when it was not, or was bound to another `info`."""
    key = MLKEM768X25519PrivateKey(*_halves(private))
    try:
        return _SUITE.decrypt(sealed, key, info)
    except (InvalidTag, ValueError):
        return None


def _halves(private: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(private) != PRIVATE_BYTES:
        raise HomeNotReady("a recipient's private key here is not 96 bytes: restore its key file")
    return (
        MLKEM768PrivateKey.from_seed_bytes(private[:_SEED]),
        X25519PrivateKey.from_private_bytes(private[_SEED:]),
    )


class HybridEncapsulation:
    """The `Encapsulation` port: secrets of exactly 32 bytes."""

    def encapsulate(self, public: bytes, secret: bytes, info: bytes) -> bytes:
        """Seal 32 bytes to a public key; raises NotTrusted for what is no such key."""
        if len(secret) != SECRET_BYTES:
            raise HomeNotReady("a secret to be sealed to a body is not 32 bytes")
        return seal_to(public, secret, info)

    def decapsulate(self, private: bytes, sealed: bytes, info: bytes) -> bytes | None:
        """Open; None when it is not ours, is bound to another `info`, or is not 32 bytes."""
        secret = open_with(private, sealed, info)
        return secret if secret is not None and len(secret) == SECRET_BYTES else None
