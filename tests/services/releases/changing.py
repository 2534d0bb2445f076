"""Invented events of one borough that come late, or are taken back: what each release counts."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.canonical import JsonValue, canonical
from projections.projection import Way
from projections.thresholds import CHANGED
from services.periods import label, month_of, window_with
from services.views import Counted, Counts, FoldedLedger, Question, ToldRow
from tests.fakes_views import FakeViews
from tests.hub_rig import shipped_fields

FIRST, MONTHS = 2024 * 12 + 3, 12
"""April 2024, and so many months from it: a year to 31 March."""
YEARS = ("2025",)
AGENCIES = ("education", "health", "police")
COLUMNS = {"Child_criminal_exploitation": "factor:24A", "Child_sexual_exploitation": "factor:11A"}
EPISODES = "Episodes_with_assessment_factor"
HAVERING = "E09000016"


@dataclass(frozen=True)
class Event:
    """What an event adds to, in which month; from which release on it is known, and up to which."""

    cells: frozenset[str]
    month: int
    changed: bool = False
    since: int = 1
    until: int = 99

    def period(self, kind: str) -> str:
        """Name the quarter or year, or month, that it is in."""
        assert kind in {"month", "quarter", "year-to-march"}
        return label(kind, window_with(kind, self.month))  # type: ignore[arg-type]  # one of these


def events(seed: int, *, unnamed: float) -> list[Event]:
    """Invent a year: most of it large, criminal exploitation and some agencies' ratings few.

    Of so many ratings in one it is not said which agency they are of.
    """
    chance = random.Random(seed)
    found = []
    for month in range(FIRST, FIRST + MONTHS):
        for _ in range(chance.randint(20, 30)):
            codes = {"factor:any", *(["factor:11A"] if chance.random() < 0.3 else [])}
            codes |= {"factor:24A"} if chance.random() < 0.04 else set()
            found.append(_known(chance, Event(frozenset({"assessment", *codes}), month)))
        for _ in range(chance.randint(5, 9)):
            rating = chance.choice(("blue", "green", "amber", "red"))
            (agency,) = chance.choices(AGENCIES, (10, 2, 6))
            cells = {f"rating-final:{rating}"}
            cells |= {f"rating-final:{rating}:by-{agency}"} if chance.random() >= unnamed else set()
            changed = chance.random() < 0.3
            found.append(_known(chance, Event(frozenset(cells), month, changed=changed)))
    return found


def _known(chance: random.Random, event: Event) -> Event:
    """Let few events come late, and few be taken back."""
    if chance.random() < 0.01:
        return replace(event, since=chance.choice((2, 3)))
    return replace(event, until=chance.choice((1, 2))) if chance.random() < 0.01 else event


def counted(
    of: Sequence[Event], cells: frozenset[str], period: str, at: int, *, changed: bool = False
) -> int:
    """Count the events in cells that were known at one release."""
    kind = "quarter" if "-" in period else "year-to-march"
    return sum(
        one.since <= at <= one.until
        and not cells.isdisjoint(one.cells)
        and one.period(kind) == period
        and (one.changed or not changed)
        for one in of
    )


class ChangingViews(FakeViews):
    """Views of these events in Havering's ledger, whose position is the number of the release."""

    def __init__(self, of: Sequence[Event]) -> None:
        """Begin at the first release."""
        super().__init__()
        self._events = of
        self.at = 1

    def position(self, ledger: str) -> int:
        """Give the number of the release as Havering's position."""
        return self.at if ledger == "havering" else 0

    def folded(self, ledger: str, *registers: str) -> FoldedLedger:
        """Give how far a ledger is folded."""
        return replace(super().folded(ledger, *registers), position=self.position(ledger))

    def told(
        self, telling: str, ledgers: Sequence[str], as_of: Mapping[str, int] | None = None
    ) -> list[ToldRow]:
        """Tell of nothing."""
        del telling, ledgers, as_of
        return []

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Count distinct events; of ways, only whether a rating was another at first."""
        at = (question.as_of or {}).get("havering", self.at)
        rows: dict[tuple[str, str], int] = {}
        for group, cells in question.groups.items() if way in {None, CHANGED} else ():
            for one in self._events:
                met = one.since <= at <= one.until and not cells.isdisjoint(one.cells)
                if met and (one.changed or way is None) and _asked(question, one):
                    place = group, one.period(question.period)
                    rows[place] = rows.get(place, 0) + 1
        listed = (Counted("havering", *place, n, n, n) for place, n in sorted(rows.items()))
        return Counts(tuple(listed), dict(question.as_of or {}))


def _asked(question: Question, one: Event) -> bool:
    since, until = question.occurred_from, question.occurred_to
    return (since is None or one.month >= month_of(since)) and (
        until is None or one.month <= month_of(until)
    )


def department(of: Sequence[Event]) -> tuple[bytes, dict[tuple[str, str], str]]:
    """Give the Department's table as it would publish what it was sent first, and its cells."""
    cells = {
        (year, column): counted(of, frozenset({cell}), year, 1)
        for year in YEARS
        for column, cell in {**COLUMNS, EPISODES: "factor:any"}.items()
    }
    texts = {place: "c" if 1 <= n <= 5 else str(n) for place, n in cells.items()}
    columns = [*COLUMNS, EPISODES]
    rows: list[JsonValue] = [
        [year, HAVERING, "Havering", *(texts[year, column] for column in columns)] for year in YEARS
    ]
    changes: dict[str, JsonValue] = {
        "columns": ["year", "gss_code", "area", *columns],
        "latest_year": 2025,
        "rows": rows,
        "version": 2,
    }
    fields = shipped_fields("reference-figures/assessment-factors.json")
    return canonical({**fields, **changes}), texts
