"""A restriction takes a child out of every figure while it stands, and no longer."""

from __future__ import annotations

from datetime import date

import pytest

from projections.projection import AtEnd
from services.views import Moved, Question, Shared, ViewStore
from tests.contracts.views.conftest import reopen, store
from tests.projections.asked import Asked
from tests.projections.builders import ANOTHER_AGREEMENT, Borough, Told, folded

__all__ = ["reopen", "store"]

GANGS = "factor:13A"
ANY = frozenset({GANGS})


def children(store: ViewStore, size: int) -> int:
    """Give the children with gangs as of so many entries."""
    question = Question(
        groups={"gangs": ANY}, period="whole", ledgers=("havering",), as_of={"havering": size}
    )
    return sum(row.children for row in store.count(question).rows)


@pytest.fixture
def havering() -> Borough:
    """Give a ledger with an assessment each of Mia and Noah."""
    borough = Borough("havering")
    borough.assessed("mia", ["13A"])
    borough.assessed("noah", ["13A"])
    return borough


def test_as_of_each_position_who_is_restricted_then_is_left_out(
    store: ViewStore, havering: Borough
) -> None:
    """From the restriction on, later events too; from the lift on all of them count again."""
    placed = havering.restricts("mia")
    havering.assessed("mia", ["13A"])
    havering.lifts(placed, "mia")
    folded(havering, store=store)
    assert [children(store, size) for size in range(6)] == [0, 1, 2, 1, 1, 2]


def test_a_restriction_ends_with_its_last_day(store: ViewStore, havering: Borough) -> None:
    """On its last day it stands; with the first entry of a later day it is over."""
    havering.restricts("mia", until="2023-11-15")
    havering.waits_a_day()
    havering.assessed("noah", ["13A"])
    havering.waits_a_day()
    havering.assessed("noah", ["13A"])
    folded(havering, store=store)
    assert [children(store, size) for size in (2, 3, 4, 5)] == [2, 1, 1, 2]


def test_a_lift_ends_the_restriction_whichever_correction_it_names(
    store: ViewStore, havering: Borough
) -> None:
    """A corrected restriction is one restriction; a withdrawn one is none, nor is a lift."""
    placed = havering.restricts("mia", told=Told(stream="r"))
    again = havering.restricts("mia", "noah", told=Told(stream="r", corrects=placed))
    lift = havering.lifts(placed, "mia")
    havering.withdraws(lift)
    havering.lifts(again, "mia")
    third = havering.restricts("noah")
    havering.withdraws(third)
    folded(havering, store=store)
    assert [children(store, size) for size in range(2, 10)] == [2, 1, 0, 2, 0, 2, 1, 2]


def test_no_agreement_can_have_a_restriction_passed_over(
    store: ViewStore, havering: Borough
) -> None:
    """It holds under an agreement that does not name the folds' purpose too."""
    havering.restricts("mia", told=Told(agreement=ANOTHER_AGREEMENT))
    folded(havering, store=store)
    assert children(store, 3) == 1


def test_every_way_of_counting_leaves_out_who_is_restricted(
    store: ViewStore, havering: Borough
) -> None:
    """Cut, as at the end of a period, and between two boroughs."""
    havering.restricts("mia", "noah")
    views = folded(havering, store=store)
    assert views.cells("havering", GANGS) == {}
    assert views.periods("havering", GANGS, "month", AtEnd("assessment")) == {}
    cut = Question(groups={"g": ANY}, period="month", ledgers=("havering",), cut="age-band")
    assert store.count(cut).rows == ()
    asked = Shared(groups={"g": ANY}, ledgers=("havering", "redbridge"))
    assert store.shared(asked).linkable == ()


def test_why_a_number_changed_names_restrictions(store: ViewStore, havering: Borough) -> None:
    """What a restriction took out of a figure, and what came back when it ended."""
    placed = havering.restricts("mia")
    havering.lifts(placed, "mia")
    folded(havering, store=store)
    question = Question(
        groups={"g": ANY}, period="whole", ledgers=("havering",), occurred_to=date(2023, 12, 31)
    )
    for before, after, cause, gained, lost in (
        (2, 3, "restricted", 0, 1),
        (3, 4, "restriction-ended", 1, 0),
    ):
        bounded = Question(
            groups=question.groups,
            period="whole",
            ledgers=question.ledgers,
            as_of={"havering": after},
            occurred_to=question.occurred_to,
        )
        (row,) = store.moved(bounded, {"havering": before})
        assert (row.cause, row.gained, row.lost) == (cause, gained, lost)
        assert isinstance(row, Moved)
    assert store.moved(question, {"havering": 2}) == []


def test_an_erased_child_is_restricted_no_more(store: ViewStore, havering: Borough) -> None:
    """With its key whom a restriction was about is gone; others in it stay left out."""
    havering.restricts("mia", "noah")
    havering.assessed("ava", ["13A"])
    havering.destroys("mia")
    views = Asked(folded(havering, store=store).store)
    assert views.cells("havering", GANGS) == {GANGS: (1, 1, 1)}
