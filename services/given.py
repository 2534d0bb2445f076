"""What one event gives the views: cells that it adds to, what it says, and of whom.

Traits and tokens are kept of those alone for whom it adds to a cell: nobody else is ever counted.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from domain.opened import OpenedEvent
from domain.values import to_bytes
from domain.vocabulary.parts import FactsPart
from projections.projection import Contribution, Projections, Told, Traits
from projections.restrictions import Restriction, restriction


class Given(NamedTuple):
    """What a `services.folded.FoldedEvent` has beside its link, in the same order."""

    contributions: tuple[Contribution, ...] = ()
    told: tuple[tuple[str, Told], ...] = ()
    tokens: Mapping[str, tuple[tuple[str, bytes, bytes], ...]] = {}
    traits: Mapping[str | None, Traits] = {}
    keys: tuple[bytes, ...] = ()
    restriction: Restriction | None = None


NOTHING = Given()


def given(event: OpenedEvent, projections: Projections, *, taken: bool) -> Given:
    """Give all that an event adds and says while it stands; raises what a projection raises.

    One that is not `taken`, under an agreement that keeps it from the views, gives no more than the
    hub's own tellings. It stands all the same: what it corrects is no longer so for anybody.
    TypeError where an event about a person would be told: what is told is stored as it is.
    """
    name = event.kind.name
    countings = projections.countings.get(name, ()) if taken else ()
    contributions = tuple(one for counting in countings for one in counting.contribute(event))
    told = tuple(_told(event, projections, taken=taken))
    if told and event.subjects:
        raise TypeError("told of a person")
    said = restriction(event)
    if not (contributions or told or said):
        return NOTHING
    counted = {one.subject for one in contributions}
    keys = tuple(sorted({key for _, key in event.keys}))
    tokens, traits = _tokens(event, counted), _traits(event, counted)
    return Given(contributions, told, tokens, traits, keys, said)


def _told(
    event: OpenedEvent, projections: Projections, *, taken: bool
) -> Iterator[tuple[str, Told]]:
    for telling in projections.tellings.get(event.kind.name, ()):
        if taken or telling.purpose is None:
            said = telling.tell(event)
            if said is not None:
                yield telling.name, said


def _tokens(
    event: OpenedEvent, counted: set[str | None]
) -> dict[str, tuple[tuple[str, bytes, bytes], ...]]:
    return {
        one.pseudonym: tuple((t.basis, _key_id(t.key), to_bytes(t.token)) for t in one.linkage)
        for one in event.subjects
        if one.linkage and one.pseudonym is not None and one.pseudonym in counted
    }


def _traits(event: OpenedEvent, counted: set[str | None]) -> dict[str | None, Traits]:
    ward = _ward(event)
    found: dict[str | None, Traits] = {}
    for one in event.subjects:
        part = one.shared
        if part is not None and one.pseudonym is not None and one.pseudonym in counted:
            found[one.pseudonym] = Traits(
                part.age_band, part.sex, part.ethnic_group, part.disabled, part.looked_after, ward
            )
    if ward is not None and None in counted:
        found[None] = Traits(ward=ward)
    return found


def _ward(event: OpenedEvent) -> str | None:
    """Give the ward that an event's facts name, whichever kind's they are."""
    facts = event.facts
    if facts is None or not _has_a_ward(type(facts)):
        return None
    ward = getattr(facts, "ward", None)
    of = getattr(facts, "ward_codes_of", None)
    if not isinstance(ward, str):
        return None
    return f"{ward}@{of}" if isinstance(of, str) else ward


@functools.cache  # to ask a model for what it does not have costs more than all else here
def _has_a_ward(facts: type[FactsPart]) -> bool:
    return "ward" in facts.model_fields


@functools.lru_cache(maxsize=64)  # a key is used for a year
def _key_id(text: str) -> bytes:
    return to_bytes(text)
