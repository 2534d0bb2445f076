"""Invented children of three boroughs, some of whom two of them know, as views would count them."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

from domain.reference.factor_mapping import FactorMapping
from domain.reference.participants import Participant
from domain.reference.release_tables import CrossBoroughTable, ReleaseTables
from projections.projection import Way
from services.periods import label, month_of, window_with
from services.releases.plan import ANY_THEME, Plan
from services.views import Counted, Counts, Linkable, Question, Shared, SharedChildren, SharedCounts
from tests.fakes_views import FakeViews

LEDGERS = ("barking-and-dagenham", "havering", "redbridge")
YEARS = ("2023", "2024", "2025")
LINKED_OF_100 = 60


@dataclass(frozen=True)
class Child:
    """Whether a token is known of a child, and in which borough, theme and year it is met."""

    linked: bool
    met: frozenset[tuple[str, str, str]]

    def among(self, ledgers: Collection[str], theme: str, year: str) -> set[str]:
        """Give those of these boroughs in which the child is in a theme in a year."""
        return {
            ledger
            for ledger, of, when in self.met
            if ledger in ledgers and theme in {of, ANY_THEME} and when == year
        }

    def known_to(self, pair: Collection[str]) -> bool:
        """Say whether both boroughs know the child, whenever that was."""
        return self.linked and set(pair) <= {ledger for ledger, _, _ in self.met}


def children(seed: int, themes: Collection[str], most: int = 60) -> list[Child]:
    """Invent children, most of them of one borough."""
    chance = random.Random(seed)
    found = []
    for _ in range(most):
        boroughs = chance.sample(LEDGERS, chance.choice([1, 1, 2, 2, 3]))
        met = {
            (ledger, chance.choice(sorted(themes)), year)
            for ledger in boroughs
            for year in chance.sample(YEARS, chance.choice([1, 2, 3]))
            for _ in range(chance.choice([1, 1, 2]))
        }
        found.append(Child(chance.randrange(100) < LINKED_OF_100, frozenset(met)))
    return found


class CrossingViews(FakeViews):
    """Views that hold these children, and nothing else."""

    def __init__(self, invented: Collection[Child], untold: Collection[str] = ()) -> None:
        """Hold them; nobody ever told of the cells `untold`."""
        super().__init__()
        self._children = invented
        self._untold = frozenset(untold)

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Tell of every theme, but for what is untold, in every month; count nothing but pairs."""
        del way
        rows = [
            Counted(ledger, group, f"{year}-{month:02}", 1, 1, 1)
            for group, cells in question.groups.items()
            if question.period == "month" and cells - self._untold
            for ledger in LEDGERS
            for year in range(int(YEARS[0]) - 1, int(YEARS[-1]) + 1)
            for month in range(1, 13)
        ]
        return Counts(tuple(rows), dict(question.as_of or {}))

    def shared(self, question: Shared) -> SharedCounts:
        """Count who is known twice, and who could be, in the year that is asked for."""
        assert question.occurred_to is not None
        year = label("year-to-march", window_with("year-to-march", month_of(question.occurred_to)))
        pairs = []
        for pair in combinations(LEDGERS, 2):
            known = [one for one in self._children if one.known_to(pair)]
            for theme in question.groups:
                here = [len(one.among(pair, theme, year)) for one in known]
                pairs.append(
                    SharedChildren(*pair, theme, sum(map(bool, here)), sum(n > 1 for n in here))
                )
        met = {
            ledger: [one for one in self._children if one.among([ledger], ANY_THEME, year)]
            for ledger in LEDGERS
        }
        linkable = [
            Linkable(name, "unknown", len(found), sum(one.linked for one in found))
            for name, found in met.items()
            if found
        ]
        return SharedCounts(tuple(pairs), tuple(linkable), {})


def boroughs() -> tuple[Participant, ...]:
    """Give the three as they are registered, as far as counting needs it."""
    return tuple(
        Participant(
            code=ledger,
            effective_from="2000-01-01",
            kind="borough",
            ledger=ledger,
            name=ledger.replace("-", " ").title(),
        )
        for ledger in LEDGERS
    )


def crossing_plan(tables: ReleaseTables, mapping: FactorMapping) -> Plan:
    """Give a plan of nothing but pairs of boroughs, by theme and year."""
    one = CrossBoroughTable(code="cross-borough", title="Children whom two boroughs know")
    few = tables.tables[0].model_copy(update={"measures": ("nrm-referrals",)})
    changes = {"cross_borough": (one,), "tables": (few,), "years": len(YEARS)}
    return Plan(tables.model_copy(update=changes), mapping, "2025-06")
