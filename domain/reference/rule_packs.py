"""Rules with dates: how long each step may take, from when, under which edition of which guidance.

A clock says which pack it used, and a replay applies the pack that was in force on the event's day.
What nobody has read at its source is there, and says that it is unchecked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from domain.errors import Fault
from domain.reference.dated import Document, EventName, Prose, Slug, doubled, fault
from domain.values import Day, Strict

Area = Literal["national", "regional", "local"]
Unit = Literal["working-days", "calendar-days", "hours", "months"]
PackCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{1,30}$")]


class Clock(Strict):
    """How long something may take.

    `starts` says from when in words; `started_by` and `stopped_by` name the events, where the
    catalogue has them. Where practice differs on the start there are two clocks, both shown.
    """

    applies_to: Prose
    checked: bool
    code: Slug
    length: Annotated[int, Field(ge=1, le=999)]
    origin: Prose
    started_by: EventName | None = None
    starts: Prose
    stopped_by: EventName | None = None
    unit: Unit


class Duty(Strict):
    """Something that must be done, or need not be; `at_least` times in `months` if counted."""

    at_least: Annotated[int, Field(ge=0, le=99)] | None = None
    checked: bool
    code: Slug
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    origin: Prose
    text: Prose


class RulePack(Document):
    """One edition of one body of rules."""

    area: Area
    clocks: tuple[Clock, ...]
    code: PackCode
    dates_checked: bool
    """Whether someone read the first day at its source."""
    duties: tuple[Duty, ...] = ()
    kind: Literal["rule-pack"]

    def clock(self, code: str) -> Clock | None:
        """Give a clock by its code."""
        return next((clock for clock in self.clocks if clock.code == code), None)

    def rules(self) -> Iterator[Fault]:
        """Give what does not hold together between clocks and duties."""
        yield from super().rules()
        yield from doubled((clock.code for clock in self.clocks), "clocks.{}.code")
        yield from doubled((duty.code for duty in self.duties), "duties.{}.code")
        for index, duty in enumerate(self.duties):
            if (duty.at_least is None) != (duty.months is None):
                yield fault(f"duties.{index}.months", "count-without-period")


def pack_in_force(packs: Iterable[RulePack], area: Area, *, day: Day) -> RulePack | None:
    """Give the pack of an area on a day: of several, the one that began last, then the newest."""
    found = (pack for pack in packs if pack.area == area and pack.in_force(day))
    return max(found, key=lambda pack: (pack.effective_from, pack.version), default=None)
