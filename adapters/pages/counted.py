"""The pages of what is counted beside the themes: indicators and strategy discussions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from adapters.http.other_documents import (
    Indicator,
    IndicatorFigure,
    IndicatorsAnswer,
    StrategyAnswer,
    StrategyFigure,
)
from adapters.pages import wording
from adapters.pages.answers import name_of
from adapters.pages.files import Manner
from adapters.pages.flags import Reason, lettered, reasons_of
from adapters.pages.front import Front
from adapters.pages.viewing import Viewed
from services.filters import Filters

Cells = tuple[str, ...]
YEARS_SHOWN = 5
BASES = {"computed": "Counted from events", "reported": "A reported figure"}
NO_SOURCE = "No source yet"


@dataclass(frozen=True, slots=True)
class Shown:
    """One indicator on its page: years across, boroughs and lines down."""

    number: int
    title: str
    first: bool
    basis: str
    says: str
    could_be_fed_by: str
    head: tuple[tuple[str, bool], ...]
    rows: tuple[Cells, ...]
    reasons: tuple[Reason, ...]
    """Of each flag whose letter stands in a cell."""


def router(front: Front) -> APIRouter:
    """Give the routes of these pages."""
    routes = APIRouter(default_response_class=HTMLResponse)

    @routes.get("/indicators")
    def indicators(request: Request, asked: Annotated[Manner, Query()]) -> Response:
        return Viewed(
            view="indicators",
            ask=lambda reading: front.hub.others.indicators.answer(reading, Filters()),
            told_as=IndicatorsAnswer,
            shown=_indicators,
        ).answer(front, request, asked)

    @routes.get("/strategy-discussions")
    def strategy_discussions(request: Request, asked: Annotated[Manner, Query()]) -> Response:
        return Viewed(
            view="strategy-discussions",
            ask=lambda reading: front.hub.others.strategy_discussions.answer(reading, Filters()),
            told_as=StrategyAnswer,
            shown=_strategy,
        ).answer(front, request, asked)

    return routes


def _strategy(answer: StrategyAnswer) -> dict[str, object]:
    return {
        "answer": answer,
        "current": "indicators",
        "late_unknown": [
            name_of(answer, one.borough) for one in answer.late_known_by if one.source != "events"
        ],
        "reasons": reasons_of((_told_of(one, answer), one.flags) for one in answer.rows),
        "rows": _discussions(answer),
    }


def _indicators(answer: IndicatorsAnswer) -> dict[str, object]:
    every = [_indicator(one, answer) for one in answer.indicators]
    return {
        "answer": answer,
        "current": "indicators",
        "dry": sum(not one.rows for one in every),
        "first": [one for one in every if one.first],
        "rest": [one for one in every if not one.first],
        "total": len(every),
    }


def _indicator(indicator: Indicator, answer: IndicatorsAnswer) -> Shown:
    rows = [row for row in answer.rows if row.indicator == indicator.number]
    years = sorted({row.period for row in rows})[-YEARS_SHOWN:]
    return Shown(
        number=indicator.number,
        title=indicator.title,
        first=indicator.first,
        basis=BASES.get(indicator.basis, NO_SOURCE) if rows else NO_SOURCE,
        says=indicator.says,
        could_be_fed_by=indicator.could_be_fed_by,
        head=(
            ("Borough", False),
            ("What", False),
            *((f"Year to March {one}", True) for one in years),
        ),
        rows=tuple(_lines(rows, years, answer)),
        reasons=tuple(
            reasons_of(
                (_where(row, answer, f"year to March {row.period}"), row.flags)
                for row in rows
                if row.period in years
            )
        ),
    )


def _lines(
    rows: Sequence[IndicatorFigure], years: Sequence[str], answer: IndicatorsAnswer
) -> list[Cells]:
    by_place = {(row.line, row.borough, row.period): row for row in rows}
    places = dict.fromkeys((row.line, row.borough) for row in rows)
    return [
        (
            name_of(answer, borough),
            wording.spelt(line) or "All",
            *(_cell(by_place.get((line, borough, year))) for year in years),
        )
        for line, borough in sorted(places)
    ]


def _where(row: IndicatorFigure, answer: IndicatorsAnswer, when: str) -> str:
    part = f", {wording.spelt(row.line).lower()}" if row.line else ""
    return f"{name_of(answer, row.borough)}{part}, {when}"


def _cell(row: IndicatorFigure | None) -> str:
    return lettered(_figure(row), row.flags if row else ())


def _figure(row: IndicatorFigure | None) -> str:
    if row is None:
        return wording.NOTHING
    if row.rate is None:
        return wording.number(row.numerator)
    per = wording.per(row.per)
    said = f"{wording.decimal(row.rate)}{'' if per == '%' else ' '}{per}"
    return f"{said} ({wording.number(row.numerator)} of {wording.number(row.denominator)})"


def _discussions(answer: StrategyAnswer) -> list[Cells]:
    """Give a row for each quarter and borough, the newest quarter first."""
    rows: dict[tuple[str, str, str], list[StrategyFigure]] = {}
    for row in answer.rows:
        rows.setdefault((row.period_from, row.period_to, row.borough), []).append(row)
    order = {one.code: at for at, one in enumerate(answer.boroughs)}
    places = sorted(rows, key=lambda place: order.get(place[2], 0))
    return [
        (wording.period("quarter", first, last), name_of(answer, borough), *_quarter(of))
        for first, last, borough in sorted(places, key=lambda place: place[0], reverse=True)
        if (of := rows[first, last, borough])
    ]


def _told_of(row: StrategyFigure, answer: StrategyAnswer) -> str:
    what = row.value or row.measure
    when = wording.period("quarter", row.period_from, row.period_to)
    return f"{wording.spelt(what)}, {name_of(answer, row.borough)}, {when}"


def _quarter(rows: Sequence[StrategyFigure]) -> Cells:
    numbers = (_one(rows, measure) for measure in ("held", "in-time", "late"))
    return (*numbers, *(_why(rows, measure) for measure in ("late-reason", "late-agency")))


def _one(rows: Sequence[StrategyFigure], measure: str) -> str:
    found = next((row for row in rows if row.measure == measure), None)
    if found is None:
        return wording.NOTHING
    said = wording.number(found.numerator)
    said = said if found.rate is None else f"{said} ({wording.decimal(found.rate)}%)"
    return lettered(said, found.flags)


def _why(rows: Sequence[StrategyFigure], measure: str) -> str:
    """List reasons or agencies, the most frequent first."""
    found = sorted(
        (row for row in rows if row.measure == measure),
        key=lambda row: (-(row.numerator or 0), row.value),
    )
    said = (
        lettered(f"{wording.spelt(row.value).lower()} {wording.number(row.numerator)}", row.flags)
        for row in found
    )
    return wording.sentence(", ".join(said)) or wording.NOTHING
