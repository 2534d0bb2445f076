"""Weapons, exclusions over them, and first entries to youth justice.

- `weapon`, `weapon:possession`, `:threat`, `:use`: incidents, whoever was in them, those counted as
  domestic too (`weapon:domestic`)
- `weapon:injured-1-24`: injured victims of that age outside a domestic setting;
  `weapon:suspect-under-18`, `weapon:victim-under-18`
- `exclusion:weapon`, `exclusion:weapon:permanent`, `exclusion:weapon:suspension`
- `first-time-entrant`
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent, OpenedSubject
from domain.vocabulary.parts import SharedPart
from domain.vocabulary.police_health_school import (
    SchoolExclusionRecorded,
    WeaponIncidentRecorded,
    YouthJusticeOutcomeRecorded,
)
from projections.people import AT_RISK, children
from projections.projection import Contribution, Counting

WEAPON_REASONS = frozenset({"BW", "OW"})
"""Brought a weapon into school; used one or threatened to. School census codes."""

UNDER_18 = frozenset({"under-1", "1-4", "5-9", "10-15", "16-17"})
FROM_1_TO_24 = frozenset({"1-4", "5-9", "10-15", "16-17", "18-24"})
UNHARMED = frozenset({None, "none", "unknown"})
"""What is not known to be an injury is not counted as one."""

_KINDS = (SchoolExclusionRecorded, WeaponIncidentRecorded, YouthJusticeOutcomeRecorded)


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of an incident, exclusion or outcome."""
    facts = event.facts
    if isinstance(facts, WeaponIncidentRecorded.Facts):
        yield from _incident(event, facts)
    elif isinstance(facts, SchoolExclusionRecorded.Facts):
        if WEAPON_REASONS.intersection(facts.reasons):
            for child, _ in children(event, SharedPart, roles=AT_RISK):
                yield Contribution("exclusion:weapon", child)
                yield Contribution(f"exclusion:weapon:{facts.kind}", child)
    else:
        for child, outcome in children(event, YouthJusticeOutcomeRecorded.Shared, roles=AT_RISK):
            if outcome.first_time_entrant:
                yield Contribution("first-time-entrant", child)


def _incident(event: OpenedEvent, facts: WeaponIncidentRecorded.Facts) -> Iterator[Contribution]:
    cells = ["weapon", f"weapon:{facts.offence}", *(["weapon:domestic"] if facts.domestic else [])]
    if not event.subjects:
        yield from (Contribution(cell) for cell in cells)
    for person in event.subjects:
        if person.pseudonym is not None:
            for cell in (*cells, *_person(facts, person)):
                yield Contribution(cell, person.pseudonym)


def _person(facts: WeaponIncidentRecorded.Facts, person: OpenedSubject) -> Iterator[str]:
    shared = person.shared
    if not isinstance(shared, WeaponIncidentRecorded.Shared):
        return
    if person.role in {"victim", "suspect"} and shared.age_band in UNDER_18:
        yield f"weapon:{person.role}-under-18"
    injured = person.role == "victim" and shared.injury not in UNHARMED
    if injured and not facts.domestic and shared.age_band in FROM_1_TO_24:
        yield "weapon:injured-1-24"


SERIOUS_VIOLENCE = Counting(
    "serious-violence", 1, frozenset(kind.name for kind in _KINDS), contribute
)
