"""Addresses that this body speaks to: over TLS, or on this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from domain.errors import HomeNotReady


def safe_address(url: str, whose: str) -> str:
    """Give a base address without a slash at its end; `whose` names it in refusals.

    Raises HomeNotReady when what is said there would go over the open network, or when it is more
    than a host and a path.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        raise HomeNotReady(f"{whose} address is not an address") from None
    plain = parts.scheme == "http" and _is_this_machine(host)
    if not host or not port_is_valid or not (parts.scheme == "https" or plain):
        raise HomeNotReady(f"{whose} address must be https, or http on this machine")
    if parts.query or parts.fragment or parts.username is not None:
        raise HomeNotReady(f"{whose} address must be a host and a path alone")
    return url.rstrip("/")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
