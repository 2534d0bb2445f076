"""Health, readiness and metrics over HTTP, on a port of their own.

    /healthz    200 while the process and its work go on, else 503
    /readyz     200 while it can do its work, else 503 with constant words that say what hinders it
    /metrics    what is measured, for Prometheus

On this machine anybody may ask. An address that others can reach needs a bearer token, which all
but `/healthz` then ask for. Whoever asks is never logged.
"""

from __future__ import annotations

import hmac
import ipaddress
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from adapters.telemetry.metrics import CONTENT_TYPE
from domain.canonical import canonical
from domain.errors import HomeNotReady, HubError

_PATIENCE_S = 10
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answers:
    """What is answered."""

    is_alive: Callable[[], bool]
    hindrances: Callable[[], Sequence[str]]
    metrics: Callable[[], bytes]


@contextmanager
def served(listen: tuple[str, int], answers: Answers, token: str | None) -> Iterator[None]:
    """Answer in a thread until the end; raises HomeNotReady for an address that is not safe."""
    host, port = listen
    if token is None and not _is_this_machine(host):
        raise HomeNotReady("telemetry that others can reach needs BHR_TELEMETRY_TOKEN_FILE")
    try:
        server = _Server(listen, answers, token)
    except OSError:
        raise HomeNotReady(f"nothing can listen on {host}:{port} for telemetry") from None
    thread = threading.Thread(target=server.serve_forever, name="telemetry", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, listen: tuple[str, int], answers: Answers, token: str | None) -> None:
        self.answers = answers
        self.token = token
        super().__init__(listen, _Asked)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of somebody who went away."""


class _Asked(BaseHTTPRequestHandler):
    server: _Server
    timeout = _PATIENCE_S
    protocol_version = "HTTP/1.1"
    server_version = "bhr"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer."""
        if self.path == "/healthz":
            alive = self.server.answers.is_alive()
            self._answer(HTTPStatus.OK if alive else HTTPStatus.SERVICE_UNAVAILABLE, b"")
        elif not self._may_ask():
            self._answer(HTTPStatus.UNAUTHORIZED, b"")
        elif self.path == "/readyz":
            self._answer(*self._readiness())
        elif self.path == "/metrics":
            self._answer(HTTPStatus.OK, self.server.answers.metrics(), CONTENT_TYPE)
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"")

    def log_message(self, *_: object) -> None:
        """Log nothing: a path holds what somebody typed."""

    def _may_ask(self) -> bool:
        token = self.server.token
        if token is None:
            return True
        given = self.headers.get("authorization", "").encode("utf-8", "replace")
        return hmac.compare_digest(given, f"Bearer {token}".encode())

    def _readiness(self) -> tuple[HTTPStatus, bytes]:
        try:
            found = list(self.server.answers.hindrances())
        except HubError as fault:
            found = [type(fault).__name__]
        status = HTTPStatus.SERVICE_UNAVAILABLE if found else HTTPStatus.OK
        return status, canonical({"hindrances": list(found), "ready": not found})

    def _answer(self, status: HTTPStatus, body: bytes, kind: str = _JSON) -> None:
        self.send_response(status)
        self.send_header("cache-control", "no-store")
        self.send_header("content-length", str(len(body)))
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(body)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
