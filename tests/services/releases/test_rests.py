"""What a share leaves of its whole: a small number that nobody may work out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.suppression.highs import Highs
from services.releases.figures import Figures, Hidden, Issued, Place, is_small
from services.releases.hiding import exposed, hide
from services.releases.relations import Counting, Family, apart, relations
from services.releases.rests import beside_quarters, rests
from tests.services.releases.attacker import HIDDEN, Attacker, Key

PART = Counting("events", frozenset({"return-interview-held:within-72-hours"}))
WHOLE = Counting("events", frozenset({"missing-ended"}))
SHARES = [(PART.name(), WHOLE.name())]
FAMILIES = [(WHOLE.name(), (PART.name(),))]
QUARTERS = ("2023-04", "2023-07")
SOLVER = Highs()


def place(one: Counting, quarter: str = QUARTERS[0]) -> Place:
    """Give where a figure stands."""
    return Place(one.name(), "havering", "quarter", quarter)


def figures(*counts: tuple[int, int]) -> Figures:
    """Give a release of one share, quarter by quarter."""
    pairs = list(zip(QUARTERS, counts, strict=False))
    values = {place(PART, quarter): part for quarter, (part, _) in pairs}
    values |= {place(WHOLE, quarter): whole for quarter, (_, whole) in pairs}
    left = rests(FAMILIES, values, ())
    counted = {one.name(): one for one in (PART, WHOLE)}
    found = relations(counted, [], values, shares=SHARES)
    return Figures(
        {**values, **{rest.place: rest.value for rest in left}},
        frozenset(values),
        (*found, *(rest.relation for rest in left)),
        rests=frozenset(rest.place for rest in left),
    )


def test_eight_of_ten_are_not_both_shown() -> None:
    """Who is shown 18 of 20 knows of the 2; so one of them is hidden, and 18 is the cheaper."""
    made = figures((18, 20))
    hidden = hide(made, [], SOLVER)
    assert (hidden.small, hidden.beside) == (frozenset(), frozenset({place(PART)}))
    assert not exposed(made, hidden, [], SOLVER)
    assert exposed(made, hide(figures((8, 20)), [], SOLVER), [], SOLVER)


def test_none_and_many_left_hide_nothing() -> None:
    """All of 20 is shown, as any zero is, and so is 8 of 20."""
    assert not hide(figures((20, 20), (8, 20)), [], SOLVER).every()


def test_a_rest_that_others_publish_is_not_protected() -> None:
    """Where both are published elsewhere the rest is known, and hiding them would be no use."""
    values = {place(PART): 18, place(WHOLE): 20}
    assert rests(FAMILIES, values, values) == ()
    assert len(rests(FAMILIES, values, [place(PART)])) == 1


_COUNTS = st.tuples(st.integers(0, 30), st.integers(0, 8)).map(lambda one: (one[0], sum(one)))


@settings(max_examples=15)
@given(_COUNTS, _COUNTS, st.sampled_from([0, 0, 1, 9]))
def test_nobody_works_a_rest_out(first: tuple[int, int], second: tuple[int, int], by: int) -> None:
    """Another attacker, who has two releases, finds three values of every small rest of both."""
    issued: list[Issued] = []
    attacker = Attacker()
    for counts in ((first, second), (first, (second[0], second[1] + by))):
        made = figures(*counts)
        hidden = hide(made, issued, SOLVER)
        assert not hidden.given_away
        issued.append(Issued(made, hidden.every()))
        for quarter, pair in zip(QUARTERS, counts, strict=True):
            keys = []
            for one, value in zip((PART, WHOLE), pair, strict=True):
                keys.append((one.name(), quarter, str(value)))
                text = HIDDEN if place(one, quarter) in hidden.every() else str(value)
                attacker.read(keys[-1], text)
            if is_small(pair[1] - pair[0]):
                rest = ("rest", quarter, *map(str, pair))
                attacker.read(rest, HIDDEN)
                attacker.adds_up([keys[0], rest], keys[1])
            attacker.at_most(*keys)
    assert not {key for key in attacker.narrowed() if key[0] == "rest"}


def children(*cells: str) -> Counting:
    """Give children in cells of plans that started."""
    return Counting("children", frozenset(f"plan-started{cell}" for cell in cells))


LEAVING = {
    "assessments": (
        {Counting("events", frozenset({"assessment"})): 100,
         Counting("events", frozenset({"assessment:in-need"})): 97},
        (),
    ),
    "before birth": (
        {children(":by-28-days"): 8, children(":before-birth"): 7},
        ((children(":by-28-days").name(), (children(":before-birth").name(),)),),
    ),
    "ages": (
        {children(":NEG"): 30, children(":NEG:unborn"): 10, children(":NEG:under-1"): 8,
         children(":NEG:1-4"): 9},
        (),
    ),
    "a small one among them": (
        {children(":NEG"): 30, children(":NEG:unborn"): 10, children(":NEG:under-1"): 16,
         children(":NEG:1-4"): 2},
        (),
    ),
    "categories of two tables": (
        {children(""): 60, children(":NEG"): 40, children(":EMO"): 18}, (),
    ),
}  # fmt: skip
"""What is shown of one quarter, and by which measure's parts, if not by its cells."""


@pytest.mark.parametrize("case", sorted(LEAVING))
def test_what_parts_leave_is_hidden_and_not_worked_out(case: str) -> None:
    """Parts, the disjoint ones together too, never leave a number from 1 to 5 to be taken off."""
    counts, families = LEAVING[case]
    counted = {one.name(): one for one in counts}
    values = {place(one): number for one, number in counts.items()}
    groups = apart(counted, families, [])
    left = rests(groups, values, ())
    assert left
    made = Figures(
        {**values, **{rest.place: rest.value for rest in left}},
        frozenset(values),
        (*relations(counted, families, values), *(rest.relation for rest in left)),
        rests=frozenset(rest.place for rest in left),
    )
    small = frozenset(one for one, number in values.items() if is_small(number))
    hidden = hide(made, [], SOLVER)
    assert hidden.beside
    assert not hidden.given_away
    assert not exposed(made, hidden, [], SOLVER)
    assert exposed(made, Hidden(small), [], SOLVER)
    assert left_over(groups, values, small)
    assert not left_over(groups, values, hidden.every())


def left_over(
    groups: Iterable[Family], values: Mapping[Place, int], hidden: Collection[Place]
) -> dict[Key, set[int]]:
    """Let the other attacker take parts from their whole; gives what it then knows of the rests."""
    attacker = Attacker()
    for one, number in values.items():
        attacker.read((one.counted,), HIDDEN if one in hidden else str(number))
    for whole, parts in groups:
        every = tuple(part for part in parts if place_of(part) in values)
        large = tuple(part for part in every if not is_small(values[place_of(part)]))
        for here in {every, large} - {()}:
            if is_small(values[place_of(whole)] - sum(values[place_of(part)] for part in here)):
                rest = ("rest", whole, *here)
                attacker.read(rest, HIDDEN)
                attacker.adds_up([rest, *((part,) for part in here)], (whole,))
    return attacker.narrowed()


def place_of(counted: str) -> Place:
    """Give where a figure of this name stands."""
    return Place(counted, "havering", "quarter", QUARTERS[0])


def test_what_a_year_has_beside_its_quarters_is_not_worked_out() -> None:
    """A year that lists 3 of before the first quarter that is told of: one of the others is `c`."""
    year = Place(WHOLE.name(), "havering", "year-to-march", "2024")
    quarters = [place(WHOLE, one) for one in ("2023-07", "2023-10", "2024-01")]
    values = {year: 63, **dict.fromkeys(quarters, 20)}
    counted = {WHOLE.name(): WHOLE}
    (rest,) = beside_quarters(counted, values, ())
    assert rest.value == 3
    assert beside_quarters(counted, {**values, place(WHOLE, "2023-04"): 3}, ()) == ()
    made = Figures(
        {**values, rest.place: rest.value},
        frozenset(values),
        (*relations(counted, [], values), rest.relation),
        rests=frozenset({rest.place}),
    )
    assert len(hide(made, [], SOLVER).beside) == 1
