"""Loads: what each source sent, by day and between which entries, apart from every other source."""

from __future__ import annotations

from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.vocabulary.figures import FigureReported
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.hub import Canary, SubmissionRefused
from projections.in_file import IN_FILE, InFile
from projections.load_days import LOAD_DAYS, LOADED, MOST_DAYS, LoadDay, evolve, key
from projections.loads import cells
from tests.projections.builders import RECORDED_MS, Borough, Person, Told, folded

SOURCE = "/participants/havering/social-care"
DAY_MS = 24 * 60 * 60 * 1000


def referred(borough: Borough, child: str, told: Told | None = None) -> None:
    """Tell of a referral of one child."""
    facts = ReferralReceived.Facts()
    borough.tells(ReferralReceived, facts, [Person(child, ReferralReceived.Shared())], told)


def days_of(borough: Borough, source: str = SOURCE) -> tuple[LoadDay, ...]:
    """Fold a borough; give the days on which a source loaded."""
    rows = folded(borough).store.register(LOAD_DAYS.name)
    (row,) = (row for row in rows if row.key == source)
    return LOADED.read(row.state).days


def test_sources_of_one_ledger_are_told_apart() -> None:
    """Given two systems that refer one child each: each has its own referral and child."""
    borough = Borough("havering")
    referred(borough, "mia")
    referred(borough, "noah", Told(source="early-help"))
    views = folded(borough)
    for source in (SOURCE, "/participants/havering/early-help"):
        assert views.together("havering", *cells("referrals", source)) == (1, 0, 1)
        assert views.together("havering", *cells("children", source)) == (1, 0, 1)
        assert views.together("havering", *cells("plans", source)) == (0, 0, 0)


def test_a_load_is_counted_by_what_it_did() -> None:
    """Given a new event, its correction, a withdrawal and a refusal: each is counted as such."""
    borough = Borough("havering")
    first = borough.assessed("mia", ["3A"], Told(stream="s"))
    borough.assessed("mia", ["3B"], Told(stream="s", corrects=first))
    borough.withdraws(first)
    facts = SubmissionRefused.Facts(codes=("missing",), source=SOURCE)
    borough.tells(
        SubmissionRefused, facts, (), Told(attestation=Attestation.HUB, source="hub", sequence=0)
    )
    (day,) = days_of(borough)
    assert (day.published, day.corrected, day.withdrawn, day.refused) == (1, 1, 1, 1)
    assert (day.first, day.end) == (0, 4)


def test_signs_of_life_are_no_load() -> None:
    """Given a canary after a referral: the load ends with the referral."""
    borough = Borough("havering")
    referred(borough, "mia")
    borough.tells(Canary, Canary.Facts(beat=1, sent_at="2024-01-01T00:00:00Z"))
    (day,) = days_of(borough)
    assert (day.published, day.end) == (1, 1)


def test_days_are_london_days_and_the_latest_are_kept() -> None:
    """Given one event a day for longer than is kept: each day is one, the oldest are gone."""
    borough = Borough("havering")
    state = None
    for _ in range(MOST_DAYS + 3):
        referred(borough, "mia")
    for at, event in enumerate(borough.opened):
        assert isinstance(event, OpenedEvent)
        assert key(event) == SOURCE
        moved = OpenedEvent(
            event.ledger, event.position, RECORDED_MS + at * DAY_MS, event.event_id,
            event.stream_tag, event.attestation, event.header, event.kind, event.facts,
            event.subjects,
        )  # fmt: skip
        state = evolve(state, moved)
    assert state is not None
    assert len(state.days) == MOST_DAYS
    assert [day.first for day in state.days] == list(range(3, MOST_DAYS + 3))
    assert state.days[-1].day == "2023-11-30"


def reported(borough: Borough, measure: str, count: int, told: Told | None = None) -> None:
    """Report a figure for the year to March 2023."""
    facts = FigureReported.Facts(
        area="311",
        measure=measure,
        numerator=count,
        period_end="2023-03-31",
        period_start="2022-04-01",
        published_source="CIN Census return",
    )
    borough.tells(FigureReported, facts, (), told)


def test_what_a_return_held_is_told_as_the_last_report_has_it() -> None:
    """Given a report, its correction and another body's figure: the correction alone stands."""
    borough = Borough("havering")
    reported(borough, "cin-in-file-plans", 7, Told(stream="s"))
    before = borough.opened[0]
    assert isinstance(before, OpenedEvent)
    reported(borough, "cin-in-file-plans", 8, Told(stream="s", corrects=before.event_id))
    reported(borough, "weapon-offences", 100)
    (row,) = folded(borough).store.told(IN_FILE.name, ["havering"])
    held = InFile.model_validate_json(row.body)
    assert (held.kind, held.count, held.year, held.source) == ("plans", 8, "2023", SOURCE)
