"""An event as it was opened from a ledger: what folds, queries and auditors are given."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from domain.envelope import Header
from domain.record import Attestation
from domain.vocabulary.parts import FactsPart, Kind, LinkageToken, SharedPart


@dataclass(frozen=True, slots=True)
class OpenedSubject:
    """One person of an event; `pseudonym` and `shared` are None once the key is destroyed."""

    number: int
    """The part number of the shared part."""
    pseudonym: str | None
    role: str | None
    shared: SharedPart | None
    linkage: tuple[LinkageToken, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenedEvent:
    """One recorded event, every part checked against its leaf, upcast to the current version."""

    ledger: str
    position: int
    recorded_ms: int
    event_id: uuid.UUID
    stream_tag: uuid.UUID
    attestation: Attestation
    header: Header
    kind: type[Kind]
    facts: FactsPart | None
    subjects: tuple[OpenedSubject, ...] = ()
