"""Reading a request's body: bounded before and after decompression, bomb or not."""

from __future__ import annotations

import zlib

from fastapi import Request

from domain.errors import Fault, SubmissionRefused
from domain.wire import BATCH_BYTES_MAX

_GZIP_WINDOW = 31
"""zlib's way of saying: gzip alone, with its largest window."""


class UnknownCoding(Exception):
    """A content coding other than gzip or none."""


async def body_of(request: Request) -> bytes:
    """Give the decoded body.

    Raises SubmissionRefused `too-large` as soon as a bound is passed, `not-gzip` for a stream that
    is broken, cut short or followed by anything; UnknownCoding.
    """
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip"}:
        raise UnknownCoding
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > BATCH_BYTES_MAX:
            raise _refused("too-large")
        pieces.append(piece)
    raw = b"".join(pieces)
    return _gunzip(raw) if coding == "gzip" else raw


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
