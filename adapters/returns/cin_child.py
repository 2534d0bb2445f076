"""What was understood of a CIN Census return: its header, its children, and what was not.

Every value here stands as it was read and nothing is guessed. None means that the return does not
give the value, or that it gives one which could not be understood: `not_understood` of the record
tells the two apart, and the faults say where and why, by the names of our own vocabulary alone.
Values that could tell who the child is are left out of every `repr`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Literal

from domain.errors import Severity

UNKNOWN_ELEMENT: Final = "(unknown element)"
"""Stands for a name that the census does not have: such a name is input, so it is not repeated."""

Sex = Literal["female", "male", "unknown"]


class Kind(StrEnum):
    """The kinds of record that are counted."""

    CHILD = "child"
    REFERRAL = "referral"
    ASSESSMENT = "assessment"
    FACTOR = "factor"
    SECTION47 = "section47"
    CIN_PLAN = "cin-plan"
    PLAN = "protection-plan"
    REVIEW = "review"


class FaultCode(StrEnum):
    """The closed list of what can be remarkable or wrong in a return that is well-formed XML."""

    BEFORE_THIS_YEAR = "code-not-of-this-year"
    RETIRED = "retired-code"
    NAME_NOT_OF_THIS_YEAR = "element-not-of-this-year"
    YEAR_NOT_KNOWN = "year-not-known"
    NOT_IN_LIST = "value-not-in-code-list"
    OTHER_CASE = "letters-in-other-case"
    NOT_A_DATE = "not-a-date"
    DATE_NOT_CREDIBLE = "date-not-credible"
    DATE_WITH_TIME = "date-with-time-or-zone"
    DATE_ORDER = "date-order"
    NOT_YES_NO = "not-yes-or-no"
    NOT_A_COUNT = "not-a-count"
    NOT_A_UPN = "not-a-upn"
    NOT_AN_AUTHORITY = "not-an-authority-number"
    NOT_A_YEAR = "not-a-year"
    NOT_A_TIME = "not-a-date-and-time"
    TOO_LONG = "too-long"
    MISSING = "missing"
    EMPTY = "empty"
    REPEATED = "repeated"
    REPEATED_DIFFERENTLY = "repeated-differently"
    STRAY_TEXT = "stray-text"
    ELEMENT_IN_VALUE = "element-inside-value"
    UNKNOWN = "unknown-element"
    MISPLACED = "misplaced-element"
    NAMESPACE = "namespace"
    TOO_LARGE = "record-too-large"
    DUPLICATE_CHILD = "duplicate-child-id"
    HEADER_LATE = "header-after-children"
    NO_CHILDREN = "no-children"
    YEAR_AND_REFERENCE_DATE = "year-and-reference-date-differ"
    OTHER_AUTHORITY = "authority-not-as-asked"
    OTHER_YEAR = "year-not-as-asked"
    OTHER_COLLECTION = "collection-not-cin"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file: a path of known element names, counted from 1, and a line from 1.

    For example `Child[3]/CINdetails[1]/Assessments[2]/AssessmentActualStartDate`.
    """

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong or remarkable in the file; it never holds what was read.

    `severity` is `refused` when a value or record could not be used, `noted` when it was understood
    all the same. `field` is the element whose value it is, `child` the child's ordinal in the file
    (0: outside any child), `refuses` the kind of record that falls with it (None: the value alone),
    `count` how many elements it speaks of.
    """

    code: FaultCode
    severity: Severity
    place: Place
    child: int
    field: str | None = None
    refuses: Kind | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Review:
    """A conference that reviewed a child protection plan."""

    held: date
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A child protection plan; categories are codes of `cin_codes.ABUSE_CATEGORIES`."""

    start: date
    end: date | None
    initial_category: str | None
    latest_category: str | None
    previous_plans: int | None
    reviews: tuple[Review, ...]
    not_understood: tuple[str, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CinPlan:
    """A child in need plan (from 2022)."""

    start: date
    end: date | None
    not_understood: tuple[str, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section47:
    """An enquiry under section 47, with the initial conference as *it* gives it."""

    start: date
    conference_target: date | None
    initial_conference: date | None
    conference_not_required: bool | None
    not_understood: tuple[str, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """An assessment and the factors found at its end, each code once, in the order of the file.

    `repeated_factors` counts further elements with a code that stands already.
    """

    start: date
    internal_review: date | None
    authorised: date | None
    factors: tuple[str, ...]
    not_understood: tuple[str, ...]
    place: Place = field(compare=False)
    repeated_factors: int = field(default=0, compare=False)

    @property
    def factors_complete(self) -> bool:
        """Whether every factor that the file gives was understood."""
        return "AssessmentFactors" not in self.not_understood


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """One CINdetails: a referral and what followed, with the conference date as *it* gives it."""

    referred: date
    source: str | None
    primary_need: str | None
    closed: date | None
    closure_reason: str | None
    initial_conference: date | None
    no_further_action: bool | None
    assessments: tuple[Assessment, ...]
    cin_plans: tuple[CinPlan, ...]
    section47s: tuple[Section47, ...]
    plans: tuple[Plan, ...]
    not_understood: tuple[str, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One child of the file, `ordinal` counted from 1 over all children, refused ones too.

    `faults` are in the order of the file and bounded; `faults_left_out` counts the rest.
    """

    ordinal: int
    la_child_id: str = field(repr=False)
    upn: str | None = field(repr=False)
    former_upn: str | None = field(repr=False)
    upn_unknown: str | None
    birth_date: date | None = field(repr=False)
    expected_birth_date: date | None = field(repr=False)
    death_date: date | None = field(repr=False)
    sex: Sex | None
    ethnicity: str | None
    disabilities: tuple[str, ...]
    referrals: tuple[Referral, ...]
    not_understood: tuple[str, ...]
    place: Place = field(compare=False)
    faults: tuple[Fault, ...] = ()
    faults_left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedChild:
    """A child of whom nothing can be used, since nobody could tell who it is; `faults` say why."""

    ordinal: int
    place: Place
    faults: tuple[Fault, ...]
    faults_left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnHeader:
    """What the file says of itself; `authority` is the number that every Source agrees on."""

    collection: str | None
    year: int | None
    reference_date: date | None
    authority: str | None
    source_level: str | None
    software: str | None
    release: str | None
    serial_number: str | None
    exported: datetime | None
    not_understood: tuple[str, ...]
    place: Place = field(compare=False)
    faults: tuple[Fault, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Count:
    """How many records of one kind stand in the file, and how many of them were understood."""

    in_file: int = 0
    understood: int = 0

    @property
    def refused(self) -> int:
        """Those in the file that no record stands for."""
        return self.in_file - self.understood
