"""Reading the views beside the themes. Each read is recorded before its answer leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from adapters.http.callers import caller_of, known_caller
from adapters.http.described import (
    ACCESS,
    CROSS_BOROUGH,
    HISTORY,
    INDICATORS,
    LOADS,
    STRATEGY,
    TIDY,
)
from adapters.http.other_parameters import AccessQuery, BoroughQuery, HistoryQuery, PeriodQuery
from adapters.http.parameters import Theme, ViewQuery, Why, given_once
from adapters.http.reading import answered, as_long_file, filters_of
from adapters.http.tidy_tables import tidy_lines
from services.accesses import AccessAsked
from services.filters import Filters
from services.history import HistoryAsked
from services.hub import Hub
from services.reading import Reading


def router(hub: Hub) -> APIRouter:
    """Give the routes for readers of these views."""
    doorkeepers = [Depends(known_caller(hub.identity)), Depends(given_once)]
    routes = APIRouter(tags=["reading"], dependencies=doorkeepers, default_response_class=Response)
    _counted(routes, hub)
    _of_themes(routes, hub)
    _of_running(routes, hub)
    _everything(routes, hub)
    return routes


def _counted(routes: APIRouter, hub: Hub) -> None:
    @routes.get("/v1/indicators", summary="The group's indicators", responses=INDICATORS)
    def indicators(request: Request, query: Annotated[ViewQuery, Query()]) -> Response:
        """Which are computed, reported, or have no source yet; their values by borough and year."""
        view, filters = hub.others.indicators, filters_of(query)
        return answered(request, query, lambda reading: view.answer(reading, filters))

    @routes.get(
        "/v1/strategy-discussions", summary="Held, late, and because of whom", responses=STRATEGY
    )
    def strategy_discussions(request: Request, query: Annotated[PeriodQuery, Query()]) -> Response:
        """Strategy discussions by borough and period; those that were late by reason and agency."""
        view = hub.others.strategy_discussions
        filters = replace(filters_of(query), period=query.period)
        return answered(request, query, lambda reading: view.answer(reading, filters))


def _everything(routes: APIRouter, hub: Hub) -> None:
    @routes.get("/v1/tidy.csv", summary="Every figure in one long table", responses=TIDY)
    def tidy(request: Request, query: Annotated[Why, Query()]) -> Response:
        """Every figure of every view that the reader may read; each view is recorded as read.

        Themes by every sort of period, what also feeds them too; factors, indicators,
        strategy discussions, children known to two boroughs; what has no source yet is said.
        """
        reading = Reading(caller_of(request), query.agreement, query.purpose, "csv")
        answers = list(hub.tidy.answers(reading))  # all recorded as read before anything leaves
        return as_long_file(request, answers, tidy_lines(answers), "tidy.csv")


def _of_themes(routes: APIRouter, hub: Hub) -> None:
    @routes.get("/v1/history/{theme}", summary="Why did this number change?", responses=HISTORY)
    def history(
        request: Request, theme: Theme, query: Annotated[HistoryQuery, Query()]
    ) -> Response:
        """A theme's numbers as of two recorded times, and the events gained and lost, by why."""
        filters = Filters(
            year=query.year,
            borough=query.borough,
            period=query.period,
            occurred_to=query.occurred_to,
        )
        view, asked = hub.others.history, HistoryAsked(query.before, query.after, filters)
        return answered(request, query, lambda reading: view.answer(reading, theme, asked))

    @routes.get("/v1/cross-borough", summary="Who is known to two?", responses=CROSS_BOROUGH)
    def cross_borough(request: Request, query: Annotated[ViewQuery, Query()]) -> Response:
        """Children known to two boroughs, by theme: a lower bound, with whom it can reach."""
        view, filters = hub.others.cross_borough, filters_of(query)
        return answered(request, query, lambda reading: view.answer(reading, filters))


def _of_running(routes: APIRouter, hub: Hub) -> None:
    @routes.get("/v1/loads", summary="Did all of mine arrive?", responses=LOADS)
    def loads(request: Request, query: Annotated[BoroughQuery, Query()]) -> Response:
        """What the reader's own systems loaded, by day and kind, beside what the return held."""
        view = hub.others.loads
        return answered(request, query, lambda reading: view.answer(reading, query.borough))

    @routes.get("/v1/access", summary="Who has looked at ours?", responses=ACCESS)
    def access(request: Request, query: Annotated[AccessQuery, Query()]) -> Response:
        """Who read which view or fetched which part: when, what for, under which agreement."""
        asked = AccessAsked(query.borough, query.before, query.limit)
        view = hub.others.accesses
        return answered(request, query, lambda reading: view.answer(reading, asked))
