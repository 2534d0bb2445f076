"""What each headline measure of a theme counts: cells, and of what it is a share.

The registered mapping names the measures, their order, titles and units, and who could feed them;
here stands which cells answer to them. A measure of factors needs no entry: its cells follow from
its codes. A measure that is not here is answered by no event: "no source yet", unless figures are
reported for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from domain.reference.factor_mapping import Measure
from domain.vocabulary.codes import Agency
from projections.people import YOUNGEST
from projections.projection import AtEnd, Recurrence, Way
from projections.thresholds import CHANGED, FINAL, RATINGS

Unit = Literal["events", "episodes", "children"]

WHOLE: Final = ""
"""The breakdown of a measure as a whole."""

ALL_AGES: Final = "all-ages"
ASSESSED: Final = frozenset({"factor:any"})
"""What "per 1,000 assessed" is per: episodes with factors recorded."""
_ASSESSED: Final = "episodes with factors recorded"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a measure: distinct events, episodes or children over a set of cells.

    `of` is what it is a share of, or per thousand of, `of_what` in words; empty for a plain count.
    `way` applies to `cells` alone. `fed` are further cells whose events tell that somebody feeds
    the line, so that nothing in it is a zero.
    """

    breakdown: str
    unit: Unit
    cells: frozenset[str]
    of: frozenset[str] = frozenset()
    way: Way | None = None
    of_what: str = ""
    fed: frozenset[str] = frozenset()

    def feeding(self) -> frozenset[str]:
        """Give the cells of which one, once told of, makes an empty period a zero."""
        if self.of:
            return self.of
        if isinstance(self.way, AtEnd):
            return frozenset({self.way.cell})
        return self.cells | self.fed | (self.way.after if self.way else frozenset())


_ONE_RETURN: Final = frozenset({"assessment", "plan", "plan-started", "referral"})
"""What a borough's return tells of all at once: where one of them reaches, all of them do."""
_LISTED_WITH_THEM: Final = _ONE_RETURN | {"icpc", "plan-ended", "plan-review", "section47"}


def reach(line: Line) -> frozenset[str]:
    """Give further cells that show how far the sources of a line have told, once it is fed."""
    told = {cell.partition(":")[0] for cell in line.feeding()}
    return frozenset() if told.isdisjoint(_LISTED_WITH_THEM | {"factor"}) else _ONE_RETURN


def begins(line: Line) -> frozenset[str]:
    """Give the cells whose first month is the first of which a line is told as a whole.

    A return lists referrals and plans of earlier years too, with what belongs to them, if they were
    open in its own: only its assessments begin where it does.
    """
    told = {cell.partition(":")[0] for cell in line.feeding()}
    return line.feeding() if told.isdisjoint(_LISTED_WITH_THEM) else frozenset({"assessment"})


def lines(measure: Measure) -> tuple[Line, ...]:
    """Give the figures of a measure, its breakdowns after the whole; none where no event tells."""
    return _factor_lines(measure) if measure.factors else _LINES.get(measure.code, ())


def _factor_lines(measure: Measure) -> tuple[Line, ...]:
    """A measure of factors counts episodes; by age, it is per 1,000 assessed of that age."""
    codes = measure.factors
    whole = frozenset(f"factor:{code}" for code in codes)
    found = [Line(WHOLE, "episodes", whole, ASSESSED, of_what=_ASSESSED)]
    for part in measure.breakdown:
        if part.code in YOUNGEST:
            cells = frozenset(f"factor:{code}:{part.code}" for code in codes)
            assessed = frozenset({f"factor:any:{part.code}"})
            of_what = f"{_ASSESSED} of children of that age"
            found.append(Line(part.code, "episodes", cells, assessed, of_what=of_what))
        elif part.code == ALL_AGES:
            found.append(Line(ALL_AGES, "episodes", whole, ASSESSED, of_what=_ASSESSED))
    return tuple(found)


def _cells(*cells: str) -> frozenset[str]:
    return frozenset(cells)


def _standing(breakdown: str, cell: str, *values: str) -> Line:
    """How many children stand so at the end of the period."""
    cells = frozenset(f"{cell}:{one}" for one in values)
    return Line(breakdown, "children", cells, way=AtEnd(cell))


def _part_of(fed: str, breakdown: str, unit: Unit, cell: str) -> Line:
    """A plain count of what some events in `fed` are: none of them is a zero."""
    return Line(breakdown, unit, _cells(cell), fed=_cells(fed))


_PLANS_STARTED: Final = "children with a plan that started"
_LEVELS: Final = ("high", "medium", "low", "unknown")


def _changed(
    breakdown: str,
    cells: frozenset[str],
    of: frozenset[str] = FINAL,
    of_what: str = "final ratings",
) -> Line:
    """Ratings that were another one at first."""
    return Line(breakdown, "events", cells, of, CHANGED, of_what)


def _changed_by(agency: str) -> Line:
    """Of the final ratings of one agency."""
    cells = frozenset(f"{one}:by-{agency}" for one in FINAL)
    return Line(f"by-{agency}", "events", cells, cells, CHANGED, "final ratings of that agency")


_KNIFE_CRIME_AND_GANGS: Final[Mapping[str, tuple[Line, ...]]] = {
    "weapon-offences": (
        Line(WHOLE, "events", _cells("weapon")),
        _part_of("weapon", "injury-victims-1-24", "children", "weapon:injured-1-24"),
        _part_of("weapon", "suspects-under-18", "children", "weapon:suspect-under-18"),
        _part_of("weapon", "victims-under-18", "children", "weapon:victim-under-18"),
        _part_of("weapon", "possession", "events", "weapon:possession"),
        _part_of("weapon", "threat", "events", "weapon:threat"),
        _part_of("weapon", "use", "events", "weapon:use"),
    ),
    "weapon-exclusions": (
        Line(WHOLE, "events", _cells("exclusion:weapon")),
        _part_of("exclusion:weapon", "permanent", "events", "exclusion:weapon:permanent"),
        _part_of("exclusion:weapon", "suspension", "events", "exclusion:weapon:suspension"),
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
            of_what="missing episodes that ended",
        ),
    ),
    "nrm-referrals": (Line(WHOLE, "events", _cells("nrm-referral")),),
}
_DOMESTIC_ABUSE: Final[Mapping[str, tuple[Line, ...]]] = {
    "notifications-with-a-child": (Line(WHOLE, "events", _cells("da-notification")),),
    "marac-with-children": (
        Line(WHOLE, "events", _cells("marac")),
        Line(
            "repeat-within-12-months",
            "events",
            _cells("marac:repeat"),
            _cells("marac"),
            of_what="MARAC cases with children",
        ),
    ),
    "encompass-before-next-school-day": (
        Line(
            WHOLE,
            "events",
            _cells("encompass:on-time"),
            _cells("encompass:on-time", "encompass:late"),
            of_what="schools told, where both times are known",
        ),
    ),
    "emotional-abuse-plans": (
        Line(
            WHOLE,
            "children",
            _cells("plan-started:EMO"),
            _cells("plan-started"),
            of_what=_PLANS_STARTED,
        ),
        _standing("at-the-end", "plan", "EMO"),
    ),
}
_PRE_BIRTH_AND_NEGLECT: Final[Mapping[str, tuple[Line, ...]]] = {
    "plans-by-28-days": (
        _part_of("plan-started", WHOLE, "children", "plan-started:by-28-days"),
        _part_of("plan-started", "before-birth", "children", "plan-started:before-birth"),
    ),
    "neglect-plans": (
        *(
            _part_of("plan-started", band, "children", f"plan-started:NEG:{band}")
            for band in YOUNGEST
        ),
        Line(
            ALL_AGES,
            "children",
            _cells("plan-started:NEG"),
            _cells("plan-started"),
            of_what=_PLANS_STARTED,
        ),
        _standing("at-the-end", "plan", "NEG"),
    ),
    "unborn-referrals": (_part_of("referral", WHOLE, "episodes", "unborn-referral"),),
    "pre-birth-assessment-by-target": (
        Line(
            WHOLE,
            "events",
            _cells("pre-birth-assessment:on-time"),
            _cells("pre-birth-assessment:on-time", "pre-birth-assessment:late"),
            of_what="pre-birth assessments with a target",
        ),
    ),
}
_THRESHOLDS: Final[Mapping[str, tuple[Line, ...]]] = {
    "funnel": (
        Line("contacts", "events", _cells("contact")),
        Line("referrals", "episodes", _cells("referral")),
        Line("assessments", "events", _cells("assessment")),
        Line(
            "in-need", "events", _cells("assessment:in-need"), fed=_cells("assessment:not-in-need")
        ),
    ),
    "no-further-action": (
        Line(
            WHOLE,
            "episodes",
            _cells("referral:nfa"),
            _cells("referral:decided"),
            of_what="referrals with a decision recorded",
        ),
    ),
    "re-referral-within-12-months": (
        Line(
            WHOLE,
            "episodes",
            _cells("referral"),
            _cells("referral"),
            Recurrence(_cells("referral"), within_days=365),
            of_what="referrals",
        ),
        Line(
            "as-the-source-counts",
            "episodes",
            _cells("referral:again-within-12-months"),
            _cells("referral:again-asked"),
            of_what="referrals of which the source says it",
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
    "rating-changed-on-review": (
        _changed(WHOLE, FINAL),
        *map(_changed_by, get_args(Agency)),
        *(_changed(f"to-{one}", _cells(f"rating-final:{one}")) for one in RATINGS),
    ),
    "family-view-recorded": (
        Line(
            WHOLE,
            "events",
            _cells("contact:family-view-recorded", "referral:family-view-recorded"),
            _cells("contact:family-view-asked", "referral:family-view-asked"),
            of_what="contacts and referrals that say whether",
        ),
    ),
}
_LINES: Final[Mapping[str, tuple[Line, ...]]] = {
    **_KNIFE_CRIME_AND_GANGS, **_EXPLOITATION, **_DOMESTIC_ABUSE,
    **_PRE_BIRTH_AND_NEGLECT, **_THRESHOLDS,
}  # fmt: skip
