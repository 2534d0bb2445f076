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

import hashlib
import struct
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import NamedTuple

from domain.errors import RecordMalformed, StoredBytesDiffer
from domain.statement import PartClass

RECORD_FORMAT = "bhr-record/v1"
LEAF_FORMAT = b"bhr-leaf/v1\n"
LEAF_BYTES_MAX = 8 * 1024
PARTS_MAX = 64
SEALED_BYTES_MAX = 64 * 1024
_LENGTH_BYTES = 2
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
    """What the leaf says of one part. A tuple, as is whatever is made for each part of an event."""

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


@dataclass(frozen=True, slots=True)
class Record:
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
    return key_tag_of(key_id, event_id.bytes, number)


def key_tag_of(key_id: bytes, event_id: bytes, number: int) -> bytes:
    """Give the key tag where the event's id is at hand as bytes."""
    return hashlib.sha256(key_id + event_id + bytes((number,))).digest()


def encode_keyring(ring: Sequence[RingEntry]) -> bytes:
    """Give the keyring's bytes."""
    return bytes((len(ring),)) + b"".join([_RING.pack(*entry) for entry in ring])


def decode_keyring(raw: bytes) -> tuple[tuple[RingEntry, ...], bytes]:
    """Read a keyring from the front of opened header bytes; gives it and the rest."""
    if not raw or len(raw) < 1 + raw[0] * _RING.size:
        raise RecordMalformed("keyring")
    end = 1 + raw[0] * _RING.size
    ring = tuple(RingEntry(*fields) for fields in _RING.iter_unpack(raw[1:end]))
    return ring, raw[end:]


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
    sealed = sealed_under(leaf, raw)
    return Record(leaf, leaf_bytes, recorded_ms, sealed[0], sealed[1:])


def sealed_under(leaf: Leaf, raw: bytes) -> tuple[bytes, ...]:
    """Give what is sealed in a record, header first, each piece held against the leaf in front.

    Raises as `decode_record` does.
    """
    sealed = tuple(_pieces(raw, _LENGTH_BYTES + len(leaf_bytes_of(raw))))
    if len(sealed) != 1 + len(leaf.parts):
        raise RecordMalformed("number of parts")
    if hashlib.sha256(sealed[0]).digest() != leaf.header_digest:
        raise StoredBytesDiffer("header")
    for part, piece in zip(leaf.parts, sealed[1:], strict=True):
        if hashlib.sha256(piece).digest() != part.sealed_digest:
            raise StoredBytesDiffer(f"part {part.number}")
    return sealed


def bare_record(raw: bytes) -> Record:
    """Read a record of which nothing that is sealed is at hand; raises RecordMalformed."""
    leaf_bytes = leaf_bytes_of(raw)
    leaf, recorded_ms = decode_leaf(leaf_bytes)
    return Record(leaf, leaf_bytes, recorded_ms, b"", ())


def _pieces(raw: bytes, at: int) -> Iterator[bytes]:
    if at >= len(raw):
        raise RecordMalformed("truncated")
    count, at = raw[at], at + 1
    for _ in range(count):
        length = int.from_bytes(raw[at : at + 4], "big")
        at += 4
        if length > SEALED_BYTES_MAX or at + length > len(raw):
            raise RecordMalformed("truncated")
        yield raw[at : at + length]
        at += length
    if at != len(raw):
        raise RecordMalformed("trailing bytes")


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
    parts = tuple(
        [
            LeafPart(number, _CLASSES[part_class], tag, sealed, part_commitment)
            for number, part_class, tag, sealed, part_commitment in _PART.iter_unpack(raw[at:])
        ]
    )
    if any(one.number >= other.number for one, other in pairwise(parts)):
        raise RecordMalformed("part order")
    leaf = Leaf(
        uuid.UUID(bytes=event_id), source, sequence, _ATTESTATIONS[attestation],
        uuid.UUID(bytes=submission), index, digest, commitment, parts,
    )  # fmt: skip
    return leaf, recorded_ms
