"""Releases: fixed tables without small numbers, for whoever may read them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from adapters.http.callers import known_caller
from adapters.http.described import RELEASE, RELEASE_TABLE, RELEASES
from adapters.http.parameters import Shown, Why, given_once
from adapters.http.reading import answered
from adapters.http.release_tables import release_csv_of
from domain.reference.releases import Month
from domain.vocabulary.codes import Slug
from services.hub import Hub

Name = Annotated[Month, Path(description="the month of the release")]
TableOf = Annotated[Slug, Path(description="a table of the release, by its code")]


def router(hub: Hub) -> APIRouter:
    """Give the routes of releases."""
    doorkeepers = [Depends(known_caller(hub.identity)), Depends(given_once)]
    routes = APIRouter(tags=["reading"], dependencies=doorkeepers, default_response_class=Response)

    @routes.get("/v1/releases", summary="Which releases there are", responses=RELEASES)
    def listed(request: Request, query: Annotated[Why, Query()]) -> Response:
        """Each release, the newest first, with how many figures it does not show, and why."""
        return answered(request, query, hub.releases.listed)

    @routes.get("/v1/releases/{name}", summary="One release", responses=RELEASE)
    def release(request: Request, name: Name, query: Annotated[Why, Query()]) -> Response:
        """A whole release: its exact bytes, which never change, and what an answer says beside."""
        return answered(request, query, lambda reading: hub.releases.whole(reading, name))

    @routes.get("/v1/releases/{name}/{table}", summary="One table", responses=RELEASE_TABLE)
    def release_table(
        request: Request, name: Name, table: TableOf, query: Annotated[Shown, Query()]
    ) -> Response:
        """One table of a release, as JSON or CSV: its figures never change."""
        return answered(
            request,
            query,
            lambda reading: hub.releases.table(reading, name, table),
            lambda answer: (release_csv_of(answer), f"release-{name}-{table}.csv"),
        )

    return routes
