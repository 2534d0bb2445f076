r"""A decision of a body, signed with its own deciding key, byte by byte.

    decision  := RFC 8785 JSON {"about": …, "body": participant, "decided": instant, "id": UUIDv7,
                 "kind": …, "office": …}
    signature := Ed25519("bhr-decision/v1\n" ‖ decision) by the body's deciding key
    file      := RFC 8785 JSON {"decision": the object, "key": fingerprint, "signature": …}, LF

    kind               about
    agreement          {"agreement": name@version, "digest": SHA-256 of its registered bytes}
    erasure-approval   {"ledger", "request": event id, "statement": the request's statement digest}
    legal-hold         {"ground", "ledger", "stream"?, "subjects"?: marks, "until"?: day}
    legal-hold-lift    {"hold": the decision's id, "ledger"}
    warrant            {"auditor", "expires", "ledger", "period_end", "period_start", "power",
                        "subjects"?: marks; everybody when left out}

    mark of a subject  := SHA-256("bhr-subject-mark/v1\n" ‖ ledger ‖ "\n" ‖ pseudonym)

A pseudonym is 32 random bytes, so a mark says nothing to who does not hold it, and a decision can
still be checked when the pseudonym is forgotten. The event that records a decision has the
decision's id, carries it whole, and says the same in facts of its own: `facts_of`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from domain.canonical import NotCanonical, canonical, strict_json
from domain.errors import Fault, ReferenceRefused
from domain.values import (
    AgreementRef,
    Bytes32,
    Day,
    EventId,
    Instant,
    LedgerName,
    ParticipantCode,
    Pseudonym,
    Strict,
    to_bytes,
    to_text,
)
from domain.vocabulary.codes import Slug
from domain.vocabulary.deciding import (
    AgreementSigned,
    DecidedFacts,
    ErasureApproved,
    HoldGround,
    LegalHoldLifted,
    LegalHoldSet,
    SignedDecision,
    SubjectMarks,
    WarrantGranted,
)
from domain.vocabulary.parts import Kind

LARGEST = 16_384
"""Bytes that a decision's file may have; the largest that can be signed has half of it."""
CALLED = "decision"
DOMAIN = b"bhr-decision/v1\n"


class AgreementBound(Strict):
    """Which agreement the body binds itself to, by its exact text."""

    agreement: AgreementRef
    digest: Bytes32


class ApprovedErasure(Strict):
    """Which request is approved: the one of this very statement."""

    ledger: LedgerName
    request: EventId
    statement: Bytes32


class Hold(Strict):
    """Whom or what is held."""

    ground: HoldGround
    ledger: LedgerName
    stream: Pseudonym | None = None
    subjects: SubjectMarks | None = None
    until: Day | None = None

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if self.stream is None and self.subjects is None:
            raise ValueError("a hold is on a stream, or on somebody")
        return self


class LiftedHold(Strict):
    """Which hold ends."""

    hold: EventId
    ledger: LedgerName


class Warrant(Strict):
    """What an auditor may be shown."""

    auditor: Slug
    expires: Instant
    ledger: LedgerName
    period_end: Day
    period_start: Day
    power: Slug
    subjects: SubjectMarks | None = None

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        if self.period_end < self.period_start:
            raise ValueError("a period ends after it starts")
        return self


class _Decided(Strict):
    """What every decision has."""

    body: ParticipantCode
    decided: Instant
    id: EventId
    office: Slug


class AgreementDecision(_Decided):
    """A body binds itself to an agreement."""

    about: AgreementBound
    kind: Literal["agreement"] = "agreement"


class ErasureApproval(_Decided):
    """A body approves an erasure."""

    about: ApprovedErasure
    kind: Literal["erasure-approval"] = "erasure-approval"


class LegalHold(_Decided):
    """A body forbids erasing."""

    about: Hold
    kind: Literal["legal-hold"] = "legal-hold"


class LegalHoldLift(_Decided):
    """A body ends its own hold."""

    about: LiftedHold
    kind: Literal["legal-hold-lift"] = "legal-hold-lift"


class WarrantDecision(_Decided):
    """A controller lets an auditor see."""

    about: Warrant
    kind: Literal["warrant"] = "warrant"


Decision: TypeAlias = (
    AgreementDecision | ErasureApproval | LegalHold | LegalHoldLift | WarrantDecision
)
_DECISION: TypeAdapter[Decision] = TypeAdapter(Annotated[Decision, Field(discriminator="kind")])


@dataclass(frozen=True, slots=True)
class Recording:
    """What records a decision: the kind of event, its facts, and the ledger; None is `bhr`."""

    kind: type[Kind]
    facts: DecidedFacts
    ledger: str | None


def spelled(decision: Decision) -> bytes:
    """Give the bytes of a decision: every field that has a value, in canonical order."""
    return decision.model_dump_json(exclude_none=True).encode()


def signed_message(decision: bytes) -> bytes:
    """Give what the signature covers, from the bytes of a decision."""
    return DOMAIN + decision


def sign(decision: Decision, key: bytes, signer: Callable[[bytes], bytes]) -> SignedDecision:
    """Sign a decision; `key` is the fingerprint of the deciding key that `signer` signs with."""
    raw = spelled(decision)
    signature = signer(signed_message(raw))
    return SignedDecision(decision=to_text(raw), key=to_text(key), signature=to_text(signature))


def to_file(signed: SignedDecision) -> bytes:
    """Spell a signed decision as the file that a body hands to the hub."""
    decision = strict_json(to_bytes(signed.decision))
    document = {"decision": decision, "key": signed.key, "signature": signed.signature}
    return canonical(document) + b"\n"


def from_file(raw: bytes) -> SignedDecision:
    """Read a file; raises ReferenceRefused for anything but one decision and its signature."""
    if len(raw) > LARGEST:
        raise _refused("", "too-large")
    try:
        document = strict_json(raw)
        if not isinstance(document, dict) or set(document) != {"decision", "key", "signature"}:
            raise _refused("", "not-a-signed-decision")
        decision = to_text(canonical(document["decision"]))
        signed = SignedDecision.model_validate({**document, "decision": decision})
    except NotCanonical as refused:
        raise _refused("", refused.code) from None
    except ValidationError:
        raise _refused("", "malformed") from None
    decision_of(signed)
    return signed


def decision_of(signed: SignedDecision) -> Decision:
    """Read what was signed; raises ReferenceRefused. Whether the signature holds is not asked."""
    try:
        raw = to_bytes(signed.decision)
        decision = _DECISION.validate_json(raw)
        if spelled(decision) != raw:
            raise _refused("decision", "not-canonical")
    except ValueError:  # pydantic's is one: its text may hold what was sent
        raise _refused("decision", "malformed") from None
    return decision


def facts_of(decision: Decision, signed: SignedDecision) -> Recording:
    """Give the event that records a decision: nothing in it may differ from this."""
    said: dict[str, object] = {
        **decision.about.model_dump(exclude_none=True),
        "by_office": decision.office,
        "by_participant": decision.body,
        "signed": signed,
    }
    kind, in_facts = _RECORDED[decision.kind]
    ledger = said.get("ledger") if in_facts else said.pop("ledger", None)
    facts = kind.Facts.model_validate(said)
    if not isinstance(facts, DecidedFacts):
        raise TypeError("a kind of decided facts")
    return Recording(kind, facts, None if ledger is None else str(ledger))


def says_what_was_signed(facts: DecidedFacts) -> Decision | None:
    """Give the decision that facts carry, if they say what it says; the signature is not asked."""
    try:
        decision = decision_of(facts.signed)
        same = facts_of(decision, facts.signed).facts == facts
    except (ReferenceRefused, ValidationError):
        return None
    return decision if same else None


def subject_mark(ledger: str, pseudonym: str) -> str:
    """Give the mark by which a decision names a subject of a ledger."""
    named = f"bhr-subject-mark/v1\n{ledger}\n{pseudonym}".encode()
    return to_text(hashlib.sha256(named).digest())


_RECORDED: dict[str, tuple[type[Kind], bool]] = {
    "agreement": (AgreementSigned, False),
    "erasure-approval": (ErasureApproved, False),
    "legal-hold": (LegalHoldSet, False),
    "legal-hold-lift": (LegalHoldLifted, False),
    "warrant": (WarrantGranted, True),
}
"""By which kind of event each is recorded, and whether its facts name the ledger."""


def _refused(place: str, code: str) -> ReferenceRefused:
    return ReferenceRefused(CALLED, (Fault(-1, place, code),))
