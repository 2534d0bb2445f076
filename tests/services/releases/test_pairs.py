"""Children whom two boroughs know, released: hidden as everything else is, and attacked so."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from itertools import combinations

import pytest

from adapters.reference.shipped import shipped_document
from adapters.suppression.highs import Highs
from domain.reference.documents import read_as
from domain.reference.factor_mapping import FactorMapping
from domain.reference.release_tables import ReleaseTables
from domain.reference.releases import Release, Table
from services.releases.counts import Counts, Published
from services.releases.drafting import Circumstances, Drafting, read_back
from services.releases.figures import Figures, Hidden, Issued, is_small
from services.releases.hiding import exposed, hide
from services.releases.plan import ANY_THEME, IN_BOTH, LINKABLE
from services.theming.explanations import Explanations
from tests.services.releases.attacker import Attacker
from tests.services.releases.crossing import (
    LEDGERS,
    YEARS,
    CrossingViews,
    boroughs,
    children,
    crossing_plan,
)

SOLVER = Highs()
SEEDS = range(4)
MAPPING = read_as(FactorMapping, shipped_document("factor-mapping.json").raw)
TABLES = read_as(ReleaseTables, shipped_document("release-tables.json").raw)
THEMES = tuple(theme.code for theme in MAPPING.themes)
PLAN = crossing_plan(TABLES, MAPPING)


def counted(views: CrossingViews) -> Figures:
    """Count what the plan asks of these views."""
    return Counts(views, boroughs(), Published({})).figures(PLAN, dict.fromkeys(LEDGERS, 0))


@functools.cache
def made(seed: int) -> tuple[Figures, Hidden, Release]:
    """Make a release of invented children."""
    figures = counted(CrossingViews(children(seed, THEMES)))
    hidden = hide(figures, [], SOLVER)
    made_in = Circumstances(
        explained=Explanations(()),
        feeds=(),
        positions=dict.fromkeys(LEDGERS, 0),
        rule_packs=(),
        views_version="views/1",
    )
    return figures, hidden, Drafting(PLAN, boroughs(), figures, hidden).release(made_in)


def table_of(release: Release) -> Table:
    """Give the table of pairs."""
    found = release.table("cross-borough")
    assert found is not None
    return found


def cells(table: Table) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give every cell of the table: figure, part of share, areas, period; and its text."""
    for one in table.series:
        for part, texts in (("both", one.numerators), ("of", one.denominators)):
            for period, text in zip(table.periods, texts, strict=True):
                if text:
                    yield (
                        (one.measure, one.breakdown, part, one.borough, one.other or "", period),
                        text,
                    )


def reasoned(table: Table) -> Attacker:
    """Let an attacker read the table, and know all that holds between children of boroughs."""
    attacker = Attacker()
    for key, text in cells(table):
        attacker.read(key, text)
    for year in YEARS:
        for pair in combinations(LEDGERS, 2):
            reason(attacker, pair, year)
    return attacker


def reason(attacker: Attacker, pair: tuple[str, str], year: str) -> None:
    """Know what holds between two boroughs' children of one year."""
    linkable = [(LINKABLE, "", "both", code, "", year) for code in pair]
    for code, own in zip(pair, linkable, strict=True):
        attacker.at_most(own, (LINKABLE, "", "of", code, "", year))
    for theme in (*THEMES, ANY_THEME):
        both, either = ((IN_BOTH, theme, part, *pair, year) for part in ("both", "of"))
        attacker.at_most(both, either)
        attacker.at_most(both, (IN_BOTH, ANY_THEME, "both", *pair, year))
        attacker.at_most(either, (IN_BOTH, ANY_THEME, "of", *pair, year))
        for own in linkable:
            attacker.at_most(both, own)
        attacker.no_more_than_all(either, linkable)
    every = [(IN_BOTH, theme, "of", *pair, year) for theme in THEMES]
    attacker.no_more_than_all((IN_BOTH, ANY_THEME, "of", *pair, year), every)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_hidden_is_narrowed(seed: int) -> None:
    """Neither attacker finds fewer than three values of a hidden figure of the table."""
    figures, hidden, release = made(seed)
    assert hidden.small
    assert not hidden.given_away
    assert exposed(figures, hidden, [], SOLVER) == frozenset()
    assert reasoned(table_of(release)).narrowed() == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_small_counts_and_rests_are_not_shown(seed: int) -> None:
    """No count from 1 to 5 is shown, nor two that leave one."""
    _, _, release = made(seed)
    told = dict(cells(table_of(release)))
    shown = {key: int(text) for key, text in told.items() if text != "c"}
    assert not [key for key, value in shown.items() if is_small(value)]
    for key, value in shown.items():
        whole = shown.get((*key[:2], "of", *key[3:]))
        assert whole is None or not is_small(whole - value)


def test_document_says_what_was_counted() -> None:
    """Read back from its bytes, it shows what is true and hides what was chosen."""
    figures, hidden, release = made(0)
    shown, not_shown = read_back(read_as(Release, release.canonical()), PLAN)
    assert not_shown == hidden.every()
    assert shown == {one: figures.values[one] for one in figures.released - hidden.every()}
    pairs = {(one.borough, one.other) for one in table_of(release).series if one.other}
    assert pairs == set(combinations(LEDGERS, 2))
    assert table_of(release).periods == YEARS


def test_years_alone_and_no_quarter() -> None:
    """A quarter's counts of pairs are in no release."""
    assert {place.kind for place in made(0)[0].released} == {"year-to-march"}


def test_no_zero_where_nobody_could_be_met() -> None:
    """Where a borough has no token, or never told of a theme, its pairs have no figure."""
    nobody = [one for one in children(0, THEMES) if not one.linked]
    assert not [one for one in counted(CrossingViews(nobody)).released if "+" in one.borough]
    theme = next(one for one in PLAN.figures() if one.breakdown == THEMES[0])
    views = CrossingViews(children(0, THEMES), theme.counted.cells)
    names = {one.counted for one in counted(views).released}
    assert theme.counted.name() not in names
    assert len(names) > 1


def test_two_releases_give_no_difference_away() -> None:
    """What moved by few since an earlier release is hidden, and what was hidden stays so."""
    figures, hidden, _ = made(0)
    later = counted(CrossingViews([*children(0, THEMES), *children(9, THEMES, 4)]))
    earlier = [Issued(figures, hidden.every())]
    again = hide(later, earlier, SOLVER)
    shown = (figures.released - hidden.every()) & (later.released - again.every())
    moved = [place for place in shown if is_small(abs(figures.values[place] - later.values[place]))]
    assert moved == []
    assert exposed(later, again, earlier, SOLVER) == frozenset()


def test_every_figure_of_a_pair_stands_in_its_plan() -> None:
    """Each theme and any of them, with what it is of, and the share of who could be met."""
    across = [one for one in PLAN.figures() if one.table == "cross-borough"]
    assert [one.breakdown for one in across if one.pairs] == [*THEMES, ANY_THEME]
    assert [one.measure for one in across if not one.pairs] == [LINKABLE]
