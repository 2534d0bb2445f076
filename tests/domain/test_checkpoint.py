"""Checkpoints: three lines, and what each kind of signature on them covers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.checkpoint import Checkpoint, NoteSigner, log_keys, read_checkpoint, verified_checkpoint
from domain.errors import NotProven
from domain.signed_note import KeyKind, Note, SignatureLine, read_note
from tests.note_rig import (
    ALGORITHMS,
    LOG,
    LOG_PQ,
    NOW,
    ORIGIN,
    WITNESSES,
    a_note,
    a_signer,
)

ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(ORIGIN, 20_852_163, ROOT)
EVERYBODY = (LOG, LOG_PQ, *WITNESSES)


def test_the_text_is_three_lines() -> None:
    """Origin, size and root, each on its line, and nothing else."""
    expected = b"hub.example/havering\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    assert CHECKPOINT.text() == expected
    assert read_checkpoint(expected) == CHECKPOINT


@pytest.mark.parametrize("by", EVERYBODY, ids=lambda one: one.key.name + one.key.kind.name)
def test_each_kind_signs_what_is_written(by: NoteSigner) -> None:
    """A signature of each kind holds over the documented bytes, and states its time."""
    line = by.line(CHECKPOINT, seconds=NOW)
    name, origin = by.key.name.encode(), ORIGIN.encode()
    message = {
        KeyKind.ED25519: CHECKPOINT.text(),
        KeyKind.ED25519_COSIGNATURE: b"cosignature/v1\ntime 1795000000\n" + CHECKPOINT.text(),
        KeyKind.ML_DSA_44: b"subtree/v1\n\0"
        + bytes([len(name)]) + name + NOW.to_bytes(8, "big")
        + bytes([len(origin)]) + origin + bytes(8) + (20_852_163).to_bytes(8, "big") + ROOT,
    }[by.key.kind]  # fmt: skip
    plain = by.key.kind is KeyKind.ED25519
    stamp = b"" if plain else NOW.to_bytes(8, "big")
    assert line.signature.startswith(stamp)
    verify = ALGORITHMS.ml_dsa_44 if by.key.kind is KeyKind.ML_DSA_44 else ALGORITHMS.ed25519
    assert verify(by.key.public, line.signature[len(stamp) :], message)
    _, (signed,) = verified_checkpoint(Note(CHECKPOINT.text(), (line,)), [by.key], ALGORITHMS)
    assert (signed.key, signed.seconds) == (by.key, None if plain else NOW)


def test_everybody_s_lines_hold_together() -> None:
    """The log's two lines, of one name, and three cosignatures are all verified."""
    note = read_note(a_note(CHECKPOINT, *EVERYBODY).encode())
    keys = [one.key for one in EVERYBODY]
    checkpoint, signed = verified_checkpoint(note, keys, ALGORITHMS)
    assert checkpoint == CHECKPOINT
    assert [one.key for one in signed] == keys


@pytest.mark.parametrize("by", EVERYBODY, ids=lambda one: one.key.name + one.key.kind.name)
@pytest.mark.parametrize(
    "other",
    [
        replace(CHECKPOINT, origin="hub.example/redbridge"),
        replace(CHECKPOINT, size=20_852_164),
        replace(CHECKPOINT, root=bytes(32)),
    ],
    ids=["origin", "size", "root"],
)
def test_a_signature_is_for_one_checkpoint(by: NoteSigner, other: Checkpoint) -> None:
    """Moved to another origin, size or root, no kind of signature holds."""
    with pytest.raises(NotProven, match="signature-differs"):
        verified_checkpoint(
            Note(other.text(), (by.line(CHECKPOINT, seconds=NOW),)), [by.key], ALGORITHMS
        )


@pytest.mark.parametrize("by", [LOG_PQ, WITNESSES[0]], ids=["ml-dsa", "ed25519"])
def test_a_time_cannot_be_changed(by: NoteSigner) -> None:
    """The stated time is signed, and is one that fits."""
    line = by.line(CHECKPOINT, seconds=NOW)
    for stamp in ((NOW + 1).to_bytes(8, "big"), (2**63).to_bytes(8, "big")):
        spoilt = line._replace(signature=stamp + line.signature[8:])
        with pytest.raises(NotProven, match="signature-differs"):
            verified_checkpoint(Note(CHECKPOINT.text(), (spoilt,)), [by.key], ALGORITHMS)
    cut = line._replace(signature=line.signature[:8])
    with pytest.raises(NotProven, match="signature-differs"):
        verified_checkpoint(Note(CHECKPOINT.text(), (cut,)), [by.key], ALGORITHMS)


def test_an_ml_dsa_cosignature_is_bound_to_its_name() -> None:
    """The same key under another name is another cosigner."""
    other = a_signer(KeyKind.ML_DSA_44, "other.example/log")
    line = LOG_PQ.line(CHECKPOINT, seconds=NOW)
    moved = SignatureLine(other.key.name, other.key.key_id, line.signature)
    with pytest.raises(NotProven, match="signature-differs"):
        verified_checkpoint(Note(CHECKPOINT.text(), (moved,)), [other.key], ALGORITHMS)


def test_a_cosignature_is_no_log_s_signature() -> None:
    """One Ed25519 key in two roles: the signature of one role does not hold in the other."""
    witness = a_signer(KeyKind.ED25519_COSIGNATURE, ORIGIN, 1)
    same = replace(LOG.key, public=witness.key.public)
    line = SignatureLine(ORIGIN, same.key_id, witness.line(CHECKPOINT, seconds=NOW).signature)
    with pytest.raises(NotProven, match="signature-differs"):
        verified_checkpoint(Note(CHECKPOINT.text(), (line,)), [same], ALGORITHMS)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("checkpoint-malformed", b""),
        ("checkpoint-malformed", b"o\n1\n"),
        ("checkpoint-malformed", CHECKPOINT.text()[:-1]),
        ("checkpoint-malformed", CHECKPOINT.text() + b"\n"),
        ("checkpoint-extended", CHECKPOINT.text() + b"extension\n"),
        ("checkpoint-origin", CHECKPOINT.text().removeprefix(ORIGIN.encode())),
        ("checkpoint-origin", b"o" * 256 + CHECKPOINT.text().removeprefix(ORIGIN.encode())),
        ("checkpoint-size", CHECKPOINT.text().replace(b"20852163", b"020852163")),
        ("checkpoint-size", CHECKPOINT.text().replace(b"20852163", b"-1")),
        ("checkpoint-size", CHECKPOINT.text().replace(b"20852163", b"")),
        ("checkpoint-size", CHECKPOINT.text().replace(b"20852163", "²".encode())),
        ("checkpoint-size", CHECKPOINT.text().replace(b"20852163", str(2**63).encode())),
        ("checkpoint-size", CHECKPOINT.text().replace(b"20852163", b"1" * 900)),
        ("checkpoint-root", CHECKPOINT.text().replace(b"AAEC", b"")),
        ("checkpoint-root", CHECKPOINT.text().replace(b"Hh8=", b"Hh9=")),
        ("checkpoint-root", CHECKPOINT.text().replace(b"Hh8=", b"Hh8")),
        ("control-character", CHECKPOINT.text().replace(b"\n", b"\r\n")),
        ("too-long", CHECKPOINT.text() * 20),
    ],
)
def test_malformed_checkpoints_are_refused(code: str, text: bytes) -> None:
    """Each number and hash has one spelling, and nothing stands below them."""
    with pytest.raises(NotProven, match=f": {code}$"):
        read_checkpoint(text)


def test_the_empty_tree_has_size_0() -> None:
    """Size 0 is spelt 0."""
    empty = Checkpoint(ORIGIN, 0, ROOT)
    assert read_checkpoint(empty.text()) == empty


@settings(max_examples=40)
@given(st.binary(max_size=120), st.binary(max_size=90))
def test_garbage_leaves_as_not_proven_alone(text: bytes, signature: bytes) -> None:
    """Whatever stands in text and signature, one refusal leaves."""
    for signer in EVERYBODY:
        line = SignatureLine(signer.key.name, signer.key.key_id, signature)
        for body in (text, CHECKPOINT.text()):
            with pytest.raises(NotProven):
                verified_checkpoint(Note(body, (line,)), [signer.key], ALGORITHMS)


def test_a_log_has_two_keys_of_one_name() -> None:
    """From the hub's registered checkpoint key anyone makes both keys of each log."""
    keys = log_keys(ORIGIN, LOG.key.public + LOG_PQ.key.public)
    assert keys == (LOG.key, LOG_PQ.key)
    with pytest.raises(NotProven, match="key-length"):
        log_keys(ORIGIN, LOG.key.public)
