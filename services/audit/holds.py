"""Legal holds of one ledger, as they stood when keys went: an audit's own way to know of them.

A hold names persons by marks, and a request carries the marks of whom it is about, so the two meet
when no pseudonym is left. A hold of a case names its stream: what of it does not open any more has
the tag of its key in the leaf, and the destruction has the key.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from domain.opened import OpenedEvent
from domain.record import Leaf, key_tag
from domain.statement import FACTS_NUMBER
from domain.values import london_day
from domain.vocabulary.deciding import LegalHoldLifted, LegalHoldSet
from services.acknowledging import instant

_Absent = tuple[uuid.UUID, int, bytes]
"""An event, the number of a part, and the tag of its key."""


@dataclass(slots=True)
class Holds:
    """What stood so far, in order of position. It grows by holds and by what was erased alone."""

    _standing: dict[str, LegalHoldSet.Facts] = field(default_factory=dict)
    _absent: dict[str, list[_Absent]] = field(default_factory=dict)
    """By stream."""

    def note(self, event: OpenedEvent, leaf: Leaf) -> None:
        """Keep which parts of an event are not there."""
        gone = {one.number for one in event.subjects if one.pseudonym is None}
        if event.facts is None:
            gone.add(FACTS_NUMBER)
        if gone:
            self._absent.setdefault(event.header.subject, []).extend(
                (leaf.event_id, part.number, part.key_tag)
                for part in leaf.parts
                if part.number in gone
            )

    def decide(self, hold: str, facts: LegalHoldSet.Facts | LegalHoldLifted.Facts) -> None:
        """Take in a decision whose signature holds, by its own id: a hold, or a body's own lift."""
        if isinstance(facts, LegalHoldSet.Facts):
            self._standing.setdefault(hold, facts)
            return
        kept = self._standing.get(facts.hold)
        if kept is not None and kept.by_participant == facts.by_participant:
            del self._standing[facts.hold]

    def against(
        self, keys: Collection[bytes], marks: Collection[str] | None, at_ms: int
    ) -> bool | None:
        """Say whether a hold stood against a destruction; None where that cannot be known.

        `marks` are of whom it was asked for, None where the request does not open.
        """
        standing = [one for one in self._standing.values() if _stands(one, at_ms)]
        if any(self._tells(one.stream, keys) for one in standing):
            return True
        named = {mark for one in standing for mark in one.subjects or ()}
        if named and marks is None:
            return None
        return not named.isdisjoint(marks or ())

    def _tells(self, stream: str | None, keys: Collection[bytes]) -> bool:
        return any(
            key_tag(key, event, number) == tag
            for event, number, tag in self._absent.get(stream or "", ())
            for key in keys
        )


def _stands(hold: LegalHoldSet.Facts, at_ms: int) -> bool:
    return hold.until is None or hold.until >= london_day(instant(at_ms)).isoformat()
