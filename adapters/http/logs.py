"""Ledgers as logs, in formats that verifiers written elsewhere read; and receipts.

Paths and bytes are those of tlog-tiles: whoever checks them needs nothing of ours but a token.
"""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from adapters.http.callers import caller_of, known_caller
from adapters.http.described import CHECKPOINT, ENTRIES, RECEIPT, TILE
from adapters.http.parameters import EventOf, LedgerOf, Nothing, given_once
from domain.errors import NotFound
from domain.tiles import LEVEL_MAX, read_place
from services.hub import Hub

NOTE_TYPE = "text/plain; charset=utf-8"
TILE_TYPE = "application/octet-stream"
_FOR_EVER = "private, max-age=31536000, immutable"
_SECONDS = "private, max-age=1"

Level = Annotated[
    str, Path(description="the level of the tile, 0 for the leaves", pattern=r"^[0-9]{1,2}$")
]
Place = Annotated[
    str,
    Path(
        description="the number of the tile, as tlog-tiles spells it: `x001/x234/067.p/5`",
        pattern=r"^(x[0-9]{3}/)*[0-9]{3}(\.p/[1-9][0-9]{0,2})?$",
    ),
]
Size = Annotated[str, Path(description="a size", pattern=r"^[1-9][0-9]{0,15}$")]


def router(hub: Hub) -> APIRouter:
    """Give the routes of the logs and of receipts."""
    doorkeepers = [Depends(known_caller(hub.identity)), Depends(given_once)]
    routes = APIRouter(tags=["proof"], dependencies=doorkeepers, default_response_class=Response)
    _checkpoint_routes(routes, hub)
    _tile_routes(routes, hub)

    @routes.get("/v1/receipts/{event}", summary="Proof that an event stands", responses=RECEIPT)
    def receipt(request: Request, event: EventOf, _: Annotated[Nothing, Query()]) -> Response:
        """Give a `tlog-proof` under a published checkpoint, with what was signed of the event."""
        found = hub.receipts.receipt(uuid.UUID(event), caller_of(request))
        return Response(found.canonical(), 200, {"cache-control": "no-store"}, "application/json")

    return routes


def _checkpoint_routes(routes: APIRouter, hub: Hub) -> None:
    @routes.get(
        "/ledgers/{ledger}/checkpoint", summary="The latest checkpoint", responses=CHECKPOINT
    )
    def checkpoint(ledger: LedgerOf, _: Annotated[Nothing, Query()]) -> Response:
        """Give the latest published checkpoint, with its cosignatures."""
        return _note(hub.logs.checkpoint(ledger), _SECONDS)

    @routes.get(
        "/ledgers/{ledger}/checkpoints/sizes", summary="Which there are", responses=CHECKPOINT
    )
    def sizes(ledger: LedgerOf, _: Annotated[Nothing, Query()]) -> Response:
        """Give every size that was signed, ascending, one a line."""
        return _note(hub.logs.sizes(ledger), _SECONDS)

    @routes.get(
        "/ledgers/{ledger}/checkpoints/{size}", summary="An older one", responses=CHECKPOINT
    )
    def checkpoint_of(ledger: LedgerOf, size: Size, _: Annotated[Nothing, Query()]) -> Response:
        """Give the checkpoint of one size: every one that was signed is kept."""
        return _note(hub.logs.checkpoint_of(ledger, int(size)), _SECONDS)


def _tile_routes(routes: APIRouter, hub: Hub) -> None:
    # Before the tiles of hashes: `entries` is no level.
    @routes.get("/ledgers/{ledger}/tile/entries/{place:path}", summary="Entries", responses=ENTRIES)
    def entries(
        request: Request, ledger: LedgerOf, place: Place, _: Annotated[Nothing, Query()]
    ) -> Response:
        """Give the entries under a tile of level 0; that they were fetched is recorded."""
        found = hub.logs.entries(caller_of(request), ledger, *_place(place))
        return _tile(found)

    @routes.get(
        "/ledgers/{ledger}/tile/{level}/{place:path}", summary="A tile of hashes", responses=TILE
    )
    def tile(
        ledger: LedgerOf, level: Level, place: Place, _: Annotated[Nothing, Query()]
    ) -> Response:
        """Give the hashes of a tile, 32 bytes each; `.p/5` for the first five of them."""
        if int(level) > LEVEL_MAX or str(int(level)) != level:
            raise NotFound("tile")
        return _tile(hub.logs.tile(ledger, int(level), *_place(place)))


def _place(text: str) -> tuple[int, int]:
    found = read_place(text)
    if found is None:
        raise NotFound("tile")
    return found


def _note(note: bytes, keep: str) -> Response:
    return Response(note, 200, {"cache-control": keep}, NOTE_TYPE)


def _tile(found: bytes) -> Response:
    return Response(found, 200, {"cache-control": _FOR_EVER}, TILE_TYPE)
