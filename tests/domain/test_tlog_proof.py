"""Receipts: one spelling, bounds, and one refusal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.checkpoint import Checkpoint
from domain.errors import NotProven
from domain.tlog_proof import EXTRA_BYTES_MAX, TlogProof, read_proof
from tests.note_rig import LOG, ORIGIN, WITNESSES, a_note

NOTE = a_note(Checkpoint(ORIGIN, 3, bytes(32)), LOG, WITNESSES[0])
PATH = (bytes([1]) * 32, bytes([2]) * 32)


def test_a_receipt_is_the_documented_lines() -> None:
    """Header, index, hashes from the leaf's sibling up, an empty line, and the note as it is."""
    expected = (
        b"c2sp.org/tlog-proof@v1\nindex 2\n"
        b"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"
        b"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n\n"
    )
    proof = TlogProof(2, PATH, NOTE)
    assert proof.encode() == expected + NOTE.encode()
    assert read_proof(proof.encode()) == proof


@pytest.mark.parametrize("path", [(), PATH, (bytes(32),) * 63])
@pytest.mark.parametrize("extra", [None, b"", b"age-v1.2.1"])
def test_a_receipt_reads_back(path: tuple[bytes, ...], extra: bytes | None) -> None:
    """With and without hashes and extra data, what was written is read."""
    proof = TlogProof(0, path, NOTE, extra)
    assert read_proof(proof.encode()) == proof


WHOLE = TlogProof(2, PATH, NOTE).encode()


@pytest.mark.parametrize(
    ("code", "raw"),
    [
        ("receipt-header", b""),
        ("receipt-header", WHOLE.replace(b"@v1", b"@v2")),
        ("receipt-header", b"c2sp.org/tlog-proof@v1\nindex 2\n"),
        ("receipt-index", WHOLE.replace(b"index 2", b"index")),
        ("receipt-index", WHOLE.replace(b"index 2", b"index 02")),
        ("receipt-index", WHOLE.replace(b"index 2\n", b"")),
        ("receipt-index", WHOLE.replace(b"index 2\n", b"extra AA==\n")),
        ("receipt-extra", WHOLE.replace(b"index", b"extra A\nindex")),
        ("receipt-extra", TlogProof(2, PATH, NOTE, bytes(EXTRA_BYTES_MAX + 1)).encode()),
        ("path-too-long", TlogProof(2, PATH * 32, NOTE).encode()),
        ("path-malformed", TlogProof(2, (bytes(31),), NOTE).encode()),
        ("path-malformed", WHOLE.replace(b"AgIC", b"AgI", 1)),
        ("path-malformed", WHOLE.replace(b"index 2\n", b"index 2\nextra AA==\n")),
        ("signature-line-malformed", WHOLE[:-1]),
        ("too-long", WHOLE * 1000),
        ("control-character", WHOLE.replace(b"index 2", b"index 2\r")),
    ],
)
def test_malformed_receipts_are_refused(code: str, raw: bytes) -> None:
    """A receipt has one spelling; what departs from it is named."""
    with pytest.raises(NotProven, match=f": {code}$"):
        read_proof(raw)


@settings(max_examples=60)
@given(st.data())
def test_a_spoilt_receipt_leaves_as_not_proven_or_differs(data: st.DataObject) -> None:
    """Cut, altered or filled with garbage: a refusal, or a receipt that says something else."""
    at = data.draw(st.integers(0, len(WHOLE) - 1))
    put = data.draw(st.binary(max_size=4))
    raw = WHOLE[:at] + put + WHOLE[at + data.draw(st.integers(1, 4)) :]
    try:
        proof = read_proof(raw)
    except NotProven:
        return
    assert proof.encode() == raw
