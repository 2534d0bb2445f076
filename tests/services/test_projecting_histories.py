"""Whatever happens in the ledgers, views are at every position what a naive telling says."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.views.schema import create
from adapters.views.sqlite import SqliteViews
from domain.values import london_day
from projections.feed_health import FEED_HEALTH, FEEDS, gaps
from projections.projection import Traits
from services.folded import view_versions
from services.views import Counted, Cut, Period, Question, ViewStore
from tests.fakes_views import FakeViews
from tests.fakes_views_counting import Chosen, LiveRow, counted
from tests.projections.builders import Borough, projector
from tests.projections.histories import CELLS, SMALL, TELLINGS, Move, moves, told
from tests.projections.oracle import truth, withdraws

VERSIONS: Final = view_versions([(one.name, one.version) for one in SMALL.all()])
GROUPS: Final = {**{one: frozenset({one}) for one in CELLS}, "any of them": frozenset(CELLS)}

Reopen = Callable[[], ViewStore]
"""Gives the store as a process that starts now finds it."""


@contextmanager
def in_memory() -> Iterator[Reopen]:
    """A store that outlives its runner."""
    store = FakeViews()
    yield lambda: store


@contextmanager
def on_disk() -> Iterator[Reopen]:
    """A file that is opened anew each time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "views.sqlite"
        create(path, VERSIONS)
        yield lambda: SqliteViews(path, versions=VERSIONS, key=bytes(32))


def expected(borough: Borough, size: int, period: Period) -> list[Counted]:
    """Count the naive rows by looking at each of them."""
    rows = truth(borough, size, SMALL).rows(SMALL)
    found = []
    for group, cells in GROUPS.items():
        labels = {_label(period, one[1].isoformat()) for one in rows}
        for label in labels:
            here = [
                (position, given)
                for position, day, given in rows
                if given.cell in cells and _label(period, day.isoformat()) == label
            ]
            if here:
                found.append(
                    Counted(
                        borough.ledger,
                        group,
                        label,
                        len({position for position, _ in here}),
                        len({given.episode for _, given in here}),
                        len({given.subject for _, given in here}),
                    )
                )
    return sorted(found)


def _label(period: Period, day: str) -> str:
    year, month = int(day[:4]), int(day[5:7])
    return day[:7] if period == "month" else str(year if month <= 3 else year + 1)


def check_counts(store: ViewStore, borough: Borough, size: int) -> None:
    """Hold the counts as of a position against the naive ones."""
    periods: tuple[Period, ...] = ("month", "year-to-march")
    for period in periods:
        question = Question(
            groups=GROUPS, period=period, ledgers=(borough.ledger,), as_of={borough.ledger: size}
        )
        assert list(store.count(question).rows) == expected(borough, size, period)


def check_cuts(store: ViewStore, borough: Borough, size: int) -> None:
    """Hold cuts and months that roll against counts of the naive rows, looked at one by one."""
    true = truth(borough, size, SMALL)
    traits = true.traits()
    live = [
        LiveRow(position, day, given, traits.get((position, given.subject), Traits()))
        for position, day, given in true.rows(SMALL)
    ]
    asked: list[tuple[Period, Cut | None]] = [
        ("rolling-12", None),
        ("rolling-12", "disabled"),
        ("year-to-march", "age-band"),
        ("month", "sex"),
    ]
    for period, cut in asked:
        question = Question(
            groups=GROUPS,
            period=period,
            ledgers=(borough.ledger,),
            as_of={borough.ledger: size},
            cut=cut,
        )
        naive = [
            row
            for group, cells in sorted(GROUPS.items())
            for row in counted(borough.ledger, group, Chosen(question, cells, live), None)
        ]
        assert list(store.count(question).rows) == naive


def check_told(store: ViewStore, borough: Borough, size: int) -> None:
    """Hold what is told as of a position against the naive telling."""
    true = truth(borough, size, SMALL)
    for telling in TELLINGS:
        rows = store.told(telling.name, [borough.ledger], {borough.ledger: size})
        assert [(row.position, row.key, row.body) for row in rows] == true.told(telling)


def check_apart(store: ViewStore, borough: Borough, size: int) -> None:
    """Hold what is parked, left out and waiting now against the naive telling."""
    true = truth(borough, size, SMALL)
    folded = store.folded(borough.ledger)
    assert folded.position == size
    assert folded.waiting == true.waiting()
    assert {one.agreement: one.entries for one in folded.left_out} == true.left_out
    assert {one.stream_tag for one in folded.parked} == true.stopped
    assert sum(one.entries for one in folded.parked) == len(true.parked)
    for stream in folded.parked:
        assert true.parked[stream.position] == stream.reason


def check_feeds(store: ViewStore, borough: Borough, size: int) -> None:
    """Hold feed health against the naive telling."""
    true = truth(borough, size, SMALL)
    rows = {
        row.key: row.state
        for row in store.register(FEED_HEALTH.name)
        if row.ledger == borough.ledger
    }
    parked = {one.source: one for one in store.folded(borough.ledger).sources}
    assert set(rows) == {event.header.source for event in true.opened}
    for source, state in rows.items():
        feed = FEEDS.read(state)
        events = [event for event in true.opened if event.header.source == source]
        happened = [london_day(one.header.time) for one in events if not withdraws(one)]
        assert feed.events == len(events)
        assert feed.withdrawn == sum(map(withdraws, events))
        assert feed.data_to == (max(happened).isoformat() if happened else None)
        assert feed.loaded_ms == events[-1].recorded_ms
        filled = parked[source].numbers if source in parked else ()
        assert gaps(feed, filled) == ()


@pytest.mark.parametrize("stored", [in_memory, on_disk], ids=["fake", "sqlite"])
@given(history=moves(restricting=True), data=st.data())
@settings(max_examples=100)
def test_views_are_right_at_every_position(
    stored: Callable[[], AbstractContextManager[Reopen]], history: list[Move], data: st.DataObject
) -> None:
    """However a history is cut into batches and restarts, every figure is the naive one."""
    boroughs = told(history)
    with stored() as reopen:
        for borough in boroughs:
            length = len(borough.entries)
            cuts = sorted({*data.draw(st.sets(st.integers(0, length), max_size=6)), length})
            for size in cuts:
                store = reopen()
                projector(store, *boroughs, projections=SMALL).fold_to(borough.ledger, size)
                check_apart(store, borough, size)
                check_feeds(store, borough, size)
        store = reopen()
        for borough in boroughs:
            for size in range(len(borough.entries) + 1):
                check_counts(store, borough, size)
                check_told(store, borough, size)
            check_cuts(store, borough, data.draw(st.integers(0, len(borough.entries))))
