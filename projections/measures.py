"""What each headline measure of a theme counts: cells, and of what it is a share.

The registered mapping names the measures, their order, titles and units, and who could feed them;
here stands which cells answer to them. A measure of factors needs no entry: its cells follow from
its codes. A measure that is not here is answered by no event: "no source yet", unless figures are
reported for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from domain.reference.factor_mapping import Measure
from projections.people import YOUNGEST
from projections.projection import AtEnd, Recurrence, Way

Unit = Literal["events", "episodes", "children"]

WHOLE: Final = ""
"""The breakdown of a measure as a whole."""

ALL_AGES: Final = "all-ages"
ASSESSED: Final = frozenset({"factor:any"})
"""What "per 1,000 assessed" is per: episodes with factors recorded."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a measure: distinct events, episodes or children over a set of cells.

    `of` is what it is a share of, or per thousand of; empty for a plain count. `way` applies to
    `cells` alone.
    """

    breakdown: str
    unit: Unit
    cells: frozenset[str]
    of: frozenset[str] = frozenset()
    way: Way | None = None


def lines(measure: Measure) -> tuple[Line, ...]:
    """Give the figures of a measure, its breakdowns after the whole; none where no event tells."""
    return _factor_lines(measure) if measure.factors else _LINES.get(measure.code, ())


def _factor_lines(measure: Measure) -> tuple[Line, ...]:
    """A measure of factors counts episodes; by age, it is per 1,000 assessed of that age."""
    codes = measure.factors
    whole = frozenset(f"factor:{code}" for code in codes)
    found = [Line(WHOLE, "episodes", whole, ASSESSED)]
    for part in measure.breakdown:
        if part.code in YOUNGEST:
            cells = frozenset(f"factor:{code}:{part.code}" for code in codes)
            found.append(Line(part.code, "episodes", cells, frozenset({f"factor:any:{part.code}"})))
        elif part.code == ALL_AGES:
            found.append(Line(ALL_AGES, "episodes", whole, ASSESSED))
    return tuple(found)


def _cells(*cells: str) -> frozenset[str]:
    return frozenset(cells)


def _standing(breakdown: str, cell: str, *values: str) -> Line:
    """How many children stand so at the end of the period."""
    return Line(
        breakdown, "children", frozenset(f"{cell}:{one}" for one in values), way=AtEnd(cell)
    )


_LEVELS: Final = ("high", "medium", "low", "unknown")
_RATINGS: Final = ("blue", "green", "amber", "red")
_FINAL_RATINGS: Final = frozenset(f"rating-final:{one}" for one in _RATINGS)


def _changed_to(rating: str) -> Line:
    """Ratings that were another one at first; both stand in one stream."""
    others = frozenset(f"rating-first:{one}" for one in _RATINGS if one != rating)
    before = Recurrence(others, within_days=366, joined_by="episode")
    return Line(f"to-{rating}", "events", _cells(f"rating-final:{rating}"), _FINAL_RATINGS, before)


_KNIFE_CRIME_AND_GANGS: Final[Mapping[str, tuple[Line, ...]]] = {
    "weapon-offences": (
        Line(WHOLE, "events", _cells("weapon")),
        Line("injury-victims-1-24", "children", _cells("weapon:injured-1-24")),
        Line("suspects-under-18", "children", _cells("weapon:suspect-under-18")),
        Line("victims-under-18", "children", _cells("weapon:victim-under-18")),
        Line("possession", "events", _cells("weapon:possession")),
        Line("threat", "events", _cells("weapon:threat")),
        Line("use", "events", _cells("weapon:use")),
    ),
    "weapon-exclusions": (
        Line(WHOLE, "events", _cells("exclusion:weapon")),
        Line("permanent", "events", _cells("exclusion:weapon:permanent")),
        Line("suspension", "events", _cells("exclusion:weapon:suspension")),
    ),
    "first-time-entrants": (Line(WHOLE, "children", _cells("first-time-entrant")),),
}
_EXPLOITATION: Final[Mapping[str, tuple[Line, ...]]] = {
    "mace-open-cases": (
        _standing(WHOLE, "mace", *_LEVELS),
        *(_standing(level, "mace", level) for level in _LEVELS),
    ),
    "missing-three-times-in-90-days": (
        Line(
            WHOLE,
            "children",
            _cells("missing"),
            way=Recurrence(_cells("missing"), within_days=90, at_least=2),
        ),
        Line("as-the-source-counts", "children", _cells("missing:third-in-90-days")),
    ),
    "return-interviews-within-72-hours": (
        Line(
            WHOLE,
            "events",
            _cells("return-interview-held:within-72-hours"),
            _cells("missing-ended"),
        ),
    ),
    "nrm-referrals": (Line(WHOLE, "events", _cells("nrm-referral")),),
}
_DOMESTIC_ABUSE: Final[Mapping[str, tuple[Line, ...]]] = {
    "notifications-with-a-child": (Line(WHOLE, "events", _cells("da-notification")),),
    "marac-with-children": (
        Line(WHOLE, "events", _cells("marac")),
        Line("repeat-within-12-months", "events", _cells("marac:repeat"), _cells("marac")),
    ),
    "encompass-before-next-school-day": (
        Line(
            WHOLE,
            "events",
            _cells("encompass:on-time"),
            _cells("encompass:on-time", "encompass:late"),
        ),
    ),
    "emotional-abuse-plans": (
        Line(WHOLE, "children", _cells("plan-started:EMO"), _cells("plan-started")),
        _standing("at-the-end", "plan", "EMO"),
    ),
}
_PRE_BIRTH_AND_NEGLECT: Final[Mapping[str, tuple[Line, ...]]] = {
    "plans-by-28-days": (
        Line(WHOLE, "children", _cells("plan-started:by-28-days")),
        Line("before-birth", "children", _cells("plan-started:before-birth")),
    ),
    "neglect-plans": (
        *(Line(band, "children", _cells(f"plan-started:NEG:{band}")) for band in YOUNGEST),
        Line(ALL_AGES, "children", _cells("plan-started:NEG"), _cells("plan-started")),
        _standing("at-the-end", "plan", "NEG"),
    ),
    "unborn-referrals": (Line(WHOLE, "episodes", _cells("unborn-referral")),),
    "pre-birth-assessment-by-target": (
        Line(
            WHOLE,
            "events",
            _cells("pre-birth-assessment:on-time"),
            _cells("pre-birth-assessment:on-time", "pre-birth-assessment:late"),
        ),
    ),
}
_THRESHOLDS: Final[Mapping[str, tuple[Line, ...]]] = {
    "funnel": (
        Line("contacts", "events", _cells("contact")),
        Line("referrals", "episodes", _cells("referral")),
        Line("assessments", "events", _cells("assessment")),
        Line("in-need", "events", _cells("assessment:in-need")),
    ),
    "no-further-action": (
        Line(WHOLE, "episodes", _cells("referral:nfa"), _cells("referral:decided")),
    ),
    "re-referral-within-12-months": (
        Line(
            WHOLE,
            "episodes",
            _cells("referral"),
            _cells("referral"),
            Recurrence(_cells("referral"), within_days=365),
        ),
        Line(
            "as-the-source-counts",
            "episodes",
            _cells("referral:again-within-12-months"),
            _cells("referral:again-asked"),
        ),
    ),
    "stepped-down-then-up": (
        Line(
            WHOLE,
            "children",
            _cells("case-stepped:up"),
            way=Recurrence(_cells("case-stepped:down"), within_days=183),
        ),
    ),
    "rating-changed-on-review": tuple(_changed_to(rating) for rating in _RATINGS),
    "family-view-recorded": (
        Line(
            WHOLE,
            "events",
            _cells("contact:family-view-recorded", "referral:family-view-recorded"),
            _cells("contact:family-view-asked", "referral:family-view-asked"),
        ),
    ),
}
_LINES: Final[Mapping[str, tuple[Line, ...]]] = {
    **_KNIFE_CRIME_AND_GANGS,
    **_EXPLOITATION,
    **_DOMESTIC_ABUSE,
    **_PRE_BIRTH_AND_NEGLECT,
    **_THRESHOLDS,
}
