"""Reading: views, parts and public keys. Each read is recorded before its answer leaves."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from adapters.http.callers import caller_of, known_caller
from adapters.http.described import FACTORS, FEEDS, KEYS, PART, THEME
from adapters.http.parameters import (
    EventOf,
    LedgerOf,
    Nothing,
    Participant,
    PartNumber,
    Shown,
    Theme,
    ThemeQuery,
    ViewQuery,
    Why,
    given_once,
)
from adapters.http.tables import CSV_TYPE, csv_of
from domain.canonical import JsonValue, canonical
from domain.errors import NotFound
from services.feeds import without_clock
from services.fetching import Wanted
from services.filters import Filters
from services.hub import Hub
from services.reading import Reading

Answer = Mapping[str, JsonValue]
File = tuple[bytes, str]
"""A table as CSV, and the name of its file, made of our own words."""


def router(hub: Hub) -> APIRouter:
    """Give the routes for readers and recipients."""
    doorkeepers = [Depends(known_caller(hub.identity)), Depends(given_once)]
    routes = APIRouter(tags=["reading"], dependencies=doorkeepers, default_response_class=Response)
    _view_routes(routes, hub)
    _part_routes(routes, hub)
    return routes


def _view_routes(routes: APIRouter, hub: Hub) -> None:
    @routes.get("/v1/factors", summary="Assessment factors by borough and year", responses=FACTORS)
    def factors(request: Request, query: Annotated[ViewQuery, Query()]) -> Response:
        """Episodes, assessments and children by published column, as the DfE counts them."""
        filters = filters_of(query)
        return answered(request, query, lambda reading: hub.querying.factors(reading, filters))

    @routes.get("/v1/themes/{theme}", summary="One theme by period", responses=THEME)
    def theme_view(
        request: Request, theme: Theme, query: Annotated[ThemeQuery, Query()]
    ) -> Response:
        """Headline measures in their order, by borough and period, with what goes with each."""
        filters = replace(filters_of(query), period=query.period, cut=query.cut)
        querying = hub.querying
        return answered(request, query, lambda reading: querying.theme(reading, theme, filters))

    @routes.get("/v1/feeds", summary="Is the picture complete?", responses=FEEDS)
    def feeds(request: Request, query: Annotated[Shown, Query()]) -> Response:
        """Each source's data-to and loaded-on dates, gaps, refusals, parked streams, canary."""
        return answered(request, query, hub.querying.feeds, alike=without_clock)


def _part_routes(routes: APIRouter, hub: Hub) -> None:
    @routes.get(
        "/v1/parts/{ledger}/{event}/{number}", summary="Fetch a sealed part", responses=PART
    )
    def part(
        request: Request,
        ledger: LedgerOf,
        event: EventOf,
        number: PartNumber,
        query: Annotated[Why, Query()],
    ) -> Response:
        """Fetch a restricted part addressed to the caller's body, still sealed: it is recorded."""
        wanted = Wanted(ledger, uuid.UUID(event), number, query.agreement, query.purpose)
        return _answer(hub.fetching.part(wanted, caller_of(request)))

    @routes.get("/v1/participants/{code}/keys", summary="A body's public keys", responses=KEYS)
    def keys(code: Participant, _: Annotated[Nothing, Query()]) -> Response:
        """Give registered public keys: compare fingerprints with those given by other means."""
        found = hub.registry.body_keys(code)
        if found is None:
            raise NotFound("body with registered keys")
        listed: list[JsonValue] = [
            key.model_dump(mode="json", exclude_defaults=True) for key in found.keys
        ]
        return as_json({"keys": listed, "participant": code})


def filters_of(query: ViewQuery) -> Filters:
    """Give what a view is asked for."""
    return Filters(
        year=query.year,
        borough=query.borough,
        as_of=query.as_of,
        occurred_to=query.occurred_to,
    )


def named_after_its_view(answer: Answer) -> File:
    """Give an answer's rows as a file of its view's name."""
    return csv_of(answer), f"{answer['view']}.csv"


def answered(
    request: Request,
    why: Why,
    ask: Callable[[Reading], Answer],
    file: Callable[[Answer], File] = named_after_its_view,
    alike: Callable[[Answer], Answer] | None = None,
) -> Response:
    """Ask in the caller's name, and answer in the form that was asked for.

    The read is recorded by whom is asked, before this has anything to show. `alike` gives what of
    an answer makes two of them one, where that is less than all of it: its tag is a weak one.
    """
    form = why.format if isinstance(why, Shown) else "json"
    answer = ask(Reading(caller_of(request), why.agreement, why.purpose, form))
    tag = f"W/{_tag(canonical({**alike(answer), 'form': form}))}" if alike else None
    if form == "csv":
        return as_file(request, *file(answer), tag)
    return tagged(request, canonical(dict(answer)), "application/json", {}, tag)


def as_file(request: Request, table: bytes, name: str, tag: str | None = None) -> Response:
    """Answer with a table under a file's name, which is made of our own words."""
    return tagged(request, table, CSV_TYPE, {"content-disposition": _as(name)}, tag)


def as_long_file(
    request: Request, answers: Iterable[Answer], pieces: Iterable[bytes], name: str
) -> Response:
    """Answer with a table that is made while it leaves; its tag is that of what it is made of."""
    digest = hashlib.sha256()
    for answer in answers:
        digest.update(canonical(dict(answer)))
    tag = f'"{digest.hexdigest()[:32]}"'
    if tag in _held(request):
        return as_file(request, b"", name, tag)
    headers = {"cache-control": "no-store", "content-disposition": _as(name), "etag": tag}
    return StreamingResponse(pieces, 200, headers, CSV_TYPE)


def _as(name: str) -> str:
    return f'attachment; filename="{name}"'


def tagged(
    request: Request,
    document: bytes,
    kind: str,
    headers: Mapping[str, str],
    tag: str | None = None,
) -> Response:
    """Answer, or say that the reader holds this answer already.

    The tag is that of the answer's own bytes unless another is given: positions, agreement, right
    and mapping are among them, so two answers with one tag are one answer. Nothing between us and
    the reader keeps it.
    """
    tag = tag or _tag(document)
    always = {"cache-control": "no-store", "etag": tag}
    if tag.removeprefix("W/") in _held(request):
        return Response(status_code=304, headers=always)
    return Response(document, 200, {**always, **headers}, kind)


def _tag(document: bytes) -> str:
    return f'"{hashlib.sha256(document).hexdigest()[:32]}"'


def _held(request: Request) -> set[str]:
    """Give the tags that the reader holds; a weak one is as good where bytes are the same."""
    told = ",".join(request.headers.getlist("if-none-match"))
    return {one.strip().removeprefix("W/") for one in told.split(",")}


def as_json(document: JsonValue) -> Response:
    """Answer with a document, for nobody to keep."""
    return _answer(canonical(document))


def _answer(document: bytes) -> Response:
    return Response(document, 200, {"cache-control": "no-store"}, "application/json")
