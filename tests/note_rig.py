"""Logs and witnesses that sign notes in tests, and the algorithms by which they are checked."""

from __future__ import annotations

import hashlib

from adapters.keys import ml_dsa, signing
from domain.checkpoint import Algorithms, Checkpoint, NoteSigner, signed_note
from domain.signed_note import KeyKind, Note, NoteKey

ALGORITHMS = Algorithms(ed25519=signing.verify, ml_dsa_44=ml_dsa.verify)
ORIGIN = "hub.example/havering"
NOW = 1_795_000_000


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
    return signed_note(checkpoint, signers, seconds=seconds)
