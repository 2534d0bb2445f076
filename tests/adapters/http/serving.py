"""The server that `bhr serve` runs, in a thread of the test, and raw connections to it."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from adapters.http.documents import Problem
from adapters.http.server import Address, configured
from domain.wire import SIGNED_TYPE
from tests.http_rig import HttpRig

HOST = "127.0.0.1"
MARKER = b"Marker-51fe"
"""What must be found nowhere but where it was sent."""
CLOSE, UPGRADE = b"connection: close", b"connection: upgrade, close"
PATIENCE_S = 30
"""How long a test waits for what it knows to come."""


class _Noticed(uvicorn.Server):
    """A server that tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @property
    def port(self) -> int:
        """Give the port that it was given."""
        found: int = self.servers[0].sockets[0].getsockname()[1]
        return found


@contextmanager
def serving(app: Callable[..., object], address: Address | None = None) -> Iterator[int]:
    """Serve an application, and give the port; whatever logging says is put back afterwards."""
    loggers = [logging.getLogger(name) for name in ("uvicorn", "uvicorn.error", "uvicorn.access")]
    before = [(one, one.level, one.propagate, one.handlers) for one in loggers]
    server = _Noticed(configured(app, address or Address(HOST, 0)))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert server.listening.wait(PATIENCE_S)
        yield server.port
    finally:
        server.should_exit = True
        thread.join()
        for one, level, propagate, handlers in before:
            one.level, one.propagate, one.handlers = level, propagate, handlers


@dataclass(frozen=True)
class Served:
    """A hub behind a real port."""

    door: HttpRig
    port: int

    def connected(self) -> socket.socket:
        """Give a raw connection."""
        return socket.create_connection((HOST, self.port), timeout=PATIENCE_S)

    def sent(self, *pieces: bytes, leave: bool = False) -> bytes:
        """Send bytes as they are, and give all that is answered until the hub closes.

        With `leave` the client says that nothing more will come; the hub closes upon that.
        """
        with self.connected() as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
                if leave:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                return everything(connection)  # closed before it was all sent
            return everything(connection)


def everything(connection: socket.socket) -> bytes:
    """Read until the other side closes, or breaks off."""
    pieces = []
    try:
        while piece := connection.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


def asking(served: Served, *lines: bytes) -> bytes:
    """Spell a request with the reader's token."""
    token = served.door.reading["authorization"].encode()
    head = [
        b"GET /v1/participants/havering/keys HTTP/1.1",
        b"host: hub",
        b"authorization: " + token,
    ]
    return b"\r\n".join([*head, *lines, b"", b""])


def answered(connection: socket.socket) -> tuple[int, bytes]:
    """Read one answer."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, response.read()


def problem_of(answer: bytes) -> str:
    """Give the type of the problem that an answer is."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 "), head[:40]
    assert b"content-type: application/problem+json" in head
    return Problem.model_validate_json(body).type


def submitting(served: Served, *lines: bytes) -> bytes:
    """Spell the head of a submission."""
    token = served.door.publishing["authorization"].encode()
    kind = b"content-type: " + SIGNED_TYPE.encode()
    head = [b"POST /v1/events HTTP/1.1", b"host: hub", b"authorization: " + token, kind]
    return b"\r\n".join([*head, *lines, b"", b""])
