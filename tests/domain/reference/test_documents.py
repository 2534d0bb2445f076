"""The one door by which bytes become a reference document."""

from __future__ import annotations

import hashlib

import pytest

from domain.errors import NotFound, ReferenceRefused
from domain.reference.documents import (
    LARGEST,
    document_digest,
    kind_of,
    parse_document,
    read_as,
)
from domain.reference.participants import Participants
from tests.domain.reference.drafts import (
    AGREEMENT,
    DRAFTS,
    FIGURES,
    MAPPING,
    PACK,
    PARTICIPANTS,
    Draft,
    bent,
    raw,
    refused,
)

MARK = "jane-citizen-of-9-elm-row"


@pytest.mark.parametrize("kind", DRAFTS)
def test_a_document_that_holds_together_is_read(kind: str) -> None:
    """Each kind is read from its bytes, knows its own name, and is known by `name@version`."""
    document = parse_document(kind, raw(DRAFTS[kind]))
    assert document.kind == kind == kind_of(raw(DRAFTS[kind]))
    assert document.reference() == f"{DRAFTS[kind]['name']}@1"
    assert parse_document(kind, document.canonical()) == document


@pytest.mark.parametrize(
    ("draft", "faults"),
    [
        (
            bent(
                bent(PARTICIPANTS, "participants.0.gss_code", MARK), "sources.0.ledger", MARK + "!"
            ),
            {
                "participants.0.gss_code": "string-pattern-mismatch",
                "sources.0.ledger": "string-pattern-mismatch",
            },
        ),
        (
            bent(bent(AGREEMENT, "groups.0.retention_days", MARK), "purposes.1.code", MARK + " "),
            {
                "groups.0.retention_days": "int-type",
                "purposes.1.code": "string-pattern-mismatch",
            },
        ),
        (
            bent(bent(MAPPING, "factors.0.first_year", 1066), "factors.1.code", MARK),
            {
                "factors.0.first_year": "greater-than-equal",
                "factors.1.code": "string-pattern-mismatch",
            },
        ),
        (
            bent(bent(PACK, "clocks.0.unit", MARK), "area", MARK),
            {"area": "literal-error", "clocks.0.unit": "literal-error"},
        ),
        (
            bent(bent(FIGURES, "rows.1", MARK), "symbols.0.sign", MARK),
            {"rows.1": "tuple-type", "symbols.0.sign": "literal-error"},
        ),
    ],
    ids=["participants", "agreement", "factor-mapping", "rule-pack", "reference-figures"],
)
def test_a_misshapen_document_gives_every_fault_and_no_value(
    draft: Draft, faults: dict[str, str]
) -> None:
    """Faults come all at once, by place; neither the values nor an unknown field's name is told."""
    draft = bent(draft, MARK, MARK)
    assert refused(draft) == {"": "unknown-field"} | faults
    with pytest.raises(ReferenceRefused) as refusal:
        parse_document(str(draft["kind"]), raw(draft))
    told = [str(refusal.value), repr(refusal.value.faults), repr(refusal.value.__cause__)]
    assert not any(MARK in text for text in told)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\xff", "not-utf-8"),
        (b"{", "not-json"),
        (b'{"kind":"participants","kind":"agreement"}', "duplicate-key"),
        (b'{"version":1.0}', "not-a-whole-number"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, "too-deep", id="deep"),
        pytest.param(b" " * (LARGEST + 1), "too-large", id="large"),
    ],
)
def test_bytes_that_are_not_our_json_are_refused(sent: bytes, code: str) -> None:
    """What two readers could take two ways, or without bound, never becomes a document."""
    with pytest.raises(ReferenceRefused) as refusal:
        read_as(Participants, sent)
    assert [fault.code for fault in refusal.value.faults] == [code]
    with pytest.raises(ReferenceRefused):
        kind_of(sent)


@pytest.mark.parametrize("sent", [b"[]", b"null", b'"agreement"', b"{}", b'{"kind":"x"}'])
def test_a_document_of_no_kind_is_refused(sent: bytes) -> None:
    """A document says what it is, or it is none."""
    with pytest.raises(ReferenceRefused) as refusal:
        kind_of(sent)
    assert [(fault.place, fault.code) for fault in refusal.value.faults] == [("kind", "unknown")]


def test_a_document_of_another_kind_is_refused() -> None:
    """An agreement is not taken where participants are asked for."""
    with pytest.raises(ReferenceRefused):
        parse_document("participants", raw(AGREEMENT))
    with pytest.raises(NotFound):
        parse_document("treaty", raw(AGREEMENT))


def test_the_digest_is_of_the_exact_bytes() -> None:
    """One space more is another digest, though it be the same document."""
    sent = raw(AGREEMENT)
    assert document_digest(sent) == hashlib.sha256(sent).digest()
    assert document_digest(sent + b" ") != document_digest(sent)
