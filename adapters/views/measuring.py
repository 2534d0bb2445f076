"""The statements that count: one run of periods of one ledger and set of cells, in SQL.

A row counts as of P entries when `since < P` and there is no `until` or `P <= until`, and when its
day is asked for. Distinct events, episodes and children are counted over all cells of a group at
once; nothing is ever a sum of cells or of periods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeAlias

from adapters.views.asking import AskedLedger, Bounds, cells
from adapters.views.memory import Figure
from adapters.views.periods import PERIODS, Span
from adapters.views.restricting import LEFT_OUT
from adapters.views.rolling import ROLLING, ROLLING_COLUMNS, rolled
from adapters.views.tables import Tables
from adapters.views.trait_book import TraitBook
from adapters.views.traits import UNKNOWN, value_of
from projections.projection import AtEnd, Recurrence, Way
from services.views import Cut, Period

# CROSS JOIN says the order: along the primary key from a cell to its rows of one ledger, and from
# each of these to its few intervals.
_LIVE = f"""
FROM contribution AS c CROSS JOIN standing AS s ON s.entry = c.entry
    AND s.since < :size AND (s.until IS NULL OR s.until >= :size)
{{joins}}
WHERE c.cell IN (SELECT value FROM json_each(:cells))
    AND c.place BETWEEN :first_place AND :last_place AND c.subject {LEFT_OUT}
"""  # noqa: S608 - made of this file's own constants
_PLAIN_LIVE = _LIVE.format(joins="")
_DISTINCT = """COUNT(DISTINCT c.entry),
    COUNT(DISTINCT NULLIF(c.episode, 0)), COUNT(DISTINCT NULLIF(c.subject, 0))"""
_COUNTED = f"""
SELECT {{period}}, {{value}}, {_DISTINCT}
{_LIVE} AND s.day BETWEEN :first_day AND :last_day {{condition}}
GROUP BY 1, 2 ORDER BY 1, 2
"""
_ROLL = f"""
INSERT INTO rolling SELECT {{value}}, s.month, c.entry, c.episode, c.subject
{_LIVE} AND s.day BETWEEN :first_day AND :last_day {{condition}}
"""

_MAKE_EARLIER = "who INTEGER, day INTEGER, entry INTEGER, PRIMARY KEY (who, day, entry)"
_EARLIER = f"""
INSERT INTO earlier SELECT DISTINCT c.{{who}}, s.day, c.entry {_PLAIN_LIVE}
"""
_RECURRED = """
AND c.{who} <> 0 AND :at_least <= (
    SELECT COUNT(*) FROM earlier AS e
    WHERE e.who = c.{who} AND e.day BETWEEN s.day - :within AND s.day
        AND (e.day < s.day OR e.entry < c.entry)
)
"""
_WHO = {"child": "subject", "episode": "episode"}

_SPELLS = f"""
INSERT INTO spell
SELECT subject, entry, place, day, LEAD(day) OVER (PARTITION BY subject ORDER BY day, entry)
FROM (
    SELECT DISTINCT c.subject, c.entry, c.place, s.day {_PLAIN_LIVE}
        AND c.subject <> 0 AND s.day <= :last_day
) AS stood
"""  # noqa: S608 - made of this file's own constants
_STOOD = f"""
SELECT p.period, {{value}}, {_DISTINCT}
FROM period_end AS p
JOIN spell AS s ON s.day <= p.day AND (s.next IS NULL OR s.next > p.day)
JOIN contribution AS c ON c.place = s.place AND c.entry = s.entry AND c.subject = s.subject
    AND c.cell IN (SELECT value FROM json_each(:cells))
{{joins}}
GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 - made of this file's own constants

_UNCUT = {"value": "0", "joins": ""}
_CUT = {
    "value": "COALESCE(v.value, 0)",
    "joins": """LEFT JOIN child AS k ON k.entry = c.entry AND k.subject = c.subject
    LEFT JOIN cut_value AS v ON v.trait = k.trait""",
}

_Row: TypeAlias = tuple[int, int, int, int, int]
"""Period, value, events, episodes, children."""


@dataclass(slots=True)
class Measuring:
    """How one question is counted and cut; for one read transaction.

    What it looks back at is laid out when it is first needed, and again for other days.
    """

    tables: Tables
    book: TraitBook
    period: Period
    way: Way | None
    cut: Cut | None
    _values: tuple[str, ...] = ()
    _laid_out: tuple[object, ...] = field(default=())

    def measure(
        self, ledger: AskedLedger, texts: Collection[str], run: Sequence[Span]
    ) -> Mapping[int, Figure]:
        """Count a run of periods that follow each other; those without any are left out."""
        of = cells(self.tables, texts)
        days = ledger.between(run[0].first, run[-1].last)
        bounds: Bounds = {**ledger.bounds(), **days, **of}
        self._lay_out_values()
        found: defaultdict[int, list[tuple[str, int, int, int]]] = defaultdict(list)
        for number, value, *numbers in self._rows(ledger, bounds, run):
            events, episodes, children = numbers
            found[number].append((self._values[value], events, episodes, children))
        return {number: tuple(sorted(figure)) for number, figure in found.items()}

    def _rows(self, ledger: AskedLedger, bounds: Bounds, run: Sequence[Span]) -> Iterable[_Row]:
        parts = _UNCUT if self.cut is None else _CUT
        execute = self.tables.execute
        if isinstance(self.way, AtEnd):
            self._lay_out_spells(self.way, ledger, run[-1].last)
            self.tables.lay_out("period_end", "period INTEGER, day INTEGER")
            self.tables.add(
                "period_end",
                [(span.number, span.last.toordinal()) for span in run],
            )
            return execute(_STOOD.format(**parts), bounds)
        condition = ""
        if isinstance(self.way, Recurrence):
            self._lay_out_earlier(self.way, ledger, run)
            condition = _RECURRED.format(who=_WHO[self.way.joined_by])
            bounds = {**bounds, "within": self.way.within_days, "at_least": self.way.at_least}
        if self.period != "rolling-12":
            how = {**parts, "period": PERIODS[self.period], "condition": condition}
            return execute(_COUNTED.format(**how), bounds)
        self.tables.lay_out("rolling", ROLLING_COLUMNS)
        execute(_ROLL.format(**parts, condition=condition), bounds)
        found = [execute(one).fetchall() for one in ROLLING]
        return rolled(found, range(run[0].number, run[-1].number + 1))

    def _lay_out_values(self) -> None:
        """Lay out which number of traits has which value."""
        if self.cut is None:
            self._values = ("",)
        elif not self._values:
            read = self.book.read(self.tables)
            found = {number: value_of(traits, self.cut) for number, traits in read.items()}
            self._values = (UNKNOWN, *sorted({*found.values()} - {UNKNOWN}))
            numbers = {value: number for number, value in enumerate(self._values)}
            self.tables.lay_out("cut_value", "trait INTEGER PRIMARY KEY, value INTEGER")
            self.tables.add(
                "cut_value",
                [(number, numbers[value]) for number, value in found.items()],
            )

    def _lay_out_earlier(self, way: Recurrence, ledger: AskedLedger, run: Sequence[Span]) -> None:
        """Lay out whose events there were on which day."""
        first = reads_from(way, run[0])
        if self._is_new("earlier", ledger, first, run[-1].last):
            self.tables.lay_out("earlier", _MAKE_EARLIER)
            bounds = {**ledger.bounds(), **ledger.between(first, run[-1].last)}
            of = cells(self.tables, way.after)
            self.tables.execute(_EARLIER.format(who=_WHO[way.joined_by]), {**bounds, **of})

    def _lay_out_spells(self, way: AtEnd, ledger: AskedLedger, last: date) -> None:
        """Lay out how long each child stood as which event left it."""
        if self._is_new("spell", ledger, last):
            self.tables.lay_out(
                "spell",
                "subject INTEGER, entry INTEGER, place INTEGER, day INTEGER, next INTEGER",
            )
            bounds = {**ledger.bounds(), **ledger.between(None, last)}
            self.tables.execute(_SPELLS, {**bounds, **cells(self.tables, [way.cell])})

    def _is_new(self, *what: object) -> bool:
        before, self._laid_out = self._laid_out, what
        return before != what


def reads_from(way: Way | None, span: Span) -> date:
    """Give the first day of which a period's figure reads rows."""
    if isinstance(way, AtEnd):
        return date.min
    if isinstance(way, Recurrence):
        back = min(way.within_days, (span.first - date.min).days)
        return span.first - timedelta(days=back)
    return span.first
