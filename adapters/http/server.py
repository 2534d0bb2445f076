"""Running the HTTP application, on an address that is safe to run it on."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from domain.errors import HomeNotReady

HEAD_BYTES_MAX = 16 * 1024
"""Of a request's first line and headers; the longest token takes a quarter of it."""
HEAD_S = 30
"""How long a connection may take to say what it wants, from its start or its last answer on."""
STOPPING_S = 10
NOISE = (
    b'{"status": 400, "title": "The request cannot be read", "type": "urn:bhr:problem:not-http"}'
)
_NOISE_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\ncache-control: no-store\r\nconnection: close\r\n"
    b"content-length: %d\r\ncontent-type: application/problem+json\r\n\r\n%b"
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and what protects the way there."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: str | None = None
    """The name of a proxy that terminates TLS in front of the hub; who names it vouches for it."""


def refuse_open_address(address: Address) -> None:
    """Refuse to listen beyond this machine without TLS or a named proxy; raises HomeNotReady."""
    if (address.certificate is None) != (address.key is None):
        raise HomeNotReady("TLS takes both a certificate and its key")
    if address.certificate is not None or address.behind_proxy:
        return
    if address.host != "localhost" and not _is_loopback(address.host):
        raise HomeNotReady(
            "this address can be reached from other machines: give --tls CERTIFICATE KEY, "
            "or name the proxy that terminates TLS with --behind-proxy"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class WithoutText(logging.Filter):
    """Drops the exception from a record of somebody else's: its text may hold what was sent."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, and of its exception the class alone."""
        if record.exc_info and record.exc_info[0]:
            record.msg = f"fault of the server kind={record.exc_info[0].__name__}"
            record.args = None
        record.exc_info = record.exc_text = record.stack_info = None
        return True


class Connection(H11Protocol):
    """The server's connection, with a bound on how long a request's head may take.

    Without it a client that sends a byte now and then keeps its connection for ever. What is no
    HTTP is answered with a problem, as every refusal is.
    """

    cycle: RequestResponseCycle | None  # type: ignore[assignment]  # none before the first request
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server's own
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._wait_no_more()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Stop waiting once a head is there; a head that comes in pieces gets no more time."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait_no_more()

    def on_response_complete(self) -> None:
        """Wait for the next head. The rest of a body that nobody reads has this time too."""
        self._wait()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the server's words, not ours
        """Answer what is no HTTP, unless an answer to an earlier request is on its way."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(_NOISE_ANSWER % (len(NOISE), NOISE))
        self.transport.close()

    def _wait(self) -> None:
        self._wait_no_more()
        self._waiting = self.loop.call_later(HEAD_S, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


def configured(app: Callable[..., object], address: Address) -> uvicorn.Config:
    """Give the server's settings; raises HomeNotReady for an address that is not safe to listen on.

    No access log: a path or query may hold what a caller typed. No WebSockets, no forwarded
    addresses, nothing taken from the environment.
    """
    refuse_open_address(address)
    config = uvicorn.Config(
        app,
        host=address.host,
        port=address.port,
        access_log=False,
        forwarded_allow_ips=[],
        h11_max_incomplete_event_size=HEAD_BYTES_MAX,
        http=Connection,
        lifespan="off",
        log_level="warning",
        loop="asyncio",
        proxy_headers=False,
        server_header=False,
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
        timeout_graceful_shutdown=STOPPING_S,
        timeout_keep_alive=HEAD_S,
        workers=1,
        ws="none",
    )
    for name in ("asyncio", "uvicorn.error"):
        logger = logging.getLogger(name)
        if not any(isinstance(one, WithoutText) for one in logger.filters):
            logger.addFilter(WithoutText())
    try:
        config.load()
    except OSError:  # a file that is not there, or that TLS makes nothing of
        raise HomeNotReady("the TLS certificate or its key cannot be read") from None
    return config


def run(app: Callable[..., object], address: Address) -> None:
    """Serve until stopped; raises HomeNotReady before anything listens."""
    uvicorn.Server(configured(app, address)).run()
