"""What is known of each source: how far it reaches, and what is missing on the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.vocabulary.hub import Canary, SubmissionRefused
from projections.feed_health import FEED_HEALTH, FEEDS, MOST_RANGES, Feed, evolve, gaps, key
from tests.projections.builders import ANOTHER_AGREEMENT, Borough, Told, folded

SOURCE = "/participants/havering/social-care"
HUB = Told(source="hub", sequence=0, attestation=Attestation.HUB)


def feed_of(borough: Borough) -> Feed:
    """Fold a borough and give its source's feed."""
    rows = folded(borough).store.register(FEED_HEALTH.name)
    (row,) = [one for one in rows if one.key == SOURCE]
    return FEEDS.read(row.state)


def numbered(*numbers: int) -> Borough:
    """Give a borough whose events carry these numbers."""
    borough = Borough("havering")
    for number in numbers:
        borough.assessed("mia", [], Told(sequence=number))
    return borough


def refuses(borough: Borough, sequence: str | None) -> None:
    """Have the hub record that it refused something of the source."""
    facts = SubmissionRefused.Facts(codes=("lapsed",), sequence=sequence, source=SOURCE)
    borough.tells(SubmissionRefused, facts, (), HUB)


def test_data_to_and_loaded_on_are_apart() -> None:
    """The latest day that was told of is not the day on which it was told."""
    borough = Borough("havering")
    borough.assessed("mia", [], on="2023-04-30")
    borough.assessed("mia", [], on="2023-04-03")
    borough.withdraws(borough.assessed("mia", [], on="2023-04-10"), Told(on="2024-01-01"))
    feed = feed_of(borough)
    assert feed.data_to == "2023-04-30"
    assert feed.events == 4
    assert feed.withdrawn == 1
    last = borough.opened[-1]
    assert isinstance(last, OpenedEvent)
    assert feed.loaded_ms == last.recorded_ms


def test_the_day_is_a_london_day() -> None:
    """An hour before midnight in UTC is the next day in London while it is summer time."""
    borough = Borough("havering")
    borough.assessed("mia", [], Told(on="2023-06-30T23:00:00Z"))
    assert feed_of(borough).data_to == "2023-07-01"


def test_a_canary_is_no_data() -> None:
    """A canary says that the path works, and nothing of how far data reach."""
    borough = Borough("havering")
    facts = Canary.Facts(beat=1, sent_at="2024-01-01T00:00:00Z")
    borough.tells(Canary, facts, (), Told(on="2024-01-01"))
    feed = feed_of(borough)
    assert feed.data_to is None
    assert feed.canary_ms == feed.loaded_ms


def test_a_gap_is_listed_until_it_is_filled() -> None:
    """Numbers that did not come are a gap, the first ones too; what comes late fills it."""
    assert gaps(feed_of(numbered(3, 4, 7))) == ((1, 2), (5, 6))
    assert gaps(feed_of(numbered(3, 4, 7, 5, 1, 2, 6))) == ()


def test_a_number_that_two_events_carry_is_listed() -> None:
    """An older store that was put back gives numbers out again; a refusal's is free to be used."""
    assert feed_of(numbered(1, 2, 3, 4, 2, 3, 5)).twice == ((2, 3),)
    borough = numbered(1, 3)
    refuses(borough, "2")
    borough.assessed("mia", [], Told(sequence=2))
    assert feed_of(borough).twice == ()
    borough.withdraws(borough.assessed("mia", [], Told(sequence=4)), Told(sequence=4))
    assert feed_of(borough).twice == ()


def test_of_many_numbers_that_were_carried_the_oldest_are_forgotten() -> None:
    """What is kept of a source is bounded; no number is called doubled that was not met."""
    feed = feed_of(numbered(*range(1, 4 * MOST_RANGES, 2), 1, 4 * MOST_RANGES - 1))
    assert feed.twice == ((4 * MOST_RANGES - 1, 4 * MOST_RANGES - 1),)
    assert len(feed.carried) == MOST_RANGES


def test_a_refusal_fills_its_number() -> None:
    """A refused event is not missing: the hub has said what became of it."""
    borough = numbered(1, 3)
    refuses(borough, "2")
    refuses(borough, None)
    feed = feed_of(borough)
    assert gaps(feed) == ()
    assert feed.refused == 2
    assert feed.events == 2


def test_parked_numbers_are_not_missing() -> None:
    """What is parked has come: it is shown as parked, not as a gap."""
    borough = Borough("havering")
    borough.assessed("mia", [])
    borough.cannot_open("a stream")
    borough.assessed("mia", [])
    views = folded(borough).store
    (parked,) = views.folded("havering").sources
    assert gaps(feed_of(borough)) == ((2, 2),)
    assert gaps(feed_of(borough), parked.numbers) == ()


def test_the_hub_has_no_feed() -> None:
    """The hub's own events are not numbered and are no source's, but for refusals."""
    borough = Borough("havering")
    refuses(borough, "1")
    borough.tells(Canary, Canary.Facts(beat=1, sent_at="2024-01-01T00:00:00Z"), (), HUB)
    assert [row.key for row in folded(borough).store.register(FEED_HEALTH.name)] == [SOURCE]


def test_what_is_left_out_of_folds_is_not_missing() -> None:
    """An event under another agreement has come, though its contents are not folded."""
    borough = numbered(1)
    borough.assessed("mia", ["13A"], Told(agreement=ANOTHER_AGREEMENT, sequence=2))
    borough.assessed("mia", [], Told(sequence=3))
    assert gaps(feed_of(borough)) == ()
    assert feed_of(borough).events == 3
    assert folded(borough).cells("havering", "factor:13A") == {}


def evolved(numbers: list[int]) -> Feed:
    """Take events with these numbers into a feed."""
    feed = None
    for event in numbered(*numbers).opened:
        assert isinstance(event, OpenedEvent)
        assert key(event) == SOURCE
        feed = evolve(feed, event)
    assert feed is not None
    return feed


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_gaps_are_the_numbers_that_did_not_come(numbers: list[int]) -> None:
    """In whatever order and however often numbers come, the gaps are those that did not."""
    feed = evolved(numbers)
    missing = {one for first, last in gaps(feed) for one in range(first, last + 1)}
    assert missing == set(range(1, max(numbers))) - set(numbers)
    assert feed.unlisted == 0


def test_what_is_kept_of_gaps_is_bounded() -> None:
    """A source that leaves out every other number costs no more: old gaps are only counted."""
    odd = list(range(1, 6 * MOST_RANGES, 2))
    feed = evolved(odd)
    assert len(feed.seen) == MOST_RANGES
    listed = sum(last - first + 1 for first, last in gaps(feed))
    assert listed + feed.unlisted == len(odd) - 1
