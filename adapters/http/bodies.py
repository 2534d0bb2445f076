"""Reading a request's body: of a type we take, bounded in time and size, bomb or not."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Set as AbstractSet

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from domain.errors import Fault, SubmissionRefused
from domain.wire import BATCH_BYTES_MAX, SIGNED_TYPE

ONE_TYPE = "application/cloudevents+json"
BATCH_TYPE = "application/cloudevents-batch+json"
JSON_TYPE = "application/json"
TAKEN = frozenset({SIGNED_TYPE, ONE_TYPE, BATCH_TYPE})
BODY_S = 120.0
"""How long a whole body may take to arrive: 5 MiB over a line of 350 kbit/s."""

_GZIP_WINDOW = 31
"""zlib's way of saying: gzip alone, with its largest window."""
_UTF_8 = frozenset({"", "charset=utf-8", 'charset="utf-8"'})


class NotTaken(Exception):
    """A content type or coding that is not taken here; `what` names which header says so."""

    def __init__(self, what: str) -> None:
        """Keep the header's name."""
        super().__init__(what)
        self.what = what


class TooSlow(Exception):
    """A body that stalls."""


def content_type(request: Request, taken: AbstractSet[str] = TAKEN) -> str:
    """Give the body's type, without its parameters; raises NotTaken.

    JSON is UTF-8; who says another charset is refused rather than read as what it is not.
    """
    sent = request.headers.getlist("content-type")
    kind, _, parameters = sent[0].lower().partition(";") if len(sent) == 1 else ("", "", "")
    if kind.strip() not in taken or parameters.strip() not in _UTF_8:
        raise NotTaken("content-type")
    return kind.strip()


async def body_of(request: Request) -> bytes:
    """Give the decoded body.

    Raises SubmissionRefused `too-large` as soon as a bound is passed, `not-gzip` for a stream that
    is broken, cut short or followed by anything; NotTaken for another coding; TooSlow.
    """
    coding = ",".join(request.headers.getlist("content-encoding")).strip().lower()
    if coding not in {"", "identity", "gzip"}:
        raise NotTaken("content-encoding")
    try:
        async with asyncio.timeout(BODY_S):
            raw = await _received(request)
    except TimeoutError:
        raise TooSlow from None
    return await run_in_threadpool(_gunzip, raw) if coding == "gzip" else raw


async def _received(request: Request) -> bytes:
    received = bytearray()
    async for piece in request.stream():
        received += piece
        if len(received) > BATCH_BYTES_MAX:
            raise _refused("too-large")
    return bytes(received)


def _gunzip(raw: bytes) -> bytes:
    unpacking = zlib.decompressobj(_GZIP_WINDOW)
    try:
        plain = unpacking.decompress(raw, BATCH_BYTES_MAX + 1)
    except zlib.error:
        raise _refused("not-gzip") from None
    if len(plain) > BATCH_BYTES_MAX:
        raise _refused("too-large")
    if not unpacking.eof or unpacking.unused_data:
        raise _refused("not-gzip")
    return plain


def _refused(code: str) -> SubmissionRefused:
    return SubmissionRefused((Fault(-1, "", code),))
