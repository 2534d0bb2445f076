"""Running the HTTP application, on an address that is safe to run it on."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from domain.errors import HomeNotReady

KEEP_ALIVE_S = 30
STOPPING_S = 10


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


def run(app: Callable[..., object], address: Address) -> None:
    """Serve until stopped. No access log: a path or query may hold what a caller typed."""
    refuse_open_address(address)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app,
        host=address.host,
        port=address.port,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOPPING_S,
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
    )
    uvicorn.Server(config).run()
