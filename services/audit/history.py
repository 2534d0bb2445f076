"""What happened to one stream, subject or event, entry by entry; never what any of them says.

Every entry is opened and looked at: columns and indexes are whoever's who may write the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.logged_checkpoint import is_event
from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.vocabulary.data_quality import RecordWithdrawn
from services.audit.replaying import Progress
from services.opening import Opens
from services.ports import StoredEntry
from services.projecting import Log

BATCH = 500


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry: where and when, and what it does to another; no value of a part."""

    ledger: str
    position: int
    recorded_ms: int
    occurred: str
    event: str
    type: str
    source: str
    supersedes: str | None
    withdraws: str | None
    attestation: Attestation


@dataclass(frozen=True, slots=True)
class Unopened:
    """An entry that does not open, and so may be about anything."""

    ledger: str
    position: int


def history(
    ledgers: Mapping[str, Log], openings: Mapping[str, Opens], wanted: str, tell: Progress
) -> Iterator[HistoryEntry | Unopened]:
    """Give the entries of a stream's or subject's pseudonym, or of an event and what names it."""
    for name, ledger in ledgers.items():
        for entries in batches(name, ledger, tell):
            for entry, event in zip(entries, openings[name].events(entries), strict=True):
                if not isinstance(event, OpenedEvent):
                    yield Unopened(name, entry.position)
                elif wanted in _names(event):
                    yield _line(event)


def batches(name: str, ledger: Log, tell: Progress) -> Iterator[list[StoredEntry]]:
    """Read a ledger's events from end to end, telling how far it is read."""
    size = ledger.head().size
    at = 0
    while at < size and (entries := ledger.read(at, min(BATCH, size - at))):
        yield [entry for entry in entries if is_event(entry.record)]
        at += len(entries)
        tell(name, at, size)


def _names(event: OpenedEvent) -> set[str]:
    pseudonyms = {one.pseudonym for one in event.subjects if one.pseudonym is not None}
    target = event.header.supersedes
    return pseudonyms | {event.header.subject, event.header.id, *([target] if target else [])}


def _line(event: OpenedEvent) -> HistoryEntry:
    target = event.header.supersedes
    withdraws = event.kind.name == RecordWithdrawn.name
    return HistoryEntry(
        ledger=event.ledger,
        position=event.position,
        recorded_ms=event.recorded_ms,
        occurred=event.header.time,
        event=event.header.id,
        type=event.header.type,
        source=event.header.source,
        supersedes=None if withdraws else target,
        withdraws=target if withdraws else None,
        attestation=event.attestation,
    )
