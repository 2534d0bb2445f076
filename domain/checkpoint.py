r"""Checkpoints (C2SP tlog-checkpoint) and what signatures on them cover (tlog-cosignature).

    text := origin ‖ "\n" ‖ size in decimal ‖ "\n" ‖ base64(root[32]) ‖ "\n"
    0x01 signs: text                                                  signature[64]
    0x04 signs: "cosignature/v1\ntime " ‖ seconds ‖ "\n" ‖ text       u64 seconds ‖ signature[64]
    0x06 signs: "subtree/v1\n\0" ‖ u8 length ‖ key name ‖ u64 seconds ‖ u8 length ‖ origin
                ‖ u64 0 ‖ u64 size ‖ root[32]                         u64 seconds ‖ signature[2420]

Integers are big-endian, seconds count from 1970. A cosignature says: as of this time, this is the
largest consistent tree that I have seen of this origin. Extension lines, which the format allows
and advises against, are refused: 0x06 does not cover them, and one root would have many texts.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.errors import NotProven
from domain.signed_note import (
    NAME_BYTES_MAX,
    PUBLIC_BYTES,
    KeyKind,
    Note,
    NoteKey,
    Sign,
    SignatureLine,
    Verify,
    from_base64,
    plain_text,
    verified,
)

SIZE_MAX = 2**63 - 1
SECONDS_MAX = 2**63 - 1
ROOT_BYTES = 32
_TEXT_BYTES_MAX = 1024
_TEXT_LINES = 3
_DIGITS_MAX = 19
_STAMP_BYTES = 8
_SUBTREE = b"subtree/v1\n\0"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """That a log had this root at this size."""

    origin: str
    size: int
    root: bytes

    def text(self) -> bytes:
        """Give the text that is signed."""
        root = base64.b64encode(self.root).decode("ascii")
        return f"{self.origin}\n{self.size}\n{root}\n".encode()


class Signed(NamedTuple):
    """One signature that holds."""

    key: NoteKey
    line: SignatureLine
    seconds: int | None
    """When it was made, as its key says; a plain Ed25519 signature does not say."""


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A key under its name, with what signs for it."""

    key: NoteKey
    sign: Sign

    def line(self, checkpoint: Checkpoint, *, seconds: int) -> SignatureLine:
        """Sign a checkpoint, in the way of the key's kind; `seconds` is now."""
        name, key_id = self.key.name, self.key.key_id
        if self.key.kind is KeyKind.ED25519:
            return SignatureLine(name, key_id, self.sign(checkpoint.text()))
        stamp = seconds.to_bytes(_STAMP_BYTES, "big")
        signature = self.sign(_stamped(self.key, checkpoint, seconds))
        return SignatureLine(name, key_id, stamp + signature)


@dataclass(frozen=True, slots=True)
class Algorithms:
    """How signatures are verified: this layer knows what they cover, and no cryptography."""

    ed25519: Verify
    ml_dsa_44: Verify


def read_checkpoint(text: bytes) -> Checkpoint:
    """Read a checkpoint's text; raises NotProven."""
    lines = plain_text(text, bytes_max=_TEXT_BYTES_MAX).split("\n")
    if len(lines) > _TEXT_LINES + 1 and all(lines[:-1]):
        raise NotProven("checkpoint-extended")
    if len(lines) != _TEXT_LINES + 1 or lines[-1]:
        raise NotProven("checkpoint-malformed")
    origin, size, root = lines[:_TEXT_LINES]
    if not 0 < len(origin.encode()) <= NAME_BYTES_MAX:
        raise NotProven("checkpoint-origin")
    raw = from_base64(root, "checkpoint-root")
    if len(raw) != ROOT_BYTES:
        raise NotProven("checkpoint-root")
    return Checkpoint(origin, read_size(size, "checkpoint-size"), raw)


def read_size(text: str, code: str) -> int:
    """Read a decimal without leading zeros, up to 2^63-1; raises NotProven."""
    plain = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    if not plain or (text[0] == "0" and text != "0") or int(text) > SIZE_MAX:
        raise NotProven(code)
    return int(text)


def signed_note(checkpoint: Checkpoint, signers: Sequence[NoteSigner], *, seconds: int) -> Note:
    """Give a checkpoint's note, signed by each; `seconds` is now."""
    lines = tuple(signer.line(checkpoint, seconds=seconds) for signer in signers)
    return Note(checkpoint.text(), lines)


def log_keys(origin: str, public: bytes) -> tuple[NoteKey, NoteKey]:
    """Give the two keys of a log from a checkpoint key's public bytes; raises NotProven.

    Both bear the log's origin for a name: the key of each kind has an id of its own.
    """
    plain = PUBLIC_BYTES[KeyKind.ED25519]
    return (
        NoteKey(origin, KeyKind.ED25519, public[:plain]),
        NoteKey(origin, KeyKind.ML_DSA_44, public[plain:]),
    )


def _stamped(key: NoteKey, checkpoint: Checkpoint, seconds: int) -> bytes:
    """Give the bytes that a signature with a time covers."""
    if key.kind is KeyKind.ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {seconds}\n".encode() + checkpoint.text()
    name, origin = key.name.encode(), checkpoint.origin.encode()
    return b"".join(
        (
            _SUBTREE,
            bytes([len(name)]),
            name,
            seconds.to_bytes(8, "big"),
            bytes([len(origin)]),
            origin,
            bytes(8),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def seconds_of(key: NoteKey, line: SignatureLine) -> int | None:
    """Give the time that a line states; None where the key's kind states none."""
    if key.kind is KeyKind.ED25519:
        return None
    return int.from_bytes(line.signature[:_STAMP_BYTES], "big")


def verified_checkpoint(
    note: Note, keys: Sequence[NoteKey], algorithms: Algorithms
) -> tuple[Checkpoint, tuple[Signed, ...]]:
    """Give a checkpoint and the signatures of known keys, of which there is one at least.

    Raises NotProven for whatever is malformed, for a known key's line that does not hold
    (signature-differs), and where no known key signed (unsigned).
    """
    checkpoint = read_checkpoint(note.text)

    def checks(key: NoteKey, signature: bytes) -> bool:
        return _holds(key, signature, checkpoint, algorithms)

    found = verified(note, keys, checks)
    return checkpoint, tuple(Signed(key, line, seconds_of(key, line)) for key, line in found)


def _holds(key: NoteKey, signature: bytes, checkpoint: Checkpoint, algorithms: Algorithms) -> bool:
    if key.kind is KeyKind.ED25519:
        return algorithms.ed25519(key.public, signature, checkpoint.text())
    seconds = int.from_bytes(signature[:_STAMP_BYTES], "big")
    if len(signature) <= _STAMP_BYTES or seconds > SECONDS_MAX:
        return False
    verify = algorithms.ml_dsa_44 if key.kind is KeyKind.ML_DSA_44 else algorithms.ed25519
    message = _stamped(key, checkpoint, seconds)
    return verify(key.public, signature[_STAMP_BYTES:], message)
