"""The borough's door to the hub over HTTP, as `httpx2` has it.

Every failure of the network becomes an answer with status 0; redirects are not followed (a token
must not travel on), answers are bounded, and a token goes over plain HTTP to this machine alone.
"""

from __future__ import annotations

import gzip
import os
import re
import ssl
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

from adapters.safe_address import safe_address
from domain.errors import HomeNotReady
from domain.wire import SIGNED_TYPE
from services.hub_door import HubAnswer

GZIP_ABOVE_BYTES = 8 * 1024
ANSWER_BYTES_MAX = 8 * 1024 * 1024
_TIMEOUT_S = 60.0
_CONNECT_TIMEOUT_S = 10.0
_TOKEN_BYTES_MAX = 16 * 1024
_RETRY_AFTER_DIGITS_MAX = 6
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_NO_ANSWER = HubAnswer(0, b"")


@dataclass(frozen=True, slots=True)
class HubAddress:
    """Where the hub is: its base address, and where its certificate and a way to it are special.

    `authorities` is a file of certificates to believe in place of the machine's own; `proxy` an
    address to go through. Nothing is taken from the environment.
    """

    url: str
    authorities: Path | None = None
    proxy: str | None = None


class HttpHub:
    """The `PostingDoor` port. Safe between threads."""

    def __init__(self, address: HubAddress, token: Path) -> None:
        """Speak to a hub with the bearer token of a file, read anew each time.

        Raises HomeNotReady for an address that is no good or would show the token to others.
        """
        self._base = safe_address(address.url, "the hub's")
        self._token = token
        verify: ssl.SSLContext | bool = True
        if address.authorities is not None:
            try:
                verify = ssl.create_default_context(cafile=str(address.authorities))
            except OSError:
                raise HomeNotReady(f"{address.authorities}: no certificates to be read") from None
        self._client = httpx2.Client(
            verify=verify,
            proxy=address.proxy,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Post one submission's bytes; raises HomeNotReady when there is no token to be read."""
        headers = {"content-type": SIGNED_TYPE}
        if len(document) > GZIP_ABOVE_BYTES:
            document = gzip.compress(document, compresslevel=1, mtime=0)
            headers["content-encoding"] = "gzip"
        query = [("atomic", "true")] if atomic else []
        return self._answer(self._request("POST", "/v1/events", query, headers, document))

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> HubAnswer:
        """Get a document; `path` begins with `/v1/`. Raises HomeNotReady as `submit` does."""
        return self._answer(self._request("GET", path, query, {}, b""))

    def post(self, path: str, document: bytes) -> HubAnswer:
        """Post a JSON document; `path` begins with `/v1/`. Raises HomeNotReady as `submit` does."""
        headers = {"content-type": "application/json"}
        return self._answer(self._request("POST", path, (), headers, document))

    def _request(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        headers: Mapping[str, str],
        content: bytes,
    ) -> httpx2.Request:
        return self._client.build_request(
            method,
            self._base + path,
            params=list(query),
            headers={
                "accept-encoding": "identity",  # what is bounded is what arrives
                "authorization": f"Bearer {_token(self._token)}",
                **headers,
            },
            content=content or None,
        )

    def _answer(self, request: httpx2.Request) -> HubAnswer:
        try:
            response = self._client.send(request, stream=True)
            try:
                body = _bounded(response)
            finally:
                response.close()
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL):
            return _NO_ANSWER
        if body is None:
            return _NO_ANSWER
        return HubAnswer(response.status_code, body, _retry_after(response))


def _bounded(response: httpx2.Response) -> bytes | None:
    """Read an answer as it came; None when it is too long or in a coding nobody asked for."""
    if response.headers.get("content-encoding", "identity") != "identity":
        return None
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_raw():
        size += len(piece)
        if size > ANSWER_BYTES_MAX:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _retry_after(response: httpx2.Response) -> int | None:
    """Give the seconds of `Retry-After`; its other form, a date, is not for clocks that differ."""
    text: str = response.headers.get("retry-after", "")
    plain = text.isascii() and text.isdigit() and len(text) <= _RETRY_AFTER_DIGITS_MAX
    return int(text) if plain else None


def _token(path: Path) -> str:
    """Read the token; nobody else may be able to."""
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise HomeNotReady(f"{path}: others may read the token; chmod 600 it")
            text = file.read(_TOKEN_BYTES_MAX + 1).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise HomeNotReady(f"{path}: no token to be read; ask for one, or `bhr token`") from None
    if not _TOKEN.fullmatch(text) or len(text) > _TOKEN_BYTES_MAX:
        raise HomeNotReady(f"{path}: not a bearer token")
    return text
