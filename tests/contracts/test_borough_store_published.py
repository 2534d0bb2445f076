"""What a store knows of what was published, over SQLite and over the one in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.client_ports import OWN_SCOPE, BoroughStore
from tests.contracts.borough_rows import KINDS, event, keep, opened, row, states


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BoroughStore]:
    """Give an empty store of either kind."""
    with opened(str(request.param), tmp_path) as empty:
        yield empty


def test_rows_come_back_as_they_were_kept(store: BoroughStore) -> None:
    """Every field of a row is the one that was written, in the order of making."""
    rows = [row(3, supersedes=event(1)), row(4, person="Ü2", key="9:\x00odd", fact=b"f" * 16)]
    keep(store, *rows)
    with store.transaction():
        assert store.published.of_submission(event(1000)) == rows
        assert store.published.of_submission(event(77)) == []


def test_what_stands_is_neither_refused_nor_withdrawn(store: BoroughStore) -> None:
    """The source is held against what the hub still has, or may have."""
    keep(store, *(row(number) for number in range(1, 6)), row(6, scope=OWN_SCOPE))
    with store.transaction():
        store.published.settle([event(1), event(2)], [event(3)])
        store.published.withdraw({event(2): event(6)})
    with store.transaction():
        standing = [one.sequence for one in store.published.standing([row(1).fact])]
        assert standing == [1, 4, 5]
        of_child = store.published.standing_of("cin-census", ["C1", "C2"])
        assert [one.sequence for one in of_child] == standing
        assert store.published.standing_of("annex-a", ["C1"]) == []
        assert store.published.standing([b"other".ljust(16)]) == []
        assert store.published.counts() == {
            ("cin-census", "referral-received", "recorded"): 1,
            ("cin-census", "referral-received", "refused"): 1,
            ("cin-census", "referral-received", "pending"): 2,
            (OWN_SCOPE, "referral-received", "pending"): 1,
        }


def test_a_correction_of_what_was_refused_is_adrift(store: BoroughStore) -> None:
    """What corrects nothing never stands, nor what corrects that; another correction does."""
    keep(
        store,
        *(row(1), row(2, supersedes=event(1)), row(3, supersedes=event(2))),
        *(row(4), row(5, supersedes=event(4))),
    )
    with store.transaction():
        store.published.settle([event(2), event(3), event(4), event(5)], [event(1)])
    expected = ["refused", "adrift", "adrift", "recorded", "recorded"]
    assert states(store, *(row(number) for number in range(1, 6))) == expected


def test_a_refused_withdrawal_took_nothing_back(store: BoroughStore) -> None:
    """When the hub refuses a withdrawal, what it was about stands again."""
    keep(store, row(1), row(2, scope=OWN_SCOPE))
    with store.transaction():
        store.published.settle([event(1)], [])
        store.published.withdraw({event(1): event(2)})
        assert store.published.standing([row(1).fact]) == []
        store.published.settle([], [event(2)])
        assert store.published.standing([row(1).fact]) == [row(1, state="recorded")]


def test_what_was_settled_stays_settled(store: BoroughStore) -> None:
    """A late second answer changes nothing."""
    keep(store, row(1), row(2))
    with store.transaction():
        store.published.settle([event(1)], [event(2)])
        store.published.settle([event(2)], [event(1)])
        store.published.doubt([event(1), event(2)])
    assert states(store, row(1), row(2)) == ["recorded", "refused"]


def test_in_doubt_is_adrift(store: BoroughStore) -> None:
    """Events that the hub may have taken are adrift, and what they would have taken back too."""
    keep(store, row(1), row(2, scope=OWN_SCOPE), row(3))
    with store.transaction():
        store.published.settle([event(1)], [])
        store.published.withdraw({event(1): event(2)})
        store.published.doubt([event(2), event(3)])
        assert [one.sequence for one in store.published.standing([row(1).fact])] == [1, 3]
    assert states(store, row(1), row(2), row(3)) == ["adrift", "adrift", "adrift"]


def test_the_client_finds_its_own_last_event(store: BoroughStore) -> None:
    """The latest of a kind and state is found among the client's own events alone."""
    keep(
        store,
        *(row(number, scope=OWN_SCOPE, kind="canary", person="") for number in (1, 2, 3)),
        row(4, kind="canary"),
    )
    with store.transaction():
        store.published.settle([event(1), event(2), event(4)], [])
        recorded = store.published.latest_own("canary", "recorded")
        either = store.published.latest_own("canary", "recorded", "pending")
        assert recorded is not None
        assert either is not None
        assert (recorded.sequence, either.sequence) == (2, 3)
        assert store.published.latest_own("canary", "refused") is None
        assert store.published.latest_own("view-read", "recorded") is None


def test_what_was_not_seen_is_given_page_by_page(store: BoroughStore) -> None:
    """What a return leaves out is found: each standing fact once, by its last row, in order."""
    facts = [bytes([number]) * 16 for number in range(6)]
    keep(
        store,
        *(row(number + 1, fact=fact) for number, fact in enumerate(facts)),
        row(7, fact=facts[0], digest=b"later".ljust(32)),
        row(8, fact=facts[1], scope="annex-a"),
        row(9, fact=facts[2]),
    )
    with store.transaction():
        store.published.settle([], [event(9)])
        store.published.withdraw({event(4): event(9)})
        store.published.see([facts[4], b"else".ljust(16)])
        assert store.published.seen([facts[4], facts[5]]) == {facts[4]}
        assert [one.sequence for one in store.published.unseen("cin-census", 0, 2)] == [3, 6]
        assert [one.sequence for one in store.published.unseen("cin-census", 6, 2)] == [7]
        store.published.forget_seen()
        assert store.published.seen([facts[4]]) == set()
        assert len(store.published.unseen("cin-census", 0, 10)) == 4
