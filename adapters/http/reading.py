"""Reading: views, parts and public keys. Each read is recorded before its answer leaves."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from adapters.http.callers import caller_of
from domain.canonical import JsonValue, canonical
from domain.errors import NotFound
from services.fetching import Wanted
from services.hub import Hub
from services.querying import Filters
from services.reading import Reading

_SLUG = r"^[a-z][a-z0-9-]{0,62}$"
_PROBLEM: dict[str, object] = {
    "content": {"application/problem+json": {"schema": {"type": "object"}}}
}
RESPONSES: dict[int | str, dict[str, object]] = {
    401: {"description": "No valid bearer token", **_PROBLEM},
    403: {"description": "No agreement, purpose or right allows it", **_PROBLEM},
    404: {"description": "No such thing, or none that the caller may know of", **_PROBLEM},
    410: {"description": "It does not open any more", **_PROBLEM},
    422: {"description": "A parameter is missing or not of its form", **_PROBLEM},
    500: {"description": "An unexpected fault", **_PROBLEM},
    503: {"description": "Not available, or the read could not be recorded", **_PROBLEM},
}


class Why(BaseModel):
    """Under which agreement something is read, and what for."""

    model_config = ConfigDict(extra="forbid")

    agreement: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,62}@[1-9][0-9]{0,5}$", description="an agreement and version"
    )
    purpose: str = Field(pattern=_SLUG, description="what it is read for")


class ViewQuery(Why):
    """The same, with what to show of a view."""

    borough: str | None = Field(default=None, pattern=_SLUG, description="one borough, by code")
    year: int | None = Field(default=None, ge=1990, le=2099, description="a year to 31 March")


Slug = Annotated[str, Path(pattern=_SLUG)]
PartNumber = Annotated[int, Path(ge=0, le=62)]


def router(hub: Hub) -> APIRouter:
    """Give the routes for readers and recipients."""
    routes = APIRouter(tags=["reading"], responses=RESPONSES)
    _view_routes(routes, hub)
    _part_routes(routes, hub)
    return routes


def _view_routes(routes: APIRouter, hub: Hub) -> None:
    def reading_of(request: Request, why: Why) -> Reading:
        return Reading(caller_of(request, hub.identity), why.agreement, why.purpose, "json")

    @routes.get("/v1/factors", summary="Assessment factors by borough and year")
    def factors(request: Request, query: Annotated[ViewQuery, Query()]) -> Response:
        """Episodes, assessments and children by published column, as the DfE counts them."""
        filters = Filters(query.year, query.borough)
        return _json(hub.querying.factors(reading_of(request, query), filters))

    @routes.get("/v1/themes/{theme}", summary="One theme by month")
    def theme_view(request: Request, theme: Slug, query: Annotated[ViewQuery, Query()]) -> Response:
        """Headline measures in their order, by borough and month."""
        filters = Filters(query.year, query.borough)
        return _json(hub.querying.theme(reading_of(request, query), theme, filters))

    @routes.get("/v1/feeds", summary="Is the picture complete?")
    def feeds(request: Request, query: Annotated[Why, Query()]) -> Response:
        """Each source's data-to and loaded-on dates, gaps, refusals, parked streams, canary."""
        return _json(hub.querying.feeds(reading_of(request, query)))


def _part_routes(routes: APIRouter, hub: Hub) -> None:
    @routes.get("/v1/parts/{ledger}/{event}/{number}", summary="Fetch a sealed part")
    def part(
        request: Request,
        ledger: Slug,
        event: uuid.UUID,
        number: PartNumber,
        query: Annotated[Why, Query()],
    ) -> Response:
        """Fetch a restricted part addressed to the caller's body, still sealed: it is recorded."""
        wanted = Wanted(ledger, event, number, query.agreement, query.purpose)
        found = hub.fetching.part(wanted, caller_of(request, hub.identity))
        return Response(found, 200, {"cache-control": "no-store"}, "application/json")

    @routes.get("/v1/participants/{code}/keys", summary="A body's public keys")
    def keys(request: Request, code: Slug) -> Response:
        """Give registered public keys: compare fingerprints with those given by other means."""
        caller_of(request, hub.identity)
        found = hub.registry.body_keys(code)
        if found is None:
            raise NotFound("body with registered keys")
        listed: list[JsonValue] = [
            {"fingerprint": key.fingerprint, "public": key.public, "purpose": key.purpose}
            for key in found.keys
        ]
        return _json({"keys": listed, "participant": code})


def _json(document: JsonValue) -> Response:
    return Response(canonical(document), 200, {"cache-control": "no-store"}, "application/json")
