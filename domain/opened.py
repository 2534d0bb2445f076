"""An event as it was opened from a ledger: what folds, queries and auditors are given."""

from __future__ import annotations

import uuid
from collections.abc import Container
from typing import NamedTuple

from domain.envelope import Header
from domain.record import Attestation
from domain.statement import FACTS_NUMBER
from domain.vocabulary.parts import FactsPart, Kind, LinkageToken, SharedPart


class OpenedSubject(NamedTuple):
    """One person of an event; `pseudonym` and `shared` are None once the key is destroyed."""

    number: int
    """The part number of the shared part."""
    pseudonym: str | None
    role: str | None
    shared: SharedPart | None
    linkage: tuple[LinkageToken, ...] = ()


class OpenedEvent(NamedTuple):
    """One recorded event, every part checked against its leaf, upcast to the current version.

    A tuple, as are its subjects: there are millions of them.
    """

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
    keys: tuple[tuple[int, bytes], ...] = ()
    """Number and key id of each of these parts that is there; empty where no keys are known."""

    def without(self, destroyed: Container[bytes]) -> OpenedEvent:
        """Give the event as it opens once these keys are destroyed: their parts are absent."""
        gone = {number for number, key in self.keys if key in destroyed}
        if not gone:
            return self
        return self._replace(
            facts=None if FACTS_NUMBER in gone else self.facts,
            subjects=tuple(
                OpenedSubject(one.number, None, None, None) if one.number in gone else one
                for one in self.subjects
            ),
            keys=tuple(one for one in self.keys if one[0] not in gone),
        )
