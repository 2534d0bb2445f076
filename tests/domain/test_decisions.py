"""A decision's bytes, file and event say the same thing, and nothing else passes for one."""

from __future__ import annotations

import json
import uuid

import pytest

from adapters.keys import signing
from domain.canonical import canonical
from domain.decisions import (
    LARGEST,
    Decision,
    decision_of,
    facts_of,
    from_file,
    says_what_was_signed,
    signed_message,
    subject_mark,
)
from domain.errors import ReferenceRefused
from domain.values import to_bytes, to_text
from domain.vocabulary.deciding import SignedDecision, WarrantGranted
from tests.rig_decisions import Decider

HAVERING = Decider("havering")
ID = "01890a5d-ac96-774b-bcce-b302099a8057"
PSEUDONYM = "3Kg-cXsfZOsUEFenQVozCtE2H1FwPvouR3b0AEeJigQ"
MARK = "7e8i6f4kU9Sj2Y-GzDaPi6esibQ2BAOBPWvJe8kwqQc"
FILES = {
    "agreement": HAVERING.agreement("bhr-themes@1", bytes(32)),
    "erasure-approval": HAVERING.approval("havering", uuid.UUID(ID), bytes(32)),
    "legal-hold": HAVERING.hold("havering", subjects=(MARK,)),
    "legal-hold-lift": HAVERING.lift("havering", ID),
    "warrant": HAVERING.warrant(),
}


def opened(file: bytes) -> tuple[SignedDecision, Decision]:
    """Read a file and what is signed in it."""
    signed = from_file(file)
    return signed, decision_of(signed)


@pytest.mark.parametrize("kind", FILES)
def test_a_signature_covers_the_domain_and_the_exact_bytes(kind: str) -> None:
    """What is verified is `bhr-decision/v1`, a line's end, and the canonical JSON of the file."""
    signed, decision = opened(FILES[kind])
    assert decision.kind == kind
    said = canonical(json.loads(FILES[kind])["decision"])
    assert said == to_bytes(signed.decision)
    assert signed_message(said) == b"bhr-decision/v1\n" + said
    held = to_bytes(signed.signature)
    assert signing.verify(HAVERING.signer.public, held, signed_message(said))


@pytest.mark.parametrize("kind", FILES)
def test_the_event_says_what_was_signed(kind: str) -> None:
    """Facts are made of the decision alone, and facts that differ in anything are told apart."""
    signed, decision = opened(FILES[kind])
    recording = facts_of(decision, signed)
    assert says_what_was_signed(recording.facts) == decision
    altered = recording.facts.model_copy(update={"by_office": "clerk"})
    assert says_what_was_signed(altered) is None
    other = from_file(HAVERING.lift("havering", ID) if kind == "agreement" else FILES["agreement"])
    assert says_what_was_signed(recording.facts.model_copy(update={"signed": other})) is None


def test_the_mark_of_a_subject() -> None:
    """It is a digest of ledger and pseudonym, the same for everybody who knows both."""
    assert subject_mark("havering", PSEUDONYM) == MARK
    assert subject_mark("redbridge", PSEUDONYM) != MARK


def _file(**changes: object) -> bytes:
    """Give a warrant's file with something else in it; None is left out."""
    document = json.loads(FILES["warrant"]) | changes
    return canonical({name: value for name, value in document.items() if value is not None})


def _decision(**changes: object) -> bytes:
    """Give a warrant's file with something else in its decision."""
    return _file(decision=json.loads(FILES["warrant"])["decision"] | changes)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        FILES["warrant"] + b" " * LARGEST,
        _file(signature=None),
        _file(more="1"),
        _file(signature="A" * 85),
        _file(key="A" * 42),
        _file(decision="agreement"),
        _decision(kind="release"),
        _decision(kind="agreement"),
        _decision(about={}),
        _decision(more="1"),
        _decision(id="not-an-id"),
        _decision(body="Somebody"),
    ],
)
def test_what_is_no_decision_is_refused(file: bytes) -> None:
    """Whatever is wrong with a file, one refusal leaves, and nothing of the file in its words."""
    with pytest.raises(ReferenceRefused, match=r"^decision refused: 1 fault\(s\)$"):
        from_file(file)


def test_a_decision_in_another_spelling_is_refused() -> None:
    """A reader that took another spelling of it would check a signature over other bytes."""
    signed, _ = opened(FILES["warrant"])
    spaced = json.dumps(json.loads(to_bytes(signed.decision))).encode()
    other = signed.model_copy(update={"decision": to_text(spaced)})
    with pytest.raises(ReferenceRefused):
        decision_of(other)


def test_a_warrant_for_everybody_names_nobody() -> None:
    """Subjects that are left out are no subjects: not an empty list of them."""
    facts = facts_of(opened(FILES["warrant"])[1], opened(FILES["warrant"])[0]).facts
    assert isinstance(facts, WarrantGranted.Facts)
    assert facts.subjects is None
    assert "subjects" not in facts.canonical().decode()
