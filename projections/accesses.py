"""Who read which view, and who fetched which sealed part: as the hub recorded it beforehand."""

from __future__ import annotations

from typing import Literal

from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.values import Strict
from domain.vocabulary.hub import EntriesFetched, PartFetched, ViewRead
from projections.projection import Telling, Told


class Access(Strict):
    """One read or fetch, every field of it set."""

    agreement: str
    event: str | None
    """The event whose part was fetched."""
    format: str | None
    kind: Literal["fetch", "read"]
    ledgers: tuple[str, ...]
    """Whose entries it was made from."""
    office: str | None
    part: int | None
    participant: str
    purpose: str
    reader: str
    """The reader's opaque id."""
    recorded_ms: int
    right: str | None
    view: str | None


def tell(event: OpenedEvent) -> Told | None:
    """Give what the hub says of a read or fetch; nobody else can say it."""
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
    return None


def _read(facts: ViewRead.Facts, recorded_ms: int) -> Access:
    return Access(
        agreement=facts.agreement,
        event=None,
        format=facts.format,
        kind="read",
        ledgers=tuple(one.ledger for one in facts.positions),
        office=facts.office,
        part=None,
        participant=facts.participant,
        purpose=facts.purpose,
        reader=facts.reader,
        recorded_ms=recorded_ms,
        right=facts.right,
        view=facts.view,
    )


def _fetched(facts: PartFetched.Facts, recorded_ms: int) -> Access:
    return Access(
        agreement=facts.agreement,
        event=facts.event,
        format=None,
        kind="fetch",
        ledgers=(facts.ledger,),
        office=None,
        part=facts.part,
        participant=facts.participant,
        purpose=facts.purpose,
        reader=facts.reader,
        recorded_ms=recorded_ms,
        right=None,
        view=None,
    )


def _entries(agreement: str, facts: EntriesFetched.Facts, recorded_ms: int) -> Access:
    return Access(
        agreement=agreement,
        event=None,
        format="tlog-tiles",
        kind="read",
        ledgers=(facts.ledger,),
        office=facts.office,
        part=None,
        participant=facts.participant,
        purpose="audit",
        reader=facts.reader,
        recorded_ms=recorded_ms,
        right=facts.right,
        view="log-entries",
    )


ACCESSES = Telling(
    "accesses",
    2,
    frozenset({EntriesFetched.name, PartFetched.name, ViewRead.name}),
    tell,
    Access,
    purpose=None,
)
