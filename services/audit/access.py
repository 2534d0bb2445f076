"""Who read views, fetched parts and was given openings: as the ledgers themselves say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.errors import RecordMalformed
from domain.opened import OpenedEvent
from domain.record import Attestation, leaf_of
from domain.vocabulary import hub
from services.audit.history import Unopened, batches
from services.audit.replaying import Progress
from services.opening import Opens
from services.ports import StoredEntry
from services.projecting import Log


@dataclass(frozen=True, slots=True)
class Access:
    """One recorded look: when, at what, by whom, and what allowed it."""

    ledger: str
    position: int
    recorded_ms: int
    what: str
    who: str
    purpose: str
    allowed_by: str
    concerned: frozenset[str]
    """The ledgers whose content was looked at."""


def accesses(
    ledgers: Mapping[str, Log], openings: Mapping[str, Opens], tell: Progress
) -> Iterator[Access | Unopened]:
    """Give every look that the ledgers hold, ledger by ledger in order of position."""
    for name, ledger in ledgers.items():
        for entries in batches(name, ledger, tell):
            own = _own(entries)
            for entry, event in zip(own, openings[name].events(own), strict=True):
                if not isinstance(event, OpenedEvent):
                    yield Unopened(name, entry.position)
                elif (found := _access(event)) is not None:
                    yield found


def _own(entries: Sequence[StoredEntry]) -> list[StoredEntry]:
    """Leave out what others published: looks are recorded by the hub."""
    return [entry for entry in entries if _may_be_own(entry)]


def _may_be_own(entry: StoredEntry) -> bool:
    try:
        return leaf_of(entry.record).attestation is Attestation.HUB
    except RecordMalformed:
        return True


def _access(event: OpenedEvent) -> Access | None:
    facts = event.facts
    if isinstance(facts, hub.ViewRead.Facts):
        what = f"view {facts.view} as {facts.format}, {facts.right}"
        who = f"{facts.office} of {facts.participant}, {facts.reader}"
        seen = frozenset(one.ledger for one in facts.positions)
        return _made(event, (what, who), (facts.purpose, facts.agreement), seen)
    if isinstance(facts, hub.PartFetched.Facts):
        what, who = f"part {facts.part} of {facts.event}", f"{facts.participant}, {facts.reader}"
        seen = frozenset({facts.ledger})
        return _made(event, (what, who), (facts.purpose, facts.agreement), seen)
    if isinstance(facts, hub.EntriesFetched.Facts):
        what = f"entries {facts.first} to {facts.first + facts.count - 1}, sealed"
        who = f"{facts.office or 'a source'} of {facts.participant}, {facts.reader}"
        allowed = f"{facts.right} right"
        return _made(event, (what, who), ("audit", allowed), frozenset({facts.ledger}))
    if isinstance(facts, hub.AuditOpened.Facts):
        what, seen = f"openings of {facts.parts} parts", frozenset({facts.ledger})
        return _made(event, (what, facts.auditor), ("audit", f"warrant {facts.warrant}"), seen)
    return None


def _made(
    event: OpenedEvent, seen: tuple[str, str], why: tuple[str, str], concerned: frozenset[str]
) -> Access:
    return Access(event.ledger, event.position, event.recorded_ms, *seen, *why, concerned)
