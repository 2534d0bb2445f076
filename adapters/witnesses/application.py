"""A witness over HTTP (C2SP tlog-witness): one door to ask it, one to see what it last cosigned.

Nobody signs in: a checkpoint bears the log's signature, and what is shown is what the log knows.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import HubError, Unavailable
from domain.witnessing import NOTE_TYPE, REQUEST_BYTES_MAX
from services.witnessing import PLAIN_TYPE, Reply, Witnessing

BODY_S = 30.0
"""How long a request may take to arrive."""
RETRY_AFTER_S = 5
_DIGEST = re.compile(r"[0-9a-f]{64}")
log = logging.getLogger("bhr.witness")


def application(witness: Witnessing) -> ASGIApp:
    """Give the application over an open witness; what nobody foresaw is answered too."""

    async def add_checkpoint(request: Request) -> Response:
        raw = await _body(request)
        if raw is None:
            return _response(Reply(400))
        return _response(await run_in_threadpool(_added, witness, raw))

    async def latest(request: Request) -> Response:
        digest: str = request.path_params["digest"]
        return _response(await run_in_threadpool(_shown, witness, digest))

    return _LastResort(
        Starlette(
            routes=[
                Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
                Route("/{digest}/checkpoint", latest, methods=["GET"]),
            ]
        )
    )


def together(witnesses: Mapping[str, ASGIApp]) -> ASGIApp:
    """Give one application for several witnesses, each under a path of its own."""
    return Starlette(routes=[Mount(f"/{name}", one) for name, one in witnesses.items()])


def _added(witness: Witnessing, raw: bytes) -> Reply:
    try:
        return witness.add_checkpoint(raw)
    except Unavailable as error:
        log.error("not cosigned kind=%s", type(error).__name__)  # noqa: TRY400 - its text is not for a log
        return Reply(503)


def _shown(witness: Witnessing, digest: str) -> Reply:
    try:
        note = witness.latest(digest) if _DIGEST.fullmatch(digest) else None
    except Unavailable:
        return Reply(503)
    return Reply(404) if note is None else Reply(200, note, NOTE_TYPE)


async def _body(request: Request) -> bytes | None:
    """Give the body; None when it is too long, or does not come."""
    received = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in request.stream():
                received += piece
                if len(received) > REQUEST_BYTES_MAX:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return bytes(received)


def _response(reply: Reply) -> Response:
    headers = {"cache-control": "no-store", "content-type": reply.content_type}
    if reply.status == 503:  # noqa: PLR2004 - the one status that says when to come back
        headers["retry-after"] = str(RETRY_AFTER_S)
    return Response(reply.body, reply.status, headers)


class _LastResort:
    """Answers what nobody foresaw with a bare 500, and names its class alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watching(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watching)
        except (Exception, HubError) as error:  # noqa: BLE001 - its text may hold what was sent
            log.error("unforeseen kind=%s", type(error).__name__)  # noqa: TRY400 - the same
            if not started:
                await Response(b"", 500, media_type=PLAIN_TYPE)(scope, receive, send)
