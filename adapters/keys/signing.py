"""Ed25519 (RFC 8032): submissions, acknowledgements, statements.

private := seed[32]      public := point[32]      signature := R ‖ S [64]
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.errors import HomeNotReady
from domain.reference import body_keys

PRIVATE_BYTES = 32
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64

_P = 2**255 - 19
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7
_SMALL_ORDER = frozenset({0, 1, _ORDER_8, _P - _ORDER_8, _P - 1, _P, _P + 1})
_WITHOUT_SIGN = 2**255 - 1


def generate() -> tuple[bytes, bytes]:
    """Make a key pair; gives the private and the public bytes."""
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def fingerprint(public: bytes) -> bytes:
    """Give the 32 bytes that bodies compare by other means before they trust a key."""
    return body_keys.fingerprint("signing", public)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether a signature holds; False for wrong lengths and for points of small order.

    Under a point of small order anyone can make a signature that holds for many messages: whoever
    published such a key could later disown whatever was signed with it.
    """
    if len(public) != PUBLIC_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    if int.from_bytes(public, "little") & _WITHOUT_SIGN in _SMALL_ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class Ed25519Signer:
    """The `Signer` port. Safe to share between threads."""

    __slots__ = ("_private", "_public")

    def __init__(self, private: bytes) -> None:
        """Sign with the key of a 32-byte seed; raises HomeNotReady for another length."""
        if len(private) != PRIVATE_BYTES:
            raise HomeNotReady("a signing key here is not 32 bytes: restore its key file")
        self._private = Ed25519PrivateKey.from_private_bytes(private)
        self._public = self._private.public_key().public_bytes_raw()

    @property
    def public(self) -> bytes:
        """Give the 32-byte public key."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Sign; gives 64 bytes, the same for the same message."""
        return self._private.sign(message)
