"""What a share leaves of its whole: a small number that nobody may work out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.suppression.highs import Highs
from services.releases.figures import Figures, Issued, Place, is_small
from services.releases.hiding import exposed, hide
from services.releases.relations import Counting, relations
from services.releases.rests import rests
from tests.services.releases.attacker import HIDDEN, Attacker

PART = Counting("events", frozenset({"return-interview-held:within-72-hours"}))
WHOLE = Counting("events", frozenset({"missing-ended"}))
SHARES = [(PART.name(), WHOLE.name())]
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
    left = rests(SHARES, values, ())
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
    assert rests(SHARES, values, values) == ()
    assert len(rests(SHARES, values, [place(PART)])) == 1


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
