"""What a release hid stays hidden when the tables that are registered later count otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from adapters.suppression.highs import Highs
from domain.reference.factor_mapping import Measure
from domain.reference.release_tables import ReleaseTables
from projections.measures import Line
from services.releases.counts import Counts, Published
from services.releases.figures import Issued, Place, is_small
from services.releases.hiding import exposed, hide
from services.releases.plan import Plan, Planned
from services.releases.relations import Counting
from services.theming.asked import Figure
from tests.hub_rig import HubRig, open_rig
from tests.services.releases.test_publishing import CountedViews

SOLVER = Highs()
ONE, OTHER = "referral:a", "referral:b"
POSITIONS = {"havering": 0}


def _figure(cells: frozenset[str]) -> Figure:
    """Give a line as the figure of a measure of its own."""
    code = "-".join(sorted(cells)).replace(":", "-")
    measure = Measure(code=code, could_be_fed_by="anybody", title="A line")
    return Figure(measure, "all", "", Line("all", "events", cells), None, None)


@dataclass(frozen=True, slots=True)
class Lined(Plan):
    """A plan of lines that no registered mapping has: each a set of cells, as events."""

    lines: tuple[frozenset[str], ...] = ()

    def figures(self) -> tuple[Planned, ...]:
        """Give a figure for each line."""
        return tuple(
            Planned(
                table="thresholds",
                theme="thresholds",
                measure="+".join(sorted(cells)),
                breakdown="all",
                counted=Counting("events", cells),
                figure=_figure(cells),
            )
            for cells in self.lines
        )


@pytest.fixture(scope="module")
def rig() -> Iterator[HubRig]:
    """Give a hub in memory, for what is registered."""
    with open_rig() as opened:
        yield opened


def lined(rig: HubRig, *lines: frozenset[str]) -> Lined:
    """Give a plan of these lines."""
    tables = rig.registry.in_force(ReleaseTables)[0][0]
    return Lined(tables, rig.registry.mapping()[0], "2025-06", lines)


def given_away(issued: Issued, shown: dict[Place, int], whole: str) -> set[Place]:
    """Take what an earlier release shows off what this one does; gives what that tells."""
    hidden = {one: issued.figures.values[one] for one in issued.hidden}
    parts = {Counting("events", frozenset({cell})).name() for cell in (ONE, OTHER)}
    return {
        place
        for place in hidden
        for other in parts - {place.counted}
        if place._replace(counted=whole) in shown
        and place._replace(counted=other) in issued.figures.released - issued.hidden
    }


def test_a_whole_that_is_shown_later_gives_no_hidden_part_away(rig: HubRig) -> None:
    """Earlier tables show one of two parts and hide the small one; later ones have their sum."""
    boroughs = rig.registry.participants().boroughs(rig.registry.today())
    counts = Counts(CountedViews(), [one for one in boroughs if one.ledger], Published({}))
    first = lined(rig, frozenset({ONE}), frozenset({OTHER}))
    then = counts.figures(first, POSITIONS)
    issued = Issued(then, hide(then, [], SOLVER).every())
    assert any(is_small(then.values[one]) for one in issued.hidden)
    later = lined(rig, frozenset({ONE, OTHER}))
    whole = Counting("events", frozenset({ONE, OTHER})).name()

    alone = counts.figures(later, POSITIONS)
    shown = alone.released - hide(alone, [issued], SOLVER).every()
    leaked = given_away(issued, {one: alone.values[one] for one in shown}, whole)
    assert leaked  # which is why both are looked at together

    both = counts.figures(later, POSITIONS, before=[(first, issued)])
    assert both.released == alone.released
    hidden = hide(both, [issued], SOLVER)
    shown = both.released - hidden.every()
    assert shown
    assert not given_away(issued, {one: both.values[one] for one in shown}, whole)
    assert not hidden.given_away
    assert not exposed(both, hidden, [issued], SOLVER)
