"""Which periods of which figures a release has: those that a live page would show.

What tells of a figure, since when and how far, and whether events or reports, follows the rules of
`services.theming` and no others: whatever stands before its first month or after its last is no
zero, and what was withdrawn tells of nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

from domain.reference.participants import Participant
from services.periods import Window, window_named
from services.releases.figures import PeriodKind, Place, Tellings
from services.releases.pairs import JOINED, pair_of
from services.releases.plan import Plan, Planned
from services.theming.asked import Figure
from services.theming.counting import Asking, CountedViews, spans
from services.theming.reports import Reports


def tellings(
    store: CountedViews,
    boroughs: Sequence[Participant],
    plan: Plan,
    positions: Mapping[str, int],
    reported: Reports | None,
) -> Tellings:
    """Give from which month to which each figure of a plan is told of, by its key and area.

    A pair is told of where both boroughs tell.
    """
    told = _by_events(store, plan, positions)
    found: dict[tuple[str, str], Window] = {}
    for planned in plan.figures():
        for borough in boroughs:
            window = told.get((borough.ledger or "", planned.table, planned.figure.key))
            if planned.counted.what == "reported":
                (name,) = planned.counted.cells
                # Where any event answers a figure, its reports are read nowhere.
                window = reported.span(borough.code, name) if reported and not window else None
            if window is not None:
                found[planned.key, borough.code] = window
        if planned.pairs:
            _pair_up(planned, boroughs, found)
    return found


def _by_events(
    store: CountedViews, plan: Plan, positions: Mapping[str, int]
) -> dict[tuple[str, str, str], Window]:
    """Give the months told of by ledger, table and the figure's key, which is its theme's own."""
    by_table: dict[str, dict[str, Figure]] = defaultdict(dict)
    for planned in plan.figures():
        by_table[planned.table][planned.figure.key] = planned.figure
    asking = Asking(positions=positions, kind="month")
    return {
        (ledger, table, key): window
        for table, figures in by_table.items()
        for (ledger, key), window in spans(
            store, list(figures.values()), asking, plan.mapping
        ).items()
    }


def _pair_up(
    planned: Planned, boroughs: Sequence[Participant], found: dict[tuple[str, str], Window]
) -> None:
    """Put pairs in the place of their boroughs."""
    own = {
        one.code: window
        for one in boroughs
        if (window := found.pop((planned.key, one.code), None)) is not None
    }
    for first, second in combinations(own, 2):
        both = Window(
            min(own[first].last, own[second].last), max(own[first].first, own[second].first)
        )
        if both.first <= both.last:
            found[planned.key, pair_of(first, second)] = both


def told_places(plan: Plan, told: Tellings, linked: Collection[str]) -> set[Place]:
    """Give the places of whatever is told of, be it in part.

    A pair has one where both boroughs are `linked`, having ever sent a token: where none has one,
    that nobody was met twice is no zero.
    """
    by_key: dict[str, dict[str, Window]] = defaultdict(dict)
    for (key, area), window in told.items():
        by_key[key][area] = window
    return {
        Place(one.name(), area, kind, period)
        for planned in plan.figures()
        for area, window in by_key[planned.key].items()
        if not planned.pairs or set(area.split(JOINED)) <= set(linked)
        for kind, period in plan.periods(planned.kinds)
        if meets(kind, period, window)
        for one in planned.countings()
    }


def meets(kind: PeriodKind, period: str, told: Window | None) -> bool:
    """Say whether any month of a period is told of."""
    window = window_named(kind, period)
    return told is not None and window.first <= told.last and told.first <= window.last


def whole(kind: PeriodKind, period: str, told: Window | None) -> bool:
    """Say whether all months of a period are told of."""
    return told is not None and window_named(kind, period).within(told)
