"""Given, when, then for themes: ledgers told event by event, folded, and a theme asked of them.

havering = a_borough("havering")
havering.assessed("mia", ["24A"], on="2023-04-03")
theme("exploitation", havering).row("factor-24a", "havering", "2024")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from adapters.http.theme_documents import Measure, ThemeRow
from adapters.reference.shipped import (
    FACTOR_MAPPING,
    PARTICIPANTS,
    shipped_document,
    shipped_documents,
)
from domain.canonical import JsonValue, canonical
from domain.reference.documents import read_as
from domain.reference.factor_mapping import FactorMapping
from domain.reference.participants import Participants
from domain.reference.reference_figures import ReferenceFigures
from domain.vocabulary.figures import FigureExplained, FigureReported
from services.filters import Filters
from services.theming.counting import CountedViews
from services.theming.theme import Background, ThemeView
from tests.projections.builders import Borough, Told, folded

GSS = {
    "barking-and-dagenham": "E09000002",
    "havering": "E09000016",
    "redbridge": "E09000026",
}


@cache
def mapping() -> FactorMapping:
    """Give the shipped mapping."""
    return read_as(FactorMapping, shipped_document(FACTOR_MAPPING).raw)


@cache
def tables() -> tuple[ReferenceFigures, ...]:
    """Give the shipped tables."""
    found = (one for one in shipped_documents() if one.kind == "reference-figures")
    return tuple(read_as(ReferenceFigures, one.raw) for one in found)


def reports(borough: Borough, name: str, month: str, count: int | None, **said: object) -> None:
    """Let the police report a count of one month of the borough's area; None is hidden."""
    last = {"02": "28", "04": "30", "06": "30", "09": "30", "11": "30"}.get(month[5:], "31")
    facts: dict[str, object] = {
        "area": GSS[borough.ledger],
        "measure": name,
        "numerator": count,
        "period_end": f"{month}-{last}",
        "period_start": f"{month}-01",
        "published_source": "monthly sheet",
        "suppressed": count is None,
        **said,
    }
    told = Told(on=str(facts["period_end"]), source="police")
    borough.tells(FigureReported, FigureReported.Facts.model_validate(facts), told=told)


def explains(teller: Borough, measure: str, judgement: str, **said: object) -> None:
    """Let a borough say, of its own figure unless told otherwise, whether a change is real."""
    facts: dict[str, object] = {
        "borough": teller.ledger,
        "judgement": judgement,
        "measure": measure,
        "office": "director",
        "period_end": "2023-03-31",
        "period_start": "2022-04-01",
        "text": "A new form asks for it.",
        **said,
    }
    told = Told(on=str(facts["period_end"]))
    teller.tells(FigureExplained, FigureExplained.Facts.model_validate(facts), told=told)


@dataclass(frozen=True)
class Shown:
    """A theme as it was answered."""

    rows: Sequence[ThemeRow]
    document: Mapping[str, JsonValue]
    also: Sequence[ThemeRow] = field(default=())

    def row(self, measure: str, borough: str, period: str, breakdown: str = "") -> ThemeRow:
        """Give the one row of a figure."""
        (found,) = self.of(measure, borough, period, breakdown)
        return found

    def of(
        self, measure: str, borough: str, period: str | None = None, breakdown: str = ""
    ) -> list[ThemeRow]:
        """Give the rows of a figure, in order of period."""
        return [
            row
            for row in (*self.rows, *self.also)
            if (row.measure, row.borough, row.breakdown) == (measure, borough, breakdown)
            and period in {None, row.period}
        ]

    def measure(self, code: str) -> Measure:
        """Give what is said of a measure."""
        return next(one for one in _measures(self.document) if one.code == code)

    def also_measures(self) -> list[Measure]:
        """Give what is said of whatever also feeds the theme."""
        also = self.document["also"]
        assert isinstance(also, dict)
        return _measures(also)


def theme(
    code: str,
    *boroughs: Borough,
    filters: Filters | None = None,
    positions: Mapping[str, int] | None = None,
    store: CountedViews | None = None,
    registered: Sequence[ReferenceFigures] | None = None,
) -> Shown:
    """Fold all there is, and ask a theme of it: by years to 31 March unless told otherwise."""
    store = store or folded(*boroughs).store
    participants = read_as(Participants, shipped_document(PARTICIPANTS).raw)
    known = participants.boroughs("2026-11-23")
    ledgers = {one.ledger: 0 for one in known if one.ledger}
    told = {one.ledger: len(one.entries) for one in boroughs}
    background = Background(
        mapping=mapping(),
        tables=tables() if registered is None else registered,
        boroughs=known,
        positions=positions or {**ledgers, **told},
    )
    asked = mapping().theme(code)
    assert asked is not None
    view = ThemeView(store, asked, background, filters or Filters(period="year-to-march"))
    document = view.document()
    also = document["also"]
    assert isinstance(also, dict)
    assert isinstance(also["rows"], list)
    return Shown(_rows(view.rows()), document, _rows(also["rows"]))


def _rows(rows: object) -> list[ThemeRow]:
    assert hasattr(rows, "__iter__")
    return [ThemeRow.model_validate_json(canonical(row)) for row in rows]


def _measures(part: Mapping[str, JsonValue]) -> list[Measure]:
    measures = part["measures"]
    assert isinstance(measures, list)
    return [Measure.model_validate_json(canonical(one)) for one in measures]
