"""Gathers the events that the records of one child tell, and what of them cannot be told.

A *thing* is what the census records of a child: a referral, an assessment, a plan. It is the stream
of its events, under a natural key of child, first day and n-th of that day. What the hub would
refuse for its date is found here, while the place in the file is still known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from adapters.returns.cin_child import Child, Place, Referral
from adapters.returns.cin_events_person import LAST_SAYABLE, Person, said, told
from adapters.returns.reports_findings import Finding
from domain.errors import Severity
from domain.values import Precision, start_of_london_day
from domain.vocabulary.parts import Kind
from services.borough.drafting import Draft

_EARLIEST: Final = date(1990, 1, 1)
_NOTHING: Final[Mapping[str, object]] = {}


class Remark(StrEnum):
    """The closed list of what can be wrong or remarkable in records that were read well."""

    BEFORE_1990 = "event-before-1990"
    IN_THE_FUTURE = "event-in-the-future"
    NOT_SAYABLE = "date-beyond-2099"
    COUNT_TOO_LARGE = "count-beyond-999"
    CONTRADICTION = "conference-held-and-not-required"
    CHANGE_NOT_DATED = "category-change-has-no-date"
    REASON_WITHOUT_CLOSURE = "closure-reason-without-date"
    FACTORS_TOO_EARLY = "factors-without-authorisation"
    NONE_AND_OTHERS = "none-beside-other-disabilities"
    AGE_OUTSIDE_BANDS = "age-outside-all-bands"
    TEMPORARY_UPN = "temporary-upn-not-linked"


@dataclass(frozen=True, slots=True)
class Thing:
    """What an event belongs to. `key` names it among the `group`; the episode is a referral's."""

    group: str
    key: tuple[str, ...] = field(repr=False)
    place: Place
    referred: date | None = None
    episode: tuple[str, ...] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When an event of a thing happened, as far as the return tells."""

    kind: type[Kind]
    thing: Thing
    day: date
    precision: Precision = "day"
    more_key: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and the record that tells it."""

    draft: Draft
    place: Place


class Telling:
    """The events of one child, as they are found."""

    def __init__(self, child: Child, today: date) -> None:
        self.person = Person(child)
        self.told: list[Told] = []
        self.untold: list[str] = []
        self.findings: list[Finding] = []
        self._child = child
        self._today = today
        self._counted: Counter[tuple[str, date]] = Counter()

    def episode(self, referral: Referral) -> Thing:
        """Name a referral, which is an episode unless nothing followed from it.

        The two are streams of different names, so that an episode that was never closed can be told
        from a referral that needed no closing, when next year's return no longer holds it.
        """
        key = self._key("referral", referral.referred)
        group = "turned-away" if referral.no_further_action else "referral"
        return Thing(group, key, referral.place, referral.referred, key)

    def thing(self, group: str, day: date, *, place: Place, episode: Thing) -> Thing:
        """Name a record of an episode by child, first day and n-th of that day."""
        return Thing(group, self._key(group, day), place, episode.referred, episode.episode)

    def _key(self, group: str, day: date) -> tuple[str, ...]:
        self._counted[group, day] += 1
        return (self._child.la_child_id, day.isoformat(), str(self._counted[group, day]))

    def at(
        self, kind: type[Kind], thing: Thing, *, field: str, day: date | None
    ) -> Occasion | None:
        """Give the occasion of an event; None without a day, or when the hub would refuse it."""
        if day is None:
            return None
        if _EARLIEST <= day <= min(self._today, LAST_SAYABLE):
            return Occasion(kind, thing, day)
        remark = Remark.BEFORE_1990 if day < _EARLIEST else Remark.IN_THE_FUTURE
        self.untold.append(kind.name)
        self._find(remark, "refused", thing.place, field=field, refuses=kind.name)
        return None

    def tell(
        self,
        occasion: Occasion,
        facts: Mapping[str, object],
        *,
        shared: Mapping[str, object] = _NOTHING,
        restricted: Mapping[str, object] = _NOTHING,
    ) -> None:
        """Add an event; values of None are left out."""
        kind, thing = occasion.kind, occasion.thing
        common = {"family_view_recorded": False, "referral_date": said(thing.referred)}
        subject = self.person.subject(kind, occasion.day, shared=shared, restricted=restricted)
        draft = Draft(
            kind=kind,
            key=(*thing.key, *occasion.more_key),
            stream=(thing.group, *thing.key),
            time=start_of_london_day(occasion.day),
            precision=occasion.precision,
            facts=kind.Facts.model_validate(told({**common, **facts})),
            subjects=(subject,),
            episode=thing.episode,
        )
        self.told.append(Told(draft, thing.place))

    def said(self, thing: Thing, field: str, day: date | None) -> str | None:
        """Spell a day for the facts of an event; one that no event can name is refused."""
        if day is not None and said(day) is None:
            self.refuse(Remark.NOT_SAYABLE, thing.place, field)
        return said(day)

    def note(self, remark: Remark, place: Place, field: str) -> None:
        """Note something about an element; all that it says is told."""
        self._find(remark, "noted", place, field=field)

    def refuse(self, remark: Remark, place: Place, field: str) -> None:
        """Report an element whose value is not told."""
        self._find(remark, "refused", place, field=field)

    def _find(
        self,
        remark: Remark,
        severity: Severity,
        place: Place,
        *,
        field: str,
        refuses: str | None = None,
    ) -> None:
        self.findings.append(
            Finding(
                code=remark.value,
                severity=severity,
                child=self._child.ordinal,
                line=place.line,
                place=f"{place.path}/{field}",
                field=field.rpartition("/")[2].partition("[")[0],
                refuses=refuses,
            )
        )
