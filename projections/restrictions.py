"""Whom folds leave out: a restriction holds from its entry on, until it is lifted or over.

It holds for every day on which something happened. A restriction with a last day is over with the
first entry that the ledger takes on a later London day: so views need no clock, and an answer as of
any position is the same whenever it is given. A lift ends a whole restriction, by whichever of its
corrections it names it. What was said in facts that are gone restricts until further, and lifts
nothing.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import NamedTuple

from domain.opened import OpenedEvent
from domain.values import day_of
from domain.vocabulary.data_quality import RestrictionLifted, RestrictionPlaced

RESTRICTIONS = frozenset({RestrictionLifted.name, RestrictionPlaced.name})


class Restriction(NamedTuple):
    """What an event says of whom folds leave out, while it stands."""

    subjects: tuple[str, ...] = ()
    """The pseudonyms of those who are restricted."""
    until: date | None = None
    """The last day, where it has one."""
    lifts: uuid.UUID | None = None
    """The restriction that it lifts, by any event of its fact."""


def restriction(event: OpenedEvent) -> Restriction | None:
    """Give what an event says of restrictions, if it says anything."""
    if event.kind.name not in RESTRICTIONS:
        return None
    facts = event.facts
    if event.kind.name == RestrictionPlaced.name:
        named = sorted(one.pseudonym for one in event.subjects if one.pseudonym is not None)
        until = facts.until if isinstance(facts, RestrictionPlaced.Facts) else None
        return (
            Restriction(tuple(named), None if until is None else day_of(until)) if named else None
        )
    if isinstance(facts, RestrictionLifted.Facts):
        return Restriction(lifts=uuid.UUID(facts.placed))
    return None
