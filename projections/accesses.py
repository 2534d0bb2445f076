"""Who read which view, fetched which sealed part, or was given openings: as the hub recorded it.

Each is recorded beforehand. An openings pack is the largest look of all: plain facts of a ledger.
"""

from __future__ import annotations

from typing import Literal

from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.values import Strict
from domain.vocabulary.hub import AuditOpened, EntriesFetched, PartFetched, ViewRead
from projections.projection import Telling, Told


class Access(Strict):
    """One read, fetch or opening, every field of it set."""

    agreement: str
    event: str | None
    """The event whose part was fetched."""
    format: str | None
    kind: Literal["fetch", "openings", "read"]
    ledgers: tuple[str, ...]
    """Whose entries it was made from."""
    office: str | None
    opened: int | None
    """How many parts were opened for an auditor."""
    part: int | None
    participant: str | None
    """The reader's body; None of an auditor, whom a warrant names and no body need have."""
    purpose: str
    reader: str
    """The reader's opaque id; an auditor's name in the warrant."""
    recorded_ms: int
    right: str | None
    view: str | None
    warrant: str | None


def tell(event: OpenedEvent) -> Told | None:
    """Give what the hub says of a look; nobody else can say it."""
    facts = event.facts
    if event.attestation is not Attestation.HUB:
        return None
    if isinstance(facts, ViewRead.Facts):
        return Told(facts.participant, _read(facts, event.recorded_ms))
    if isinstance(facts, PartFetched.Facts):
        return Told(facts.participant, _fetched(facts, event.recorded_ms))
    if isinstance(facts, EntriesFetched.Facts):
        said = _entries(event.header.agreement, facts, event.recorded_ms)
        return Told(facts.participant, said)
    if isinstance(facts, AuditOpened.Facts):
        return Told(facts.auditor, _opened(event.header.agreement, facts, event.recorded_ms))
    return None


def _read(facts: ViewRead.Facts, recorded_ms: int) -> Access:
    return Access(
        agreement=facts.agreement,
        event=None,
        format=facts.format,
        kind="read",
        ledgers=tuple(one.ledger for one in facts.positions),
        office=facts.office,
        opened=None,
        part=None,
        participant=facts.participant,
        purpose=facts.purpose,
        reader=facts.reader,
        recorded_ms=recorded_ms,
        right=facts.right,
        view=facts.view,
        warrant=None,
    )


def _fetched(facts: PartFetched.Facts, recorded_ms: int) -> Access:
    return Access(
        agreement=facts.agreement,
        event=facts.event,
        format=None,
        kind="fetch",
        ledgers=(facts.ledger,),
        office=None,
        opened=None,
        part=facts.part,
        participant=facts.participant,
        purpose=facts.purpose,
        reader=facts.reader,
        recorded_ms=recorded_ms,
        right=None,
        view=None,
        warrant=None,
    )


def _entries(agreement: str, facts: EntriesFetched.Facts, recorded_ms: int) -> Access:
    return Access(
        agreement=agreement,
        event=None,
        format="tlog-tiles",
        kind="read",
        ledgers=(facts.ledger,),
        office=facts.office,
        opened=None,
        part=None,
        participant=facts.participant,
        purpose="audit",
        reader=facts.reader,
        recorded_ms=recorded_ms,
        right=facts.right,
        view="log-entries",
        warrant=None,
    )


def _opened(agreement: str, facts: AuditOpened.Facts, recorded_ms: int) -> Access:
    return Access(
        agreement=agreement,
        event=None,
        format=None,
        kind="openings",
        ledgers=(facts.ledger,),
        office=None,
        opened=facts.parts,
        part=None,
        participant=None,
        purpose="audit",
        reader=facts.auditor,
        recorded_ms=recorded_ms,
        right=None,
        view=None,
        warrant=facts.warrant,
    )


ACCESSES = Telling(
    "accesses",
    3,
    frozenset({AuditOpened.name, EntriesFetched.name, PartFetched.name, ViewRead.name}),
    tell,
    Access,
    purpose=None,
)
