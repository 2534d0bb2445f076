"""Releases: fixed tables without small numbers, for whoever may read them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from adapters.http.callers import caller_of, known_caller
from adapters.http.described import RELEASE, RELEASE_TABLE, RELEASES
from adapters.http.parameters import Shown, Why, given_once
from adapters.http.reading import as_file, tagged
from adapters.http.release_tables import release_csv_of
from domain.canonical import canonical
from domain.reference.releases import Month
from domain.vocabulary.codes import Slug
from services.hub import Hub
from services.reading import Reading

JSON_TYPE = "application/json"

Name = Annotated[Month, Path(description="the month of the release")]
TableOf = Annotated[Slug, Path(description="a table of the release, by its code")]


def router(hub: Hub) -> APIRouter:
    """Give the routes of releases."""
    doorkeepers = [Depends(known_caller(hub.identity)), Depends(given_once)]
    routes = APIRouter(tags=["reading"], dependencies=doorkeepers, default_response_class=Response)

    @routes.get("/v1/releases", summary="Which releases there are", responses=RELEASES)
    def listed(request: Request, query: Annotated[Why, Query()]) -> Response:
        """Each release, the newest first, with how many figures it does not show, and why."""
        listed = hub.releases.listed(_reading(request, query))
        return tagged(request, canonical(listed), JSON_TYPE, {})

    @routes.get("/v1/releases/{name}", summary="One release", responses=RELEASE)
    def release(request: Request, name: Name, query: Annotated[Why, Query()]) -> Response:
        """A whole release: its exact bytes, which never change, and what an answer says beside."""
        whole = hub.releases.whole(_reading(request, query), name)
        return tagged(request, canonical(whole), JSON_TYPE, {})

    @routes.get("/v1/releases/{name}/{table}", summary="One table", responses=RELEASE_TABLE)
    def release_table(
        request: Request, name: Name, table: TableOf, query: Annotated[Shown, Query()]
    ) -> Response:
        """One table of a release, as JSON or CSV: its figures never change."""
        reading = replace(_reading(request, query), format=query.format)
        found = hub.releases.table(reading, name, table)
        if query.format == "csv":
            return as_file(request, release_csv_of(found), f"release-{name}-{table}.csv")
        return tagged(request, canonical(found), JSON_TYPE, {})

    return routes


def _reading(request: Request, why: Why) -> Reading:
    return Reading(caller_of(request), why.agreement, why.purpose, "json")
