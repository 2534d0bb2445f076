"""A rebuild is the same runner from position 0, compared with the live views to the unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import HomeNotReady, Unavailable
from projections.catalogue import PROJECTIONS
from projections.projection import Projections
from services.folded import FoldedBatch, Interval
from services.rebuilding import Compared, Report, rebuild, rebuild_ledger
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

    @classmethod
    def empty(cls) -> FakeGenerations:
        """Begin with live views of nothing yet."""
        return cls(FakeViews())

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

    def beside(self, name: str) -> ViewStore:
        """Give a store that was begun."""
        return self._beside[name]

    def switch(self, name: str) -> None:
        """Put a store in use."""
        self._live = self._beside.pop(name)

    def discard(self, name: str) -> None:
        """Remove a store."""
        del self._beside[name]

    def left(self) -> set[str]:
        """Name the stores that are neither in use nor gone."""
        return set(self._beside)


def rebuilt(
    generations: FakeGenerations,
    *boroughs: Borough,
    projections: Projections = PROJECTIONS,
    keep: bool = True,
) -> Report:
    """Rebuild the views of some boroughs, one after another."""

    def each(name: str, ledgers: Sequence[str]) -> Iterator[Compared]:
        how = rules(*boroughs, projections=projections)
        by_name = {one.ledger: one for one in boroughs}
        for ledger in ledgers:
            yield rebuild_ledger(ledger, by_name[ledger], how, generations, name)

    return rebuild([one.ledger for one in boroughs], generations, each, keep=keep)


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
    positions = [live.position(name) for name in sorted(one.ledger for one in boroughs)]
    report = rebuilt(generations, *boroughs, projections=SMALL)
    assert report.equal
    assert [one.position for one in report.ledgers] == positions
    assert all(one.equal for one in report.ledgers)


def test_a_rebuild_takes_the_live_views_place() -> None:
    """After a rebuild readers are given the new store, folded as far as the ledger goes."""
    borough = assessed("13A", "16A")
    live = FakeViews()
    projector(live, borough).fold_to("havering", 1)
    generations = FakeGenerations(live)
    report = rebuilt(generations, borough)
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
    report = rebuilt(generations, borough)
    assert not report.equal
    [compared] = report.ledgers
    assert (compared.position, compared.equal, compared.differing) == (
        2,
        False,
        ("as it is", "with its past"),
    )
    assert compared.before == ()
    assert [one.reason for one in compared.after] == ["commitment-differs"]
    assert generations.live().digest("havering") != live.digest("havering")


def test_other_projections_views_are_not_compared() -> None:
    """Views of another version are replaced without being compared, and that is said."""
    borough = assessed("13A")
    generations = FakeGenerations(None)
    report = rebuilt(generations, borough)
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
        rebuilt(generations, shorter)
    assert generations.live() is live
    assert generations.left() == set()


def test_a_dry_run_says_what_would_become_of_each_stream() -> None:
    """What was parked and would fold now is told, and the live views stay in use."""
    broken, mended = assessed("13A"), assessed("13A")
    broken.cannot_open("mended")
    mended.assessed("noor", ["16A"], Told(stream="mended"))
    for one in (broken, mended):
        one.cannot_open("broken")
    live = FakeViews()
    projector(live, broken).step()
    generations = FakeGenerations(live)
    [compared] = rebuilt(generations, mended, keep=False).ledgers
    assert [one.position for one in compared.before] == [1, 2]
    assert [compared.parked_again(one) is None for one in compared.before] == [True, False]
    assert generations.live() is live
    assert generations.left() == set()
