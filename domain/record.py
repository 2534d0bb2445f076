r"""A stored record, byte by byte. Big-endian; nothing is ever re-serialised to be checked.

    record := u16 leaf length ‖ leaf ‖ u8 count ‖ (u32 length ‖ sealed)*   (header, then parts)
    leaf   := "bhr-leaf/v1\n" ‖ u8 1 ‖ event id[16] ‖ u64 recorded (ms since 1970, UTC)
              ‖ u8 source length ‖ source ‖ u64 sequence ‖ u8 attestation
              ‖ submission id[16] ‖ u16 index
              ‖ SHA-256(sealed header)[32] ‖ header commitment[32]
              ‖ u8 parts ‖ leaf part*
    leaf part := u8 number ‖ u8 class ‖ SHA-256(key id ‖ event id ‖ u8 number)[32]
              ‖ SHA-256(sealed part)[32] ‖ commitment[32]
    sealed header := key id[32] ‖ nonce[12] ‖ AES-256-GCM(salt[32] ‖ keyring ‖ header bytes)
    sealed part   := nonce[12] ‖ AES-256-GCM(salt[32] ‖ part bytes)     (facts, shared)
                   | nonce[12] ‖ AES-256-GCM(publisher's envelope)      (restricted)
    keyring := u8 count ‖ (u8 number ‖ key id[32] ‖ envelope digest[32])*
               (the digest is zero but for restricted parts, where it is what was signed)

A leaf is at most 8 KiB and names at most 64 parts. Type, stream, agreement, times and key ids are
in the sealed header, not in the leaf: `child-death-notified` is one child, and a key id would be
that child's timeline. `recorded` is set under the ledger's lock, so a leaf is made last. Entries of
kind 2 are no events: `logged_checkpoint.py`.
"""

from __future__ import annotations

import functools
import hashlib
import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from domain.errors import RecordMalformed, StoredBytesDiffer
from domain.statement import PartClass

RECORD_FORMAT = "bhr-record/v1"
LEAF_FORMAT = b"bhr-leaf/v1\n"
LEAF_BYTES_MAX = 8 * 1024
PARTS_MAX = 64
SEALED_BYTES_MAX = 64 * 1024
_LENGTH_BYTES = 2
_PIECE_LENGTH_BYTES = 4
_SEQUENCE_BYTES = 8
_FRONT = struct.Struct(">B16sQ")
_HEAD = struct.Struct(">B16sQB")
_TAIL = struct.Struct(">QB16sH32s32sB")
_PART = struct.Struct(">BB32s32s32s")
_RING = struct.Struct(">B32s32s")


class RecordKind(IntEnum):
    """What an entry of a ledger is."""

    EVENT = 1
    CHECKPOINT = 2


class Attestation(IntEnum):
    """Who vouches for what was said."""

    SIGNED = 1
    """The publisher signed the statement."""
    PLAIN = 2
    """A plain source: the hub made salts and seals at intake, and could have read it."""
    HUB = 3
    """The hub's own event."""


# An enumeration that is called looks its number up four times as slowly.
_CLASSES = {int(one): one for one in PartClass}
_ATTESTATIONS = {int(one): one for one in Attestation}


class LeafPart(NamedTuple):
    """What the leaf says of one part. A tuple, as is most of what is made for each event."""

    number: int
    part_class: PartClass
    key_tag: bytes
    sealed_digest: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class Leaf:
    """What the tree commits to, but for the recorded time, which is set under the lock."""

    event_id: uuid.UUID
    source: str
    sequence: int
    attestation: Attestation
    submission: uuid.UUID
    index: int
    header_digest: bytes
    header_commitment: bytes
    parts: tuple[LeafPart, ...]

    def encode(self, recorded_ms: int) -> bytes:
        """Give the leaf's bytes as of a recorded time."""
        source = self.source.encode()
        leaf = b"".join(
            (
                LEAF_FORMAT,
                _HEAD.pack(RecordKind.EVENT, self.event_id.bytes, recorded_ms, len(source)),
                source,
                _TAIL.pack(
                    self.sequence, self.attestation, self.submission.bytes, self.index,
                    self.header_digest, self.header_commitment, len(self.parts),
                ),
                *[_PART.pack(*part) for part in self.parts],
            )
        )  # fmt: skip
        if len(leaf) > LEAF_BYTES_MAX or len(self.parts) > PARTS_MAX:
            raise RecordMalformed("leaf too large")
        return leaf


class Record(NamedTuple):
    """A stored record, read back and checked against its own leaf."""

    leaf: Leaf
    leaf_bytes: bytes
    recorded_ms: int
    sealed_header: bytes
    sealed_parts: tuple[bytes, ...]


class RingEntry(NamedTuple):
    """One key of the keyring that travels in the sealed header."""

    number: int
    key_id: bytes
    envelope_digest: bytes = bytes(32)


def key_tag(key_id: bytes, event_id: uuid.UUID, number: int) -> bytes:
    """Tie a part to its key without showing which other parts share it."""
    return hashlib.sha256(key_id + event_id.bytes + bytes((number,))).digest()


def encode_keyring(ring: Sequence[RingEntry]) -> bytes:
    """Give the keyring's bytes."""
    return bytes((len(ring),)) + b"".join([_RING.pack(*entry) for entry in ring])


def decode_keyring(raw: bytes) -> tuple[tuple[RingEntry, ...], bytes]:
    """Read a keyring from the front of opened header bytes; gives it and the rest."""
    if not raw or len(raw) < 1 + raw[0] * _RING.size:
        raise RecordMalformed("keyring")
    end = 1 + raw[0] * _RING.size
    return tuple([RingEntry(*fields) for fields in _RING.iter_unpack(raw[1:end])]), raw[end:]


def encode_record(leaf_bytes: bytes, sealed: tuple[bytes, ...]) -> bytes:
    """Give the record's bytes: the leaf, then sealed header and parts."""
    pieces = [len(leaf_bytes).to_bytes(2, "big"), leaf_bytes, bytes([len(sealed)])]
    for piece in sealed:
        pieces += [len(piece).to_bytes(4, "big"), piece]
    return b"".join(pieces)


def decode_record(raw: bytes) -> Record:
    """Read a record and hold every sealed piece against the leaf.

    Raises RecordMalformed, or StoredBytesDiffer naming the header or the part.
    """
    leaf_bytes = leaf_bytes_of(raw)
    leaf, recorded_ms = decode_leaf(leaf_bytes)
    header, *parts = _held(leaf, _pieces(raw, _LENGTH_BYTES + len(leaf_bytes)))
    return Record(leaf, leaf_bytes, recorded_ms, header, tuple(parts))


def sealed_under(leaf: Leaf, raw: bytes) -> tuple[bytes, ...]:
    """Give what is sealed in a record, header first, each piece held against the leaf in front.

    Raises as `decode_record` does.
    """
    return tuple(_held(leaf, _pieces(raw, _LENGTH_BYTES + len(leaf_bytes_of(raw)))))


def _held(leaf: Leaf, sealed: list[bytes]) -> list[bytes]:
    """Give sealed pieces, header first, as they are, once each is what the leaf says."""
    if len(sealed) != 1 + len(leaf.parts):
        raise RecordMalformed("number of parts")
    if hashlib.sha256(sealed[0]).digest() != leaf.header_digest:
        raise StoredBytesDiffer("header")
    for at, part in enumerate(leaf.parts, 1):
        if hashlib.sha256(sealed[at]).digest() != part.sealed_digest:
            raise StoredBytesDiffer(f"part {part.number}")
    return sealed


def bare_record(raw: bytes) -> Record:
    """Read a record of which nothing that is sealed is at hand; raises RecordMalformed."""
    leaf_bytes = leaf_bytes_of(raw)
    leaf, recorded_ms = decode_leaf(leaf_bytes)
    return Record(leaf, leaf_bytes, recorded_ms, b"", ())


def _pieces(raw: bytes, at: int) -> list[bytes]:
    end = len(raw)
    if at >= end:
        raise RecordMalformed("truncated")
    pieces: list[bytes] = []
    count, at = raw[at], at + 1
    for _ in range(count):
        begins = at + _PIECE_LENGTH_BYTES
        at = begins + int.from_bytes(raw[at:begins], "big")
        if at > end or at - begins > SEALED_BYTES_MAX:
            raise RecordMalformed("truncated")
        pieces.append(raw[begins:at])
    if at != end:
        raise RecordMalformed("trailing bytes")
    return pieces


def leaf_of(record: bytes) -> Leaf:
    """Read the leaf in front of a record, whatever the rest is worth; raises RecordMalformed."""
    return decode_leaf(leaf_bytes_of(record))[0]


def leaf_bytes_of(record: bytes) -> bytes:
    """Give the bytes that the tree commits to: the leaf in front, whatever it is worth."""
    return record[_LENGTH_BYTES : _LENGTH_BYTES + int.from_bytes(record[:_LENGTH_BYTES], "big")]


def recorded_ms_of(record: bytes) -> int:
    """Give the recorded time that stands in the leaf of any record; raises RecordMalformed.

    Only the front of the record need be there.
    """
    front = record[_LENGTH_BYTES : _LENGTH_BYTES + len(LEAF_FORMAT) + _FRONT.size]
    if not front.startswith(LEAF_FORMAT) or len(front) < len(LEAF_FORMAT) + _FRONT.size:
        raise RecordMalformed("leaf")
    _, _, recorded_ms = _FRONT.unpack_from(front, len(LEAF_FORMAT))
    return int(recorded_ms)


def attestation_of(record: bytes) -> int | None:
    """Say who vouches for an event by one byte of its leaf, whatever the rest is worth.

    None where there is no such byte, or a record is no event's.
    """
    at = _LENGTH_BYTES + len(LEAF_FORMAT)
    source = at + _HEAD.size
    if len(record) < source or record[at] != RecordKind.EVENT:
        return None
    found = source + record[source - 1] + _SEQUENCE_BYTES
    return record[found] if found < len(record) else None


def decode_leaf(raw: bytes) -> tuple[Leaf, int]:
    """Read leaf bytes; gives the leaf and its recorded time. Raises RecordMalformed."""
    try:
        return _decode_leaf(raw)
    except (KeyError, struct.error, UnicodeDecodeError, ValueError):
        raise RecordMalformed("leaf") from None


def _decode_leaf(raw: bytes) -> tuple[Leaf, int]:
    if not raw.startswith(LEAF_FORMAT) or len(raw) > LEAF_BYTES_MAX:
        raise RecordMalformed("leaf format")
    at = len(LEAF_FORMAT)
    kind, event_id, recorded_ms, length = _HEAD.unpack_from(raw, at)
    if kind != RecordKind.EVENT:
        raise RecordMalformed("leaf kind")
    at += _HEAD.size
    source = raw[at : at + length].decode("ascii")
    at += length
    sequence, attestation, submission, index, digest, commitment, count = _TAIL.unpack_from(raw, at)
    at += _TAIL.size
    if len(raw) != at + count * _PART.size or count > PARTS_MAX:
        raise RecordMalformed("leaf length")
    leaf = Leaf(
        uuid.UUID(bytes=event_id), source, sequence, _ATTESTATIONS[attestation],
        _submission(submission), index, digest, commitment, _leaf_parts(raw[at:]),
    )  # fmt: skip
    return leaf, recorded_ms


def _leaf_parts(raw: bytes) -> tuple[LeafPart, ...]:
    parts: list[LeafPart] = []
    least = 0
    for number, part_class, tag, sealed, commitment in _PART.iter_unpack(raw):
        if number < least:
            raise RecordMalformed("part order")
        least = number + 1
        parts.append(LeafPart(number, _CLASSES[part_class], tag, sealed, commitment))
    return tuple(parts)


@functools.lru_cache(maxsize=64)  # a submission's events come one after another
def _submission(raw: bytes) -> uuid.UUID:
    return uuid.UUID(bytes=raw)
