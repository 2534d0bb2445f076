"""The format of a checkpoint that is an entry, byte by byte, and what is not taken for one."""

import hashlib
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import RecordMalformed
from domain.logged_checkpoint import LEAF_BYTES_MAX, NOTE_BYTES_MAX, LoggedCheckpoint, checkpoint_in
from domain.record import (
    decode_leaf,
    decode_record,
    encode_record,
    leaf_bytes_of,
    recorded_ms_of,
)
from tests.domain.test_record import SEALED, a_leaf

NOTE = b"hub.example/havering\n70000\nAAAA=\n\n\xe2\x80\x94 hub.example/havering c2lnbmVk\n"
CHECKPOINT = LoggedCheckpoint(70_000, NOTE)
RECORDED = 1_700_000_000_123
KIND_AT = 2 + len(b"bhr-leaf/v1\n")


def test_the_record_has_the_documented_bytes() -> None:
    """A logged checkpoint is the bytes that the format's description says, field after field."""
    digest = hashlib.sha256(b"bhr-checkpoint-entry/v1\n" + (70_000).to_bytes(8, "big")).digest()
    entry_id = bytearray(digest[:16])
    entry_id[6] = entry_id[6] & 0x0F | 0x80
    entry_id[8] = entry_id[8] & 0x3F | 0x80
    leaf = (
        b"bhr-leaf/v1\n\x02"
        + bytes(entry_id)
        + RECORDED.to_bytes(8, "big")
        + (70_000).to_bytes(8, "big")
        + len(NOTE).to_bytes(2, "big")
        + NOTE
    )
    found = CHECKPOINT.record(RECORDED)
    assert found == len(leaf).to_bytes(2, "big") + leaf + b"\x00"
    assert hashlib.sha256(found).hexdigest() == VECTOR


VECTOR = "2c3f94f2c1054841fd73ae45cd5d65f6ef9efc55f8e50611d6849cb35cd0c0e9"


def test_it_is_read_back() -> None:
    """Size, note and time come back, and the leaf is what the tree commits to."""
    record = CHECKPOINT.record(RECORDED)
    assert checkpoint_in(record) == CHECKPOINT
    assert recorded_ms_of(record) == RECORDED
    assert leaf_bytes_of(record) == record[2:-1]
    assert CHECKPOINT.digest == hashlib.sha256(NOTE).digest()


def test_ids_are_those_of_no_event() -> None:
    """Each size has one id, a UUIDv8: what publishers send are of version 7."""
    ids = [LoggedCheckpoint(size, NOTE).entry_id for size in range(1, 200)]
    assert len(set(ids)) == len(ids)
    assert {one.version for one in ids} == {8}
    assert {one.variant for one in ids} == {uuid.RFC_4122}
    assert LoggedCheckpoint(5, b"another").entry_id == LoggedCheckpoint(5, NOTE).entry_id


def test_the_bounds_of_a_note() -> None:
    """The longest note fills the leaf; one byte more is refused."""
    longest = LoggedCheckpoint(1, b"x" * NOTE_BYTES_MAX)
    assert len(leaf_bytes_of(longest.record(RECORDED))) == LEAF_BYTES_MAX
    assert checkpoint_in(longest.record(RECORDED)) == longest
    with pytest.raises(RecordMalformed):
        LoggedCheckpoint(1, b"x" * (NOTE_BYTES_MAX + 1)).record(RECORDED)


def test_it_is_no_event() -> None:
    """Whoever opens events does not open a checkpoint as one."""
    with pytest.raises(RecordMalformed):
        decode_leaf(leaf_bytes_of(CHECKPOINT.record(RECORDED)))
    with pytest.raises(RecordMalformed):
        decode_record(CHECKPOINT.record(RECORDED))


def test_an_event_whose_kind_was_altered_is_no_checkpoint() -> None:
    """One byte does not hide an event: it is no checkpoint, and it does not open."""
    record = bytearray(encode_record(a_leaf().encode(RECORDED), SEALED))
    assert checkpoint_in(bytes(record)) is None
    record[KIND_AT] = 2
    assert checkpoint_in(bytes(record)) is None
    with pytest.raises(RecordMalformed):
        decode_record(bytes(record))


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_only_exact_checkpoints_are_taken_for_one(data: st.DataObject) -> None:
    """Cut, lengthened or changed in its front, a record is no checkpoint of that size any more."""
    record = CHECKPOINT.record(RECORDED)
    cut = data.draw(st.integers(0, len(record) - 1))
    assert checkpoint_in(record[:cut]) is None
    assert checkpoint_in(record + data.draw(st.binary(min_size=1, max_size=3))) is None
    at = data.draw(st.integers(0, len(record) - len(NOTE) - 2))
    altered = bytearray(record)
    altered[at] ^= 1 << data.draw(st.integers(0, 7))
    found = checkpoint_in(bytes(altered))
    time = range(KIND_AT + 17, KIND_AT + 25)  # any time is a time
    assert found == (CHECKPOINT if at in time else None)


@given(st.binary(max_size=80))
def test_noise_is_no_checkpoint(noise: bytes) -> None:
    """Whatever stands in a row, it is read or it is no checkpoint; nothing else happens."""
    assert checkpoint_in(noise) is None
    assert checkpoint_in(CHECKPOINT.record(RECORDED)[: KIND_AT + 1] + noise) is None


@pytest.mark.parametrize("cut", [0, 1, 2, 13, 30, 38])
def test_no_time_is_read_from_less_than_a_front(cut: int) -> None:
    """A time is read from the front of a leaf, and not from less; no sealed part is needed."""
    record = encode_record(a_leaf().encode(RECORDED), SEALED)
    assert recorded_ms_of(record[:39]) == RECORDED
    with pytest.raises(RecordMalformed):
        recorded_ms_of(record[:cut])
    with pytest.raises(RecordMalformed):
        recorded_ms_of(b"\x00\x28" + b"x" * 40)
