"""The hub's checkpoint key: Ed25519, which every verifier knows, and ML-DSA-44 beside it.

private := Ed25519 seed[32] ‖ ML-DSA-44 seed[32]      public := Ed25519[32] ‖ ML-DSA-44[1312]
"""

from __future__ import annotations

from adapters.keys import ml_dsa, signing
from adapters.keys.ml_dsa import MlDsa44Signer
from adapters.keys.signing import Ed25519Signer
from domain.checkpoint import Algorithms, NoteSigner, log_keys
from domain.errors import HomeNotReady

PRIVATE_BYTES = signing.PRIVATE_BYTES + ml_dsa.PRIVATE_BYTES
ALGORITHMS = Algorithms(ed25519=signing.verify, ml_dsa_44=ml_dsa.verify)
"""How the signatures on checkpoints and of witnesses are verified."""


class CheckpointKey:
    """Signs the checkpoints of every ledger, each under its own origin."""

    __slots__ = ("_ed25519", "_ml_dsa")

    def __init__(self, private: bytes) -> None:
        """Sign with the keys of two seeds; raises HomeNotReady for another length."""
        if len(private) != PRIVATE_BYTES:
            raise HomeNotReady("the checkpoint key is not 64 bytes: restore its key file")
        self._ed25519 = Ed25519Signer(private[: signing.PRIVATE_BYTES])
        self._ml_dsa = MlDsa44Signer(private[signing.PRIVATE_BYTES :])

    @property
    def public(self) -> bytes:
        """Give the 1344 public bytes, of which anyone makes every log's two keys."""
        return self._ed25519.public + self._ml_dsa.public

    def sign(self, message: bytes) -> bytes:
        """Sign what is no checkpoint, such as who follows this key: with one key after the other.

        A verifier of checkpoints takes no such message for one: it begins with no origin of ours.
        """
        return self._ed25519.sign(message) + self._ml_dsa.sign(message)

    def signers(self, origin: str) -> tuple[NoteSigner, NoteSigner]:
        """Give what signs for one ledger; its key names are the origin. Raises NotProven."""
        ed25519, post_quantum = log_keys(origin, self.public)
        return NoteSigner(ed25519, self._ed25519.sign), NoteSigner(post_quantum, self._ml_dsa.sign)


def verify_successor(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether a key signed for its successor: a checkpoint key with both of its keys."""
    if len(public) != signing.PUBLIC_BYTES + ml_dsa.PUBLIC_BYTES:
        return signing.verify(public, signature, message)
    halves = zip(
        (signing.verify, ml_dsa.verify),
        (public[: signing.PUBLIC_BYTES], public[signing.PUBLIC_BYTES :]),
        (signature[: signing.SIGNATURE_BYTES], signature[signing.SIGNATURE_BYTES :]),
        strict=True,
    )
    return all(verify(key, half, message) for verify, key, half in halves)
