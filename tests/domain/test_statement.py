"""What is signed: the bytes of statement, submission and acknowledgement, fixed for ever."""

from __future__ import annotations

import hashlib
import hmac
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.statement import (
    FACTS_NUMBER,
    PartClass,
    StatedPart,
    acknowledged_bytes,
    commit,
    recipient_set,
    restricted_number,
    shared_number,
    signed_bytes,
    statement,
    statement_digest,
)

EVENT = uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057")
SUBMISSION = uuid.UUID("01890a5d-ac96-7ab8-9f3e-0d1c2b3a4958")
HEADER = bytes([0xA0]) * 32
FACTS = StatedPart(FACTS_NUMBER, PartClass.FACTS, bytes([0xA1]) * 32)
SHARED = StatedPart(1, PartClass.SHARED, bytes([0xA2]) * 32)
SEALED = StatedPart(
    2, PartClass.RESTRICTED, bytes([0xA3]) * 32, bytes([0xA4]) * 32, bytes([0xA5]) * 32
)
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
DIGESTS = st.lists(st.binary(min_size=32, max_size=32), max_size=4)


def test_a_statement_is_byte_for_byte_as_documented() -> None:
    """Anyone can make a statement from the documentation alone, and gets these bytes."""
    expected = (
        b"bhr-statement/v1\n"
        + EVENT.bytes
        + b"\xa0" * 32
        + b"\x03"
        + b"\x00\x01"
        + b"\xa1" * 32
        + b"\x01\x02"
        + b"\xa2" * 32
        + b"\x02\x03"
        + b"\xa3" * 32
        + b"\xa4" * 32
        + b"\xa5" * 32
    )
    assert statement(EVENT.bytes, HEADER, [FACTS, SHARED, SEALED]) == expected
    digest = statement_digest(EVENT.bytes, HEADER, [FACTS, SHARED, SEALED])
    assert digest == hashlib.sha256(expected).digest()
    assert digest.hex() == "a9c362b9d3a5b5e5001905a8c9fe78069ad86bb9e0c74b827f73e58f5cc46762"


def test_a_submission_is_signed_byte_for_byte_as_documented() -> None:
    """The signature covers ledger, source, submission, count and the digests in order."""
    digests = [bytes([1]) * 32, bytes([2]) * 32]
    found = signed_bytes("havering", "/participants/havering/cms", SUBMISSION, digests)
    assert found == (
        b"bhr-submission/v1\nhavering\n/participants/havering/cms\n"
        + SUBMISSION.bytes
        + b"\x00\x00\x00\x02"
        + b"\x01" * 32
        + b"\x02" * 32
    )
    assert (
        hashlib.sha256(found).hexdigest()
        == "8afeae5d8c9ca11bbb58c00948b9ef1a1b295b9c314186b3077043f802fccab0"
    )


def test_an_acknowledgement_is_signed_byte_for_byte_as_documented() -> None:
    """The hub's signature covers a domain string and the canonical JSON, nothing else."""
    assert acknowledged_bytes(b'{"a":1}') == b'bhr-acknowledgement/v1\n{"a":1}'


def test_a_recipient_set_is_named_as_documented() -> None:
    """Sorted names, one a line, under a domain string."""
    expected = hashlib.sha256(b"bhr-recipients/v1\nhavering\nredbridge\n").digest()
    assert recipient_set(["redbridge", "havering"]) == expected
    assert expected.hex() == "de69805204d61c21b7ddc44c2733080b8cf6df0ebb77a8a7ad99c0067e4d1d85"


def test_a_commitment_is_hmac_under_the_salt() -> None:
    """HMAC-SHA-256 with the salt as key: a fixed vector."""
    salt = bytes([0x0B]) * 32
    assert commit(salt, b"Hi There") == hmac.new(salt, b"Hi There", hashlib.sha256).digest()
    assert (
        commit(salt, b"Hi There").hex()
        == "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7"
    )


@pytest.mark.parametrize("subject", range(31))
def test_parts_are_numbered_by_subject(subject: int) -> None:
    """Facts are 0; each subject has an odd number for what is shared and the next one beside it."""
    numbers = (shared_number(subject), restricted_number(subject))
    assert numbers == (2 * subject + 1, 2 * subject + 2)
    assert FACTS_NUMBER not in numbers


@given(st.sets(NAMES, max_size=4), st.sets(NAMES, max_size=4))
def test_two_recipient_sets_have_two_names(one: set[str], other: set[str]) -> None:
    """Only the very same bodies have the same name, in whichever order they are given."""
    assert (recipient_set(sorted(one)) == recipient_set(sorted(other, reverse=True))) == (
        one == other
    )


@given(st.tuples(NAMES, NAMES, DIGESTS), st.tuples(NAMES, NAMES, DIGESTS))
def test_no_two_submissions_are_signed_alike(
    one: tuple[str, str, list[bytes]], other: tuple[str, str, list[bytes]]
) -> None:
    """Another ledger, source, order, or number of events is other bytes under the signature."""
    first = signed_bytes(one[0], one[1], SUBMISSION, one[2])
    assert (first == signed_bytes(other[0], other[1], SUBMISSION, other[2])) == (one == other)


OTHER_ENVELOPE = StatedPart(2, PartClass.RESTRICTED, SEALED.commitment, bytes(32), bytes(32))
OTHER_NUMBER = StatedPart(4, PartClass.RESTRICTED, SEALED.commitment, bytes(32), bytes(32))
CHANGED = [
    (EVENT.bytes, HEADER, [FACTS, SHARED]),
    (EVENT.bytes, HEADER, [FACTS]),
    (SUBMISSION.bytes, HEADER, [FACTS, SHARED, SEALED]),
    (EVENT.bytes, bytes(32), [FACTS, SHARED, SEALED]),
    (EVENT.bytes, HEADER, [SHARED, FACTS, SEALED]),
    (EVENT.bytes, HEADER, [FACTS, SHARED, OTHER_ENVELOPE]),
    (EVENT.bytes, HEADER, [FACTS, SHARED, OTHER_NUMBER]),
]


@pytest.mark.parametrize(("event", "header", "parts"), CHANGED)
def test_what_is_changed_is_another_statement(
    event: bytes, header: bytes, parts: list[StatedPart]
) -> None:
    """A dropped part, another event, header, order, envelope or number is another digest."""
    whole = statement_digest(EVENT.bytes, HEADER, [FACTS, SHARED, SEALED])
    assert statement_digest(event, header, parts) != whole
