"""A rebuild is the same runner from position 0, compared with the live views to the unit."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import HomeNotReady, Unavailable
from services.folded import FoldedBatch, Interval
from services.rebuilding import Compared, rebuild
from services.views import ViewStore
from tests.fakes_views import FakeViews
from tests.projections.builders import Borough, Told, projector, rules
from tests.projections.histories import SMALL, Move, moves, told


class FakeGenerations:
    """`services.rebuilding.ViewGenerations` in memory."""

    def __init__(self, live: FakeViews | None) -> None:
        """Begin with these live views, or with some that other projections made."""
        self._live = live
        self._beside: dict[str, FakeViews] = {}

    def live(self) -> ViewStore:
        """Give the store in use."""
        if self._live is None:
            raise HomeNotReady("other projections made it")
        return self._live

    def begin(self) -> tuple[str, ViewStore]:
        """Make an empty store beside it."""
        name = f"gen-{len(self._beside) + 2}"
        self._beside[name] = FakeViews()
        return name, self._beside[name]

    def switch(self, name: str) -> None:
        """Put a store in use."""
        self._live = self._beside.pop(name)


def assessed(*factors: str) -> Borough:
    """Give a borough that assessed one child for each factor."""
    borough = Borough("havering")
    for at, factor in enumerate(factors):
        borough.assessed(f"child {at}", [factor], Told(stream=f"s{at}"))
    return borough


@given(history=moves(), data=st.data())
@settings(max_examples=50)
def test_a_rebuild_equals_live_at_any_point(history: list[Move], data: st.DataObject) -> None:
    """Whatever happened, and wherever live is, a rebuild finds every cell and register equal."""
    boroughs = told(history)
    live = FakeViews()
    for borough in boroughs:
        length = len(borough.entries)
        for size in sorted(data.draw(st.sets(st.integers(0, length), max_size=4))):
            projector(live, *boroughs, projections=SMALL).fold_to(borough.ledger, size)
    generations = FakeGenerations(live)
    ledgers = {borough.ledger: borough for borough in boroughs}
    positions = [live.position(name) for name in ledgers]
    report = rebuild(ledgers, rules(*boroughs, projections=SMALL), generations)
    assert report.equal
    assert [one.position for one in report.ledgers] == positions
    assert all(one.equal for one in report.ledgers)


def test_a_rebuild_takes_the_live_views_place() -> None:
    """After a rebuild readers are given the new store, folded as far as the ledger goes."""
    borough = assessed("13A", "16A")
    live = FakeViews()
    projector(live, borough).fold_to("havering", 1)
    generations = FakeGenerations(live)
    report = rebuild({"havering": borough}, rules(borough), generations)
    assert report.ledgers == (Compared("havering", 1, equal=True),)
    assert generations.live() is not live
    assert generations.live().position("havering") == 2


def test_views_that_differ_are_named_and_replaced() -> None:
    """A row that no event made is found, and gone after the rebuild."""
    borough = assessed("13A")
    live = FakeViews()
    projector(live, borough).step()
    live.commit(FoldedBatch("havering", 1, 2, begun=(Interval(0, date(2023, 4, 3), 1),)))
    borough.cannot_open("another")
    generations = FakeGenerations(live)
    report = rebuild({"havering": borough}, rules(borough), generations)
    assert not report.equal
    assert report.ledgers == (Compared("havering", 2, equal=False, differing=("all",)),)
    assert generations.live().digest("havering") != live.digest("havering")


def test_other_projections_views_are_not_compared() -> None:
    """Views of another version are replaced without being compared, and that is said."""
    borough = assessed("13A")
    generations = FakeGenerations(None)
    report = rebuild({"havering": borough}, rules(borough), generations)
    assert report.ledgers == (Compared("havering", 1, equal=None),)
    assert report.equal
    assert generations.live().position("havering") == 1


def test_a_ledger_behind_its_views_stops_a_rebuild() -> None:
    """Views that saw more than the ledger still has are left as they are."""
    borough = assessed("13A", "16A")
    live = FakeViews()
    projector(live, borough).step()
    generations = FakeGenerations(live)
    shorter = assessed("13A")
    with pytest.raises(Unavailable):
        rebuild({"havering": shorter}, rules(shorter), generations)
    assert generations.live() is live
