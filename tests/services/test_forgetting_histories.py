"""Whatever is erased when, live views are to the row what a rebuild makes, and what is true."""

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
from services.folded import view_versions
from services.views import ViewStore
from tests.fakes_views import FakeViews
from tests.projections.builders import Borough, projector
from tests.projections.histories import SMALL, Move, moves, told
from tests.services.test_projecting_histories import check_counts, check_cuts, check_told

VERSIONS: Final = view_versions([(one.name, one.version) for one in SMALL.all()])
MakeStore = Callable[[], AbstractContextManager[ViewStore]]


@contextmanager
def in_memory() -> Iterator[ViewStore]:
    """An empty store."""
    yield FakeViews()


@contextmanager
def on_disk() -> Iterator[ViewStore]:
    """An empty file, with a view key like no other's."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "views.sqlite"
        create(path, VERSIONS)
        yield SqliteViews(path, versions=VERSIONS, key=folder.encode().ljust(32)[:32])


def fold_as_they_come(
    store: ViewStore, boroughs: tuple[Borough, ...], data: st.DataObject, *, remembers: bool
) -> None:
    """Fold each ledger in batches, every time as it is by then, while keys go in between."""
    for borough in boroughs:
        length = len(borough.entries)
        borough.remembers = remembers
        for size in sorted({*data.draw(st.sets(st.integers(0, length), max_size=6)), length}):
            borough.length = size
            projector(store, *boroughs, projections=SMALL).fold_to(borough.ledger, size)
        borough.remembers = False


@pytest.mark.parametrize("make", [in_memory, on_disk], ids=["fake", "sqlite"])
@given(history=moves(erasing=True, restricting=True), data=st.data())
@settings(max_examples=40)
def test_what_is_erased_is_gone_as_if_it_had_never_been(
    make: MakeStore, history: list[Move], data: st.DataObject
) -> None:
    """Given keys of children and streams that go at any time: live, rebuilt and true are one."""
    boroughs = told(history)
    with make() as live, make() as rebuilt:
        fold_as_they_come(live, boroughs, data, remembers=data.draw(st.booleans()))
        for borough in boroughs:
            length = len(borough.entries)
            projector(rebuilt, *boroughs, projections=SMALL).fold_to(borough.ledger, length)
            assert live.digest(borough.ledger) == rebuilt.digest(borough.ledger)
            assert live.folded(borough.ledger) == rebuilt.folded(borough.ledger)
            for size in range(length + 1):
                check_counts(live, borough, size)
                check_told(live, borough, size)
            check_cuts(live, borough, data.draw(st.integers(0, length)))


@given(history=moves(erasing=True, restricting=True), data=st.data())
@settings(max_examples=40)
def test_what_was_remembered_is_forgotten_with_it(history: list[Move], data: st.DataObject) -> None:
    """Asked after every batch, a store that remembers answers as one that remembers nothing."""
    boroughs = told(history)
    with on_disk() as live:
        for borough in boroughs:
            length = len(borough.entries)
            for size in sorted({*data.draw(st.sets(st.integers(0, length), max_size=3)), length}):
                borough.length = size
                projector(live, *boroughs, projections=SMALL).fold_to(borough.ledger, size)
                check_counts(live, borough, size)
