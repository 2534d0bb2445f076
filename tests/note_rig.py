"""Logs and witnesses that sign notes in tests, and the algorithms by which they are checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from adapters.keys import ml_dsa, signing
from domain.checkpoint import Algorithms, Checkpoint, signed_line
from domain.signed_note import KeyKind, Note, NoteKey, Sign, SignatureLine

ALGORITHMS = Algorithms(ed25519=signing.verify, ml_dsa_44=ml_dsa.verify)
ORIGIN = "hub.example/havering"
NOW = 1_795_000_000


@dataclass(frozen=True)
class NoteSigner:
    """A key with its private part."""

    key: NoteKey
    sign: Sign

    def line(self, checkpoint: Checkpoint, *, seconds: int = NOW) -> SignatureLine:
        """Sign a checkpoint."""
        return signed_line(self.key, checkpoint, self.sign, seconds=seconds)


def a_signer(kind: KeyKind, name: str = ORIGIN, seed: int = 1) -> NoteSigner:
    """Give a signer that is the same in every run."""
    private = hashlib.sha256(f"{kind}/{seed}".encode()).digest()
    if kind is KeyKind.ML_DSA_44:
        post_quantum = ml_dsa.MlDsa44Signer(private)
        return NoteSigner(NoteKey(name, kind, post_quantum.public), post_quantum.sign)
    signer = signing.Ed25519Signer(private)
    return NoteSigner(NoteKey(name, kind, signer.public), signer.sign)


LOG = a_signer(KeyKind.ED25519)
LOG_PQ = a_signer(KeyKind.ML_DSA_44)
WITNESSES = tuple(
    a_signer(KeyKind.ED25519_COSIGNATURE, f"{name}.example/witness", seed)
    for seed, name in enumerate(("barking", "havering", "redbridge"))
)


def a_note(checkpoint: Checkpoint, *signers: NoteSigner, seconds: int = NOW) -> Note:
    """Give a checkpoint's note, signed by these."""
    lines = tuple(signer.line(checkpoint, seconds=seconds) for signer in signers)
    return Note(checkpoint.text(), lines)
