"""A release says of a period what a live page says of it, and nothing where that has no row."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from domain.reference.releases import Release, Series
from domain.vocabulary.exploitation import MaceRiskRated
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.police_health_school import WeaponIncidentRecorded
from services.filters import Filters
from services.periods import Kind, label, window_named
from services.releases.counts import Counts, Published
from services.releases.drafting import Circumstances, Drafting
from services.releases.figures import Hidden
from services.releases.plan import Plan
from services.theming.explanations import explanations
from tests.projections.builders import Borough, Person, Told, folded, pseudonym
from tests.services.releases.test_reported import BOROUGHS, TABLES
from tests.services.theming.rig import mapping, reports, theme

MONTH = "2026-05"
KINDS: tuple[Kind, ...] = ("year-to-march", "quarter")
Cells = tuple[str, str, str]
"""Number, what it is of, and the change on a year."""


def plan(years: int) -> Plan:
    """Give the shipped plan, without pairs, for the release of May 2026."""
    tables = TABLES.model_copy(update={"cross_borough": (), "years": years})
    return Plan(tables, mapping(), MONTH)


def released(*boroughs: Borough, years: int = 6) -> Release:
    """Make a release of what they tell, in which nothing is hidden yet."""
    store = folded(*boroughs).store
    known = {one.ledger: 0 for one in BOROUGHS if one.ledger}
    positions = {**known, **{one.ledger: len(one.entries) for one in boroughs}}
    figures = Counts(store, BOROUGHS, Published({})).figures(plan(years), positions)
    made_in = Circumstances(
        explained=explanations(store, BOROUGHS, positions),
        feeds=(),
        positions=positions,
        rule_packs=(),
        views_version="views/1",
    )
    return Drafting(plan(years), BOROUGHS, figures, Hidden()).release(made_in)


def series(release: Release, measure: str, breakdown: str = "") -> dict[str, Series]:
    """Give the series of a figure by what is counted."""
    return {
        one.counts: one
        for table in release.tables
        for one in table.series
        if (one.measure, one.breakdown) == (measure, breakdown)
    }


def numbers(release: Release, measure: str, breakdown: str = "") -> dict[str, str]:
    """Give the numbers of a figure by year, where the release has any."""
    (one,) = series(release, measure, breakdown).values()
    cells = zip(release.tables[0].periods, one.numerators, strict=True)
    return {period: text for period, text in cells if text and "-" not in period}


def months(first: str, last: str) -> Iterator[str]:
    """Give every month from one to another."""
    start, end = (int(one[:4]) * 12 + int(one[5:]) - 1 for one in (first, last))
    yield from (f"{at // 12}-{at % 12 + 1:02}" for at in range(start, end + 1))


def refers(borough: Borough, child: str, on: str) -> None:
    """Let a child be referred."""
    facts = ReferralReceived.Facts(episode=pseudonym(child))
    borough.tells(ReferralReceived, facts, [Person(child)], Told(on=on))


def rates(borough: Borough, child: str, on: str) -> None:
    """Let the exploitation meeting rate a child."""
    shared = MaceRiskRated.Shared(level="high")
    borough.tells(MaceRiskRated, MaceRiskRated.Facts(), [Person(child, shared)], Told(on=on))


def returns(first: str, last: str, each: int = 2) -> Borough:
    """Give a borough whose returns tell of referrals and assessments, month by month."""
    havering = Borough("havering")
    for month in months(first, last):
        for number in range(each):
            child = f"{month} {number}"
            refers(havering, child, f"{month}-03")
            havering.assessed(child, ["11A"], on=f"{month}-05", episode=child)
    return havering


def test_a_source_that_came_late_has_no_zeros_before_it() -> None:
    """Returns since 2020, the exploitation meeting in 2024 alone: no case is open before, or 0."""
    havering = returns("2020-04", "2024-03", each=1)
    rates(havering, "mia", "2023-06-01")
    rates(havering, "leo", "2023-08-01")
    release = released(havering)
    assert numbers(release, "mace-open-cases") == {"2024": "2"}
    assert sorted(numbers(release, "factor-11a")) == ["2021", "2022", "2023", "2024"]


def test_a_factor_has_no_zero_before_it_could_be_filed() -> None:
    """24A may be filed from the year 2022 on: before, none is not nobody."""
    release = released(returns("2020-04", "2024-03", each=1))
    assert numbers(release, "factor-24a") == {"2022": "0", "2023": "0", "2024": "0"}
    one = series(release, "factor-24a")["episodes"]
    assert [not text for text in one.denominators] == [not text for text in one.numerators]


def test_what_was_withdrawn_tells_of_nothing() -> None:
    """One offence, sent by mistake and taken back: reports are released, and no zero beside."""
    havering = Borough("havering")
    for month in months("2024-04", "2026-03"):
        reports(havering, "weapon-offences", month, 10)
    facts = WeaponIncidentRecorded.Facts(offence="use", weapon="knife")
    mistake = havering.tells(WeaponIncidentRecorded, facts, told=Told(on="2025-01-10"))
    assert "events" in series(released(havering), "weapon-offences")
    havering.withdraws(mistake)
    release = released(havering)
    assert series(release, "weapon-offences").keys() == {"reported"}
    assert numbers(release, "weapon-offences") == {"2025": "120", "2026": "120"}
    assert not series(release, "weapon-offences", "use")


def test_a_year_that_is_told_in_part_says_so_and_falls_nowhere() -> None:
    """Data to January, the release in May: the year is counted so far, with no change or flag."""
    havering = returns("2023-04", "2025-03")
    for number in range(10):
        child = f"late {number}"
        refers(havering, child, "2025-04-03")
        havering.assessed(child, ["11A"], on="2026-01-05", episode=child)
    release = released(havering)
    one = series(release, "funnel", "referrals")["episodes"]
    at = release.tables[0].periods.index("2026")
    assert one.numerators[at] == "10"
    assert one.changes[at] == ""
    assert one.part_told == ("2026", "2026-01")
    assert not [flag for flag in one.flags if flag.period == "2026"]
    assert one.changes[at - 1] == "0"


def history(seed: int) -> list[Borough]:
    """Invent boroughs whose sources come and go at different times, with all of these shapes."""
    chance = random.Random(seed)
    found = []
    for ledger in ("havering", "redbridge"):
        first = f"{chance.choice([2022, 2023])}-{chance.randint(1, 12):02}"
        borough = Borough(ledger)
        refers(borough, "old and open", f"2020-{chance.randint(1, 12):02}-09")
        last = f"2026-{chance.randint(1, 3):02}"
        for month in months(first, last):
            for number in range(chance.randint(0, 2)):
                child = f"{month} {number}"
                refers(borough, child, f"{month}-03")
                factors = chance.sample(["11A", "24A", "16A", "3A"], 2)
                borough.assessed(child, factors, on=f"{month}-05", episode=child)
        rated = chance.sample(list(months(first, last)), 3)
        for at, month in enumerate(rated):
            rates(borough, f"rated {at}", f"{month}-11")
        for month in months("2024-01", "2026-02"):
            reports(borough, "weapon-offences", month, chance.choice([0, 4, 9, None, 30]))
        if chance.random() < 0.5:
            reports(borough, "weapon-offences", "2026-03", 8)
        facts = WeaponIncidentRecorded.Facts(offence="possession", weapon="knife")
        told = Told(on=f"{chance.choice(list(months(first, last)))}-10", source="police")
        event = borough.tells(WeaponIncidentRecorded, facts, told=told)
        if chance.random() < 0.5:
            borough.withdraws(event, Told(source="police"))
        found.append(borough)
    return found


def live(boroughs: list[Borough], of: Plan) -> dict[tuple[str, ...], Cells]:
    """Give every row of every theme's live page that the plan could have."""
    wanted = set(of.periods())
    earliest = {kind: min(period for one, period in wanted if one == kind) for kind in KINDS}
    shares = {
        one.code for table in mapping().themes for one in table.measures if one.unit == "share"
    }
    found: dict[tuple[str, ...], Cells] = {}
    for table in of.tables.tables:
        for kind in KINDS:
            shown = theme(table.theme, *boroughs, filters=Filters(period=kind))
            for row in shown.rows:
                hidden = row.numerator is None
                share = row.source == "reported" and row.measure in shares
                if (kind, row.period) not in wanted or hidden or share:
                    continue
                before = label(kind, window_named(kind, row.period).year_before())
                changed = row.change is not None and before >= earliest[kind]
                of_events = row.source == "events" and row.per in {100, 1000}
                key = (table.code, row.measure, row.breakdown, row.counts, row.borough, row.period)
                found[key] = (
                    str(row.numerator),
                    str(row.denominator) if of_events else "",
                    str(row.change) if changed else "",
                )
    return found


@pytest.mark.parametrize("seed", range(2))
def test_a_release_says_what_live_pages_say(seed: int) -> None:
    """Before hiding it has their numbers, what these are of and changes: all, and no others."""
    boroughs = history(seed)
    release = released(*boroughs, years=3)
    said = {
        (table.code, one.measure, one.breakdown, one.counts, one.borough, period): (
            one.numerators[at],
            one.denominators[at] if one.denominators else "",
            one.changes[at],
        )
        for table in release.tables
        for one in table.series
        for at, period in enumerate(table.periods)
        if one.numerators[at]
    }
    assert said == live(boroughs, plan(3))
    kinds = {("0" if number == "0" else "some", bool(of)) for number, of, _ in said.values()}
    assert len(kinds) == 4
    assert any(one.part_told for table in release.tables for one in table.series)
