"""The record and leaf formats, byte by byte."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NotOpened, RecordMalformed, StoredBytesDiffer
from domain.record import (
    Attestation,
    Leaf,
    LeafPart,
    RingEntry,
    decode_keyring,
    decode_leaf,
    decode_record,
    encode_keyring,
    encode_record,
    key_tag,
)
from domain.statement import PartClass

EVENT = uuid.UUID("018f0000-0000-7000-8000-000000000001")
SUBMISSION = uuid.UUID("018f0000-0000-7000-8000-000000000002")
SEALED = (b"sealed header", b"sealed facts")


def a_leaf() -> Leaf:
    """Give the leaf of the test vector."""
    return Leaf(
        event_id=EVENT,
        source="/participants/havering/case-management",
        sequence=7,
        attestation=Attestation.SIGNED,
        submission=SUBMISSION,
        index=3,
        header_digest=hashlib.sha256(SEALED[0]).digest(),
        header_commitment=bytes([0xAA]) * 32,
        parts=(
            LeafPart(
                0,
                PartClass.FACTS,
                key_tag(bytes([1]) * 32, EVENT, 0),
                hashlib.sha256(SEALED[1]).digest(),
                bytes([0xBB]) * 32,
            ),
        ),
    )


def test_the_leaf_has_the_documented_bytes() -> None:
    """A leaf is the bytes that the format's description says, field after field."""
    source = b"/participants/havering/case-management"
    expected = (
        b"bhr-leaf/v1\n\x01"
        + EVENT.bytes
        + (1_700_000_000_123).to_bytes(8, "big")
        + bytes([len(source)])
        + source
        + (7).to_bytes(8, "big")
        + b"\x01"
        + SUBMISSION.bytes
        + (3).to_bytes(2, "big")
        + hashlib.sha256(b"sealed header").digest()
        + bytes([0xAA]) * 32
        + b"\x01"
        + b"\x00\x01"
        + hashlib.sha256(bytes([1]) * 32 + EVENT.bytes + b"\x00").digest()
        + hashlib.sha256(b"sealed facts").digest()
        + bytes([0xBB]) * 32
    )
    found = a_leaf().encode(1_700_000_000_123)
    assert found == expected
    assert hashlib.sha256(found).hexdigest() == VECTOR


VECTOR = "102c9046040d24d69d5da2e9dff721610db5639c2336e6209f986907d5b6604f"


def test_a_record_reads_back_as_it_was_written() -> None:
    """What was appended is what is read: leaf, time and sealed pieces."""
    record = decode_record(encode_record(a_leaf().encode(5), SEALED))
    assert (record.leaf, record.recorded_ms) == (a_leaf(), 5)
    assert (record.sealed_header, record.sealed_parts) == (SEALED[0], SEALED[1:])


@pytest.mark.parametrize(("piece", "name"), [(0, "header"), (1, "part 0")])
def test_a_changed_piece_is_named(piece: int, name: str) -> None:
    """A sealed piece that is not the one committed to is refused by its name."""
    sealed = [*SEALED]
    sealed[piece] = b"something else"
    with pytest.raises(StoredBytesDiffer, match=name):
        decode_record(encode_record(a_leaf().encode(5), tuple(sealed)))


@given(st.binary(max_size=400))
def test_garbage_is_refused_with_one_error(raw: bytes) -> None:
    """Whatever stands in a row, reading it raises nothing but the NotOpened family."""
    with pytest.raises(NotOpened):
        decode_record(raw)


@given(st.data())
def test_no_mutation_of_a_record_goes_unseen(data: st.DataObject) -> None:
    """A record with one byte changed, cut or added is refused, or reads as another leaf."""
    whole = encode_record(a_leaf().encode(5), SEALED)
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = data.draw(
        st.sampled_from(
            [
                whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :],
                whole[:at],
                whole + b"\x00",
            ]
        )
    )
    try:
        record = decode_record(changed)
    except NotOpened:
        return
    assert record.leaf_bytes != a_leaf().encode(5)


def test_a_leaf_out_of_order_is_refused() -> None:
    """Parts stand in ascending number, each once: there is one spelling of a leaf."""
    part = a_leaf().parts[0]
    twice = replace(a_leaf(), parts=(part, part))
    with pytest.raises(RecordMalformed):
        decode_leaf(twice.encode(5))


@given(st.lists(st.tuples(st.integers(0, 62), st.binary(min_size=32, max_size=32)), max_size=64))
def test_a_keyring_reads_back(entries: list[tuple[int, bytes]]) -> None:
    """The keyring in front of the header gives its entries and leaves the rest alone."""
    ring = tuple(RingEntry(number, key) for number, key in entries)
    assert decode_keyring(encode_keyring(ring) + b"rest") == (ring, b"rest")
