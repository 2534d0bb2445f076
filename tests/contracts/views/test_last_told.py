"""The last of what was told, asked of SQLite and of the fake alike."""

from __future__ import annotations

import pytest

from domain.errors import Unavailable
from domain.values import Strict
from projections.projection import Told
from services.folded import Ended, FoldedBatch, FoldedEvent
from services.last_told import LastTold
from services.views import ViewStore
from tests.contracts.views.builders import HERE, event, fold


class Said(Strict):
    """What an event of these tests says."""

    word: str


def saying(position: int, telling: str = "accesses") -> FoldedEvent:
    """Give an event that says something of its place."""
    said = Told(f"key {position}", Said(word=f"said at {position}"))
    return event(position)._replace(told=((telling, said),))


def asked(before: int, most: int, size: int = 6) -> LastTold:
    """Ask for the last of the telling."""
    return LastTold("accesses", HERE, size, before, most)


@pytest.fixture
def told(store: ViewStore) -> ViewStore:
    """Give a store with six events, of which the third tells of something else."""
    fold(store, *(saying(at, "other" if at == 2 else "accesses") for at in range(6)))
    return store


@pytest.mark.parametrize(
    ("before", "most", "positions"),
    [
        (6, 2, [5, 4]),
        (6, 9, [5, 4, 3, 1, 0]),
        (4, 2, [3, 1]),
        (1, 2, [0]),
        (0, 2, []),
        (99, 1, [5]),
    ],
)
def test_the_last_come_first(told: ViewStore, before: int, most: int, positions: list[int]) -> None:
    """At most so many, of those before a position, the newest first, and of the telling alone."""
    rows = told.last_told(asked(before, most))
    assert [row.position for row in rows] == positions
    assert rows == [
        row
        for at in positions
        for row in told.told("accesses", [HERE], {HERE: 6})
        if row.position == at
    ]


def test_it_is_as_of_a_size(told: ViewStore) -> None:
    """What was recorded later is not there, and what ended later stands still."""
    assert [row.position for row in told.last_told(asked(6, 9, size=4))] == [3, 1, 0]
    told.commit(FoldedBatch(HERE, 6, 7, (), ended=(Ended(5, 6),)))
    assert [row.position for row in told.last_told(asked(7, 1, size=7))] == [4]
    assert [row.position for row in told.last_told(asked(6, 1, size=6))] == [5]


def test_a_position_that_is_not_folded_is_not_answered(told: ViewStore) -> None:
    """As of entries that the views have not seen there is no answer."""
    with pytest.raises(Unavailable):
        told.last_told(asked(9, 1, size=9))


def test_a_ledger_that_was_never_met_says_nothing(store: ViewStore) -> None:
    """Nothing is told of it."""
    assert store.last_told(LastTold("accesses", "elsewhere", 0, 0, 5)) == []
