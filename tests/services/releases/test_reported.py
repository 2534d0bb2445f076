"""Reported figures in a release: hidden as counts are, compared by what is shown, never doubled."""

from __future__ import annotations

from adapters.reference.shipped import PARTICIPANTS, shipped_document
from adapters.suppression.highs import Highs
from domain.reference.documents import read_as
from domain.reference.participants import Participants
from domain.reference.release_tables import ReleaseTable, ReleaseTables
from domain.reference.releases import Release, Series
from domain.vocabulary.police_health_school import WeaponIncidentRecorded
from services.releases.counts import Counts, Published
from services.releases.drafting import Circumstances, Drafting
from services.releases.figures import Figures
from services.releases.hiding import exposed, hide
from services.releases.plan import Plan
from services.theming.explanations import explanations
from tests.projections.builders import Borough, Told, folded
from tests.services.theming.rig import explains, mapping, reports

SOLVER = Highs()
TABLES = read_as(ReleaseTables, shipped_document("release-tables.json").raw)
BOROUGHS = read_as(Participants, shipped_document(PARTICIPANTS).raw).boroughs("2026-11-23")
KNIVES = ReleaseTable(
    code="knives",
    measures=("weapon-offences",),
    theme="knife-crime-and-gangs",
    title="Knives",
)
CHANGES = {"cross_borough": (), "tables": (KNIVES,), "years": 2}
PLAN = Plan(TABLES.model_copy(update=CHANGES), mapping(), "2023-06")
MONTHS = [f"{year}-{month:02}" for year in (2021, 2022, 2023) for month in range(1, 13)][3:27]


def told(*, doubled: bool = False) -> Borough:
    """Give a borough of which the police reports two years of months, 10 or 20 in each."""
    havering = Borough("havering")
    for at, month in enumerate(MONTHS):
        count = 20 if doubled and at >= 12 else 10
        reports(havering, "possession-of-weapons", month, count)
    return havering


def released(*boroughs: Borough) -> tuple[Release, Figures]:
    """Make a release of what they tell, and attack it."""
    store = folded(*boroughs).store
    known = {one.ledger: 0 for one in BOROUGHS if one.ledger}
    positions = {**known, **{one.ledger: len(one.entries) for one in boroughs}}
    figures = Counts(store, BOROUGHS, Published({})).figures(PLAN, positions)
    hidden = hide(figures, [], SOLVER)
    assert exposed(figures, hidden, [], SOLVER) == frozenset()
    made_in = Circumstances(
        explained=explanations(store, BOROUGHS, positions),
        feeds=(),
        positions=positions,
        rule_packs=(),
        views_version="views/1",
    )
    return Drafting(PLAN, BOROUGHS, figures, hidden).release(made_in), figures


def series(release: Release, breakdown: str = "possession") -> Series:
    """Give the reported series of a part."""
    (table,) = release.tables
    (found,) = [
        one for one in table.series if (one.counts, one.breakdown) == ("reported", breakdown)
    ]
    return found


def cells(release: Release, texts: tuple[str, ...]) -> dict[str, str]:
    """Give a series' cells by period."""
    return dict(zip(release.tables[0].periods, texts, strict=True))


def test_reports_are_released_by_year_and_quarter() -> None:
    """Months add up to quarters and years, and each says what it is on the year before."""
    release, _ = released(told(doubled=True))
    found = series(release)
    numbers, changes = cells(release, found.numerators), cells(release, found.changes)
    assert (numbers["2022"], numbers["2023"], numbers["2022-04"]) == ("120", "240", "60")
    assert (changes["2022"], changes["2023"], changes["2022-04"]) == ("", "120", "30")
    assert (found.other, found.per, found.rates) == (None, None, ())


def test_a_jump_is_flagged_from_what_is_shown() -> None:
    """Twice as many on a year is asked about, as live figures are."""
    release, _ = released(told(doubled=True))
    found = [(one.letter, one.period) for one in series(release).flags]
    assert ("a", "2023") in found
    assert ("a", "2022-04") in found


def test_flags_give_nothing_away() -> None:
    """A figure that is hidden, or whose year before is, has no flag made of its number."""
    havering = Borough("havering")
    for month in MONTHS:
        few = month in {"2021-04", "2021-05", "2021-06"}
        reports(havering, "possession-of-weapons", month, 1 if few else 60)
    release, figures = released(havering)
    found = series(release)
    assert cells(release, found.numerators)["2021-04"] == "c"
    assert cells(release, found.changes)["2022-04"] == "c"
    assert not [one for one in found.flags if one.period in {"2021-04", "2022-04"}]
    place = next(one for one in figures.released if one.period == "2021-04")
    assert figures.values[place] == 3


def test_a_quarter_that_a_source_hides_is_none() -> None:
    """Where the source gives no number for a month, its quarter and year have none to show."""
    havering = Borough("havering")
    for month in MONTHS:
        count = None if month == "2021-05" else 10
        reports(havering, "possession-of-weapons", month, count)
    release, _ = released(havering)
    numbers = cells(release, series(release).numerators)
    assert (numbers["2021-04"], numbers["2022"]) == ("", "")
    assert (numbers["2021-07"], numbers["2023"]) == ("30", "120")


def test_reports_give_way_to_events() -> None:
    """Where a borough's events tell of a line, its reports are not released beside them."""
    havering = told()
    facts = WeaponIncidentRecorded.Facts(offence="possession", weapon="knife")
    havering.tells(WeaponIncidentRecorded, facts, told=Told(on="2023-01-10"))
    release, _ = released(havering)
    counts = {(one.breakdown, one.counts) for one in release.tables[0].series}
    assert ("possession", "reported") not in counts
    assert ("possession", "events") in counts


def test_only_the_judgement_of_a_borough_is_repeated() -> None:
    """Its words may hold numbers: they are printed live, and in no release."""
    havering = told()
    explains(havering, "weapon-offences", "recording", text="We had 3 more, not 4.")
    release, _ = released(havering)
    said = [one.reason for one in series(release).flags if one.letter == "d"]
    assert "The borough says that recording changed: see what it explains." in said
    assert b"3 more" not in release.canonical()


def test_each_reported_part_is_planned_once() -> None:
    """The plan has a reported line for each part that may be reported, and no share."""
    reported = [one for one in PLAN.figures() if one.counted.what == "reported"]
    assert [one.breakdown for one in reported] == ["", "possession", "violence-with-injury"]
    assert {one.of for one in reported} == {None}
