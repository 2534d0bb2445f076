r"""A checkpoint as an entry of the ledger it is of, byte by byte. Big-endian.

    record   := u16 leaf length ‖ leaf ‖ u8 0                             (nothing is sealed)
    leaf     := "bhr-leaf/v1\n" ‖ u8 2 ‖ entry id[16] ‖ u64 recorded ‖ u64 size
                ‖ u16 note length ‖ note                                  (at most 60 KiB)
    entry id := SHA-256("bhr-checkpoint-entry/v1\n" ‖ u64 size)[16], with the bits of a UUIDv8

The times of its cosignatures bound when the entries around it were recorded, and being logged
itself it cannot be dropped later. It is no event: whoever reads events passes it over, and
positions count it. Its id follows from its size, so that no size is logged twice.
"""

from __future__ import annotations

import hashlib
import struct
import uuid
from dataclasses import dataclass

from domain.errors import RecordMalformed
from domain.record import LEAF_FORMAT, RecordKind, encode_record, recorded_ms_of

LEAF_BYTES_MAX = 60 * 1024
STREAM_TAG = uuid.UUID(int=(1 << 128) - 1)
"""Stands in the stream's place: checkpoints are of no stream."""
_FRONT = struct.Struct(">B16sQQH")
_BEFORE_LEAF_BYTES = 2
_ID_DOMAIN = b"bhr-checkpoint-entry/v1\n"
_VERSION_AND_VARIANT = 0xF << 76 | 0x3 << 62
_UUID_8 = 0x8 << 76 | 0x2 << 62
NOTE_BYTES_MAX = LEAF_BYTES_MAX - len(LEAF_FORMAT) - _FRONT.size


@dataclass(frozen=True, slots=True)
class LoggedCheckpoint:
    """A checkpoint as an entry of the log it is of: no event, but counted by positions."""

    size: int
    note: bytes
    """The signed note, whole, with whatever cosignatures it had."""

    @property
    def entry_id(self) -> uuid.UUID:
        """Give the id of the entry: there is one for each size."""
        digest = hashlib.sha256(_ID_DOMAIN + self.size.to_bytes(8, "big")).digest()
        raw = int.from_bytes(digest[:16], "big")
        return uuid.UUID(int=(raw & ~_VERSION_AND_VARIANT) | _UUID_8)

    @property
    def digest(self) -> bytes:
        """Give what stands for its content, as a statement digest does for an event."""
        return hashlib.sha256(self.note).digest()

    def record(self, recorded_ms: int) -> bytes:
        """Give the record's bytes as of a recorded time; raises RecordMalformed when too large."""
        if len(self.note) > NOTE_BYTES_MAX:
            raise RecordMalformed("note too large")
        front = (RecordKind.CHECKPOINT, self.entry_id.bytes, recorded_ms, self.size, len(self.note))
        return encode_record(LEAF_FORMAT + _FRONT.pack(*front) + self.note, ())


def checkpoint_in(record: bytes) -> LoggedCheckpoint | None:
    """Read a record that is a checkpoint to the last byte; None for every other.

    Whoever reads events passes these over, so nothing else may be taken for one: an event whose
    kind was altered stays an event, and does not open.
    """
    at = _BEFORE_LEAF_BYTES + len(LEAF_FORMAT)
    front = record[at : at + _FRONT.size]
    if len(front) < _FRONT.size or front[0] != RecordKind.CHECKPOINT:
        return None
    *_, size, length = _FRONT.unpack(front)
    found = LoggedCheckpoint(size, record[at + _FRONT.size : at + _FRONT.size + length])
    try:
        return found if found.record(recorded_ms_of(record)) == record else None
    except RecordMalformed:
        return None


def is_event(record: bytes) -> bool:
    """Say whether a record is to be read as an event, be it broken; only checkpoints are not."""
    return checkpoint_in(record) is None
