"""What a release hides, held against an attacker who shares no line with what hides it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adapters.suppression.highs import Highs
from services.releases.figures import Figures, Hidden, Issued, Place, is_small
from services.releases.hiding import exposed, hide
from tests.services.releases.attacker import Attacker, Key
from tests.services.releases.tables import (
    QUARTERS,
    WHOLE,
    YEAR,
    Table,
    figures,
    place,
    published,
    reason,
    tables,
)

SOLVER = Highs()
FEW = settings(max_examples=10)
PLAIN = Table(
    {"offence:threat": (2, 9, 14, 8), "offence:use": (11, 7, 20, 13)}, (0, 0, 0, 0), "events", 0
)


def attacked(releases: Sequence[tuple[Table, Collection[Place]]]) -> dict[Key, set[int]]:
    """Attack releases as one: a figure that did not change is one figure, and that is known."""
    attacker = Attacker()
    values = [table.values() for table, _ in releases]

    def key(index: int, cell: str, period: str) -> Key:
        same = next(
            n for n, v in enumerate(values) if v[cell, period] == values[index][cell, period]
        )
        return cell, period, str(same)

    for index, (table, hidden) in enumerate(releases):
        for (cell, period), text in published(table, hidden).items():
            attacker.read(key(index, cell, period), text)
    for index, (table, _) in enumerate(releases):
        reason(attacker, table, partial(key, index))
    return attacker.narrowed()


MOVES = st.lists(st.sampled_from([0, 0, 0, 0, 1, 2, -1, 9]), min_size=12, max_size=12)


def revised(table: Table, moves: Sequence[int]) -> Table:
    """Give the same table as it is some months later: a few counts have moved."""
    by = iter(moves)
    parts = {
        cell: tuple(max(0, count + next(by)) for count in counts)
        for cell, counts in table.parts.items()
    }
    return replace(table, parts=parts)


def places_of(table: Table, found: Collection[Key]) -> set[Place]:
    """Give the places of what one release's attack found."""
    return {place(table, cell, period) for cell, period, _ in found}


@FEW
@given(tables(), st.data())
def test_nothing_hidden_is_narrowed(table: Table, data: st.DataObject) -> None:
    """An attacker finds three values of all but what others' figures alone give away."""
    values = table.values()
    others = [cell for cell in (*table.parts, WHOLE) if not is_small(values[cell, YEAR])]
    known = data.draw(st.sets(st.sampled_from(others))) if others else set()
    made = figures(table, known)
    hidden = hide(made, [], SOLVER)
    every = {one for one, value in made.values.items() if value > 0} - made.known
    given_by_others = places_of(table, attacked([(table, every)]))
    assert places_of(table, attacked([(table, hidden.every())])) <= given_by_others
    assert not made.known & hidden.every()


@FEW
@given(tables(), MOVES, MOVES)
def test_nothing_hidden_in_an_earlier_release_is_narrowed(
    table: Table, moves: list[int], more: list[int]
) -> None:
    """Holding a second and a third release as well narrows nothing that any of them hides."""
    second = revised(table, moves)
    releases: list[tuple[Table, Collection[Place]]] = []
    issued: list[Issued] = []
    for one in (table, second, revised(second, more)):
        made = figures(one)
        hidden = hide(made, issued, SOLVER)
        assume(not hidden.given_away)  # by a figure that became zero: rare, counted, and said
        issued.append(Issued(made, hidden.every()))
        releases.append((one, hidden.every()))
    assert attacked(releases) == {}


@FEW
@given(tables())
def test_small_counts_alone_are_why(table: Table) -> None:
    """Counts from 1 to 5 are hidden, zeros are shown, and no further one is hidden needlessly."""
    made = figures(table)
    hidden = hide(made, [], SOLVER)
    assert hidden.small == {one for one, value in made.values.items() if is_small(value)}
    assert all(made.values[one] > 0 for one in hidden.every())
    for one in hidden.beside:
        fewer = replace(hidden, beside=hidden.beside - {one})
        assert exposed(made, fewer, [], SOLVER)


@FEW
@given(tables())
def test_own_attack_agrees_with_the_other(table: Table) -> None:
    """Whatever is hidden, what the other attacker narrows our own attack finds as well."""
    made = figures(table)
    only_small = Hidden(frozenset(one for one, value in made.values.items() if is_small(value)))
    found = attacked([(table, only_small.small)])
    assert places_of(table, found) <= exposed(made, only_small, [], SOLVER)


def test_weak_hiding_is_caught() -> None:
    """One hidden quarter beside its year is no secret, and the attacker says which number it is."""
    small = frozenset({place(PLAIN, "offence:threat", QUARTERS[0])})
    assert attacked([(PLAIN, small)]) == {("offence:threat", QUARTERS[0], "0"): {2}}
    assert exposed(figures(PLAIN), Hidden(small), [], SOLVER) == small


def test_second_release_that_shows_what_the_first_hid_is_caught() -> None:
    """What one release hides beside a small figure, no later one may show."""
    hidden = hide(figures(PLAIN), [], SOLVER).every()
    shown = frozenset({place(PLAIN, "offence:threat", QUARTERS[0])})
    assert attacked([(PLAIN, hidden), (PLAIN, shown)])
    assert exposed(figures(PLAIN), Hidden(shown), [Issued(figures(PLAIN), hidden)], SOLVER)


def test_differences_between_releases_are_hidden_too() -> None:
    """A figure that moved by one since it was shown is hidden: the difference would be shown."""
    later = replace(PLAIN, parts={**PLAIN.parts, "offence:use": (11, 7, 20, 14)})
    first = figures(PLAIN)
    hidden = hide(first, [], SOLVER)
    again = hide(figures(later), [Issued(first, hidden.every())], SOLVER)
    moved = {
        place(PLAIN, cell, period)
        for cell in ("offence:use", WHOLE)
        for period in (QUARTERS[3], YEAR)
    }
    assert moved - hidden.every() <= again.changed
    assert again.changed


@pytest.mark.parametrize("erased", [False, True])
def test_what_was_hidden_stays_so_when_erasures_changed_its_count(*, erased: bool) -> None:
    """Of one child erased and one told late an earlier hidden figure is the true one again.

    Counted anew it is another, so to show it would tell what was hidden beside it.
    """
    table = Table({"offence:threat": (2, 9, 14, 8)}, (20, 25, 30, 22), "events", 0)
    first = figures(table)
    hidden = hide(first, [], SOLVER).every()
    counted = figures(replace(table, parts={"offence:threat": (2, 9, 13, 8)}))
    values = {one: (counted if one in hidden else first).values[one] for one in first.values}
    issued = Issued(replace(first, values=values), hidden, erased=erased)
    later = replace(table, parts={"offence:threat": (12, 9, 14, 8)})
    again = hide(figures(later), [issued], SOLVER).every()
    told = {} if erased else {("offence:threat", QUARTERS[0], "0"): {2}}
    assert attacked([(table, hidden), (later, again)]) == told


def test_three_parts_cost_three_further_figures() -> None:
    """One small figure in a table that adds up both ways takes three others with it, no more."""
    hidden = hide(figures(PLAIN), [], SOLVER)
    assert len(hidden.small) == 1
    assert len(hidden.beside) == 3


def test_same_figures_hide_the_same() -> None:
    """The choice depends on the figures and earlier releases alone, in whatever order they come."""
    made = figures(PLAIN)
    turned = Figures(
        dict(reversed(list(made.values.items()))), made.released, made.relations[::-1], made.known
    )
    assert hide(made, [], SOLVER) == hide(turned, [], Highs())
