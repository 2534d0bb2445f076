"""`bhr health`: ask a process of this machine how it is, for whoever restarts it."""

from __future__ import annotations

import http.client

import typer

from adapters.telemetry_settings import TELEMETRY_VARIABLE, telemetry_settings
from domain.errors import HomeNotReady

PATIENCE_S = 5.0
_OK = 200


def health() -> None:
    """Ask where `BHR_TELEMETRY` says; status 1 where the process or its work does not go on."""
    listen = telemetry_settings().listen
    if listen is None:
        raise HomeNotReady(f"nobody is asked: set {TELEMETRY_VARIABLE}")
    connection = http.client.HTTPConnection(*listen, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        status = 0
    finally:
        connection.close()
    typer.echo("well" if status == _OK else "not well")
    if status != _OK:
        raise typer.Exit(1)
