"""Answering a reader: what the views count, and all that an answer must say beside it.

Every answer carries the positions it was made from, each source's freshness and gaps, the versions
of agreement, mapping and views, which suppression applied, what is parked and what was erased. It
is complete before it is recorded as read, and recorded before it leaves.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain.canonical import JsonValue
from domain.errors import NotFound
from domain.reference.factor_mapping import FactorMapping, Measure
from domain.values import to_text
from projections.measures import Line, lines
from projections.projection import Way
from services.feeds import feed_rows
from services.reading import LIVE, Reading, ReadingDesk
from services.registry import Registry
from services.views import Counted, Counts, Period, Question, ViewStore

NOT_PERFORMANCE = "Low and high counts are not performance judgements: ask what lies behind them."
JUDGEMENT = "Which factor speaks to which theme is the partnership's own judgement."
ANY_FACTOR = "factor:any"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which year to 31 March, and which borough; None for all."""

    year: int | None = None
    borough: str | None = None

    def texts(self) -> dict[str, str]:
        """Give the filters that were set, as text, for the record of the read."""
        year = {} if self.year is None else {"year": str(self.year)}
        return year if self.borough is None else {**year, "borough": self.borough}

    def days(self) -> tuple[datetime.date | None, datetime.date | None]:
        """Give the first and last London day of the year asked for."""
        if self.year is None:
            return None, None
        return datetime.date(self.year - 1, 4, 1), datetime.date(self.year, 3, 31)


class Querying:
    """Reads the views for those who may."""

    def __init__(
        self, views: Callable[[], ViewStore], registry: Registry, desk: ReadingDesk, versions: str
    ) -> None:
        """Read the store that `views` gives; `versions` names the projections in it."""
        self._views = views
        self._registry = registry
        self._desk = desk
        self._versions = versions

    def factors(self, reading: Reading, filters: Filters) -> dict[str, JsonValue]:
        """Give episodes, assessments and children by borough, year and published column."""
        self._desk.allow(reading, "factors")
        mapping, _ = self._registry.mapping()
        groups = {
            column: frozenset(f"factor:{code}" for code in mapping.codes_of_column(column))
            for column in mapping.columns()
        }
        groups[mapping.episodes_column] = frozenset({ANY_FACTOR})
        for factor in mapping.factors:
            if factor.column is None:
                groups[f"code {factor.code}"] = frozenset({f"factor:{factor.code}"})
        counts = self._count(groups, "year-to-march", filters)
        rows: list[JsonValue] = [
            {**_row(one), "codes": list(mapping.codes_of_column(one.group))} for one in counts.rows
        ]
        return self._answer(reading, "factors", filters, counts, rows)

    def theme(self, reading: Reading, code: str, filters: Filters) -> dict[str, JsonValue]:
        """Give a theme's headline measures, in order, by borough and month."""
        self._desk.allow(reading, code)
        mapping, _ = self._registry.mapping()
        theme = mapping.theme(code)
        if theme is None:
            raise NotFound("theme")
        asked = tuple((one, line) for one in theme.measures for line in lines(one))
        counts = self._count_lines(asked, mapping.codes_of_theme(code), filters)
        rows: list[JsonValue] = [_row(one) for one in counts.rows]
        answer = self._answer(reading, code, filters, counts, rows)
        told: dict[str, JsonValue] = {
            "factors": _factors(mapping, code),
            "measures": [_measure(one, self._met(asked, one)) for one in theme.measures],
            "title": theme.title,
        }
        return {**answer, **told}

    def _met(self, asked: Sequence[tuple[Measure, Line]], measure: Measure) -> list[str]:
        """Give the ledgers whose events have ever told of a measure: what tells zero from none."""
        cells = {cell for one, line in asked if one is measure for cell in line.cells}
        store = self._views()
        return [ledger for ledger in self._ledgers(None) if cells and store.met(ledger, cells)]

    def _count_lines(
        self, asked: Sequence[tuple[Measure, Line]], codes: Sequence[str], filters: Filters
    ) -> Counts:
        """Count every line of a theme, and its factors one by one, as of the same positions."""
        plain = {f"factor {code}": frozenset({f"factor:{code}"}) for code in codes}
        for measure, line in asked:
            if line.way is None:
                plain[_group(measure, line)] = line.cells
            if line.of:
                plain[f"{_group(measure, line)} of"] = line.of
        counts = self._count(plain, "month", filters)
        found = [*counts.rows]
        for measure, line in asked:
            if line.way is not None:
                groups = {_group(measure, line): line.cells}
                found += self._count(groups, "month", filters, (line.way, counts.positions)).rows
        return Counts(tuple(sorted(found)), counts.positions)

    def feeds(self, reading: Reading) -> dict[str, JsonValue]:
        """Give each source's health."""
        self._desk.allow(reading, "feeds")
        counts = Counts((), self._positions())
        return self._answer(reading, "feeds", Filters(), counts, self._feeds())

    def _count(
        self,
        groups: Mapping[str, frozenset[str]],
        period: Period,
        filters: Filters,
        special: tuple[Way, Mapping[str, int]] | None = None,
    ) -> Counts:
        """Count; `special` is another way of counting, as of the positions of a first count."""
        since, until = filters.days()
        question = Question(
            groups=groups,
            period=period,
            ledgers=self._ledgers(filters.borough),
            occurred_from=since,
            occurred_to=until,
            as_of=special[1] if special else None,
        )
        return self._views().count(question, special[0] if special else None)

    def _ledgers(self, borough: str | None) -> tuple[str, ...]:
        boroughs = self._registry.participants().boroughs(self._registry.today())
        names = [one.ledger for one in boroughs if one.ledger and borough in {None, one.code}]
        if not names:
            raise NotFound("borough")
        return tuple(names)

    def _positions(self) -> dict[str, int]:
        participants = self._registry.participants()
        return {
            name: self._views().position(name)
            for name in participants.ledgers(self._registry.today())
        }

    def _feeds(self) -> list[JsonValue]:
        ledgers = self._registry.participants().ledgers(self._registry.today())
        return feed_rows(self._views(), ledgers)

    def _answer(
        self,
        reading: Reading,
        view: str,
        filters: Filters,
        counts: Counts,
        rows: list[JsonValue],
    ) -> dict[str, JsonValue]:
        """Put together what every answer says, and record the read before giving it."""
        mapping, digest = self._registry.mapping()
        answer: dict[str, JsonValue] = {
            "agreement": reading.agreement,
            "boroughs": self._boroughs(),
            "comparability": "not assessed yet",
            "erasures_since": 0,
            "feeds": self._feeds(),
            "filters": filters.texts(),
            "mapping": {
                "digest": to_text(digest),
                "note": JUDGEMENT,
                "reference": mapping.reference(),
            },
            "note": NOT_PERFORMANCE,
            "positions": dict(counts.positions),
            "proof": "unwitnessed",
            "purpose": reading.purpose,
            "right": LIVE,
            "rows": rows,
            "rule_packs": [pack.reference() for pack in self._registry.rule_packs()],
            "suppression": "none: live figures",
            "view": view,
            "views_version": self._versions,
        }
        self._desk.record(reading, view, positions=counts.positions, filters=filters.texts())
        return answer

    def _boroughs(self) -> JsonValue:
        boroughs = self._registry.participants().boroughs(self._registry.today())
        return [
            {"code": one.code, "la_code": one.la_code, "ledger": one.ledger, "name": one.name}
            for one in boroughs
        ]


def _row(counted: Counted) -> dict[str, JsonValue]:
    return {
        "assessments": counted.events,
        "children": counted.children,
        "episodes": counted.episodes,
        "ledger": counted.ledger,
        "measure": counted.group,
        "period": counted.period,
    }


def _factors(mapping: FactorMapping, theme: str) -> JsonValue:
    return [
        {"code": factor.code, "strength": link.strength, "title": factor.title}
        for factor in mapping.factors
        for link in factor.themes
        if link.theme == theme
    ]


def _group(measure: Measure, line: Line) -> str:
    """Name a line of a measure: the measure's code, and the breakdown's behind it."""
    return f"{measure.code} {line.breakdown}".strip()


def _measure(measure: Measure, fed_by: Sequence[str]) -> JsonValue:
    """Describe a measure; one that nobody feeds says so, and who could."""
    counted = lines(measure)
    told: list[JsonValue] = [
        {"breakdown": line.breakdown, "counts": line.unit, "share": bool(line.of)}
        for line in counted
    ]
    return {
        "code": measure.code,
        "could_be_fed_by": measure.could_be_fed_by,
        "fed_by": list(fed_by),
        "lines": told,
        "source": "events" if fed_by else "no source yet",
        "title": measure.title,
        "unit": measure.unit,
    }
