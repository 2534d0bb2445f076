"""The invented children and their episodes, as shapes: what is written down of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Identity:
    """What two authorities' files say alike of one child."""

    upn: str | None
    born: date | None
    expected: date | None
    sex: str
    ethnicity: str
    disabilities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InventedChild:
    """A child as one file has it: `upn_unknown` says why there is no pupil number."""

    la_child_id: str
    identity: Identity
    upn_unknown: str | None
    died: date | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessment; one that is still going on has neither authorisation nor codes."""

    started: date
    reviewed: date | None
    authorised: date | None
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A section 47 enquiry; without a conference, one was not required."""

    started: date
    target: date | None
    conference: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A child in need plan."""

    started: date
    ended: date | None


@dataclass(frozen=True, slots=True)
class ProtectionPlan:
    """A child protection plan with its reviews."""

    started: date
    ended: date | None
    first_category: str
    latest_category: str
    previous: str
    reviews: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class InventedEpisode:
    """One CINdetails."""

    referred: date
    source: str
    need: str | None = None
    closed: date | None = None
    reason: str | None = None
    assessments: tuple[Assessment, ...] = ()
    plan: Plan | None = None
    enquiry: Enquiry | None = None
    no_further_action: bool = False
    protection: ProtectionPlan | None = None

    @property
    def conference(self) -> date | None:
        """The initial conference, which the census has both here and in the enquiry."""
        return self.enquiry.conference if self.enquiry else None

    @property
    def has_open_plan(self) -> bool:
        """Whether a plan of either kind goes on."""
        plans = (self.plan, self.protection)
        return any(plan is not None and plan.ended is None for plan in plans)

    @property
    def last_day(self) -> date:
        """The last day on which something happened."""
        days = [self.referred, self.conference, *(each.authorised for each in self.assessments)]
        if self.enquiry:
            days += [self.enquiry.started, self.enquiry.target]
        if self.plan:
            days += [self.plan.started, self.plan.ended]
        if self.protection:
            days += [self.protection.started, self.protection.ended, *self.protection.reviews]
        return max(day for day in days if day)
