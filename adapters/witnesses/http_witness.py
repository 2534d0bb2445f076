"""A witness over HTTP, as `httpx2` asks it: ours, or any that speaks C2SP tlog-witness.

Every failure on the way is no answer. Redirects are not followed, answers are bounded, and nothing
is taken from the environment. There is nothing secret in what is asked; it goes over TLS all the
same, but to this machine.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import httpx2

from adapters.safe_address import safe_address
from domain.errors import Unavailable
from domain.signed_note import Note
from domain.witnessing import (
    ANSWER_BYTES_MAX,
    NOTE_TYPE,
    AddCheckpoint,
    Cosigned,
    HoldsSize,
    NoCosignature,
    origin_digest,
    read_answer,
)

TIMEOUT_S = 10.0
"""A checkpoint waits for nobody: a witness that is slow is asked again with the next one."""
_NOT_FOUND = 404
_OK = 200


class HttpWitness:
    """The `Witness` port. Safe between threads."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        """Ask at the address of a policy file; raises HomeNotReady for one that is no good."""
        self._base = safe_address(url, "a witness's")
        self._timeout_s = timeout_s
        self._client = httpx2.Client(
            trust_env=False, follow_redirects=False, timeout=httpx2.Timeout(timeout_s)
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ask(
        self, old: int, path: Sequence[bytes], note: Note
    ) -> Cosigned | HoldsSize | NoCosignature:
        """Ask to cosign a checkpoint; whatever goes wrong on the way is no answer."""
        request = AddCheckpoint(old, tuple(path), note).encode()
        return read_answer(*self._answer("POST", "/add-checkpoint", request))

    def latest(self, origin: str) -> bytes | None:
        """Give the last checkpoint that it cosigned; raises Unavailable when none is shown."""
        status, body = self._answer("GET", f"/{origin_digest(origin)}/checkpoint", b"")
        if status == _NOT_FOUND:
            return None
        if status != _OK:
            raise Unavailable("a witness")
        return body

    def _answer(self, method: str, path: str, content: bytes) -> tuple[int, bytes]:
        headers = {"accept-encoding": "identity"}  # what is bounded is what arrives
        if content:
            headers["content-type"] = NOTE_TYPE
        try:
            with self._client.stream(
                method, self._base + path, headers=headers, content=content or None
            ) as response:
                body = self._bounded(response)
                return (0, b"") if body is None else (response.status_code, body)
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL):
            return 0, b""

    def _bounded(self, response: httpx2.Response) -> bytes | None:
        """Read an answer as it came; None when it is too long, too slow or in a strange coding."""
        if response.headers.get("content-encoding", "identity") != "identity":
            return None
        body, end = bytearray(), time.monotonic() + self._timeout_s
        for piece in response.iter_raw():
            body += piece
            if len(body) > ANSWER_BYTES_MAX or time.monotonic() > end:
                return None
        return bytes(body)
