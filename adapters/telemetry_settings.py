"""Settings of what a process tells its operator's monitoring; nothing is told where none is set."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from domain.errors import HomeNotReady

ALARMS_VARIABLE = "BHR_ALARMS"
ALARMS_TOKEN_VARIABLE = "BHR_ALARMS_TOKEN_FILE"  # noqa: S105 - the name of a variable
TELEMETRY_VARIABLE = "BHR_TELEMETRY"
TELEMETRY_TOKEN_VARIABLE = "BHR_TELEMETRY_TOKEN_FILE"  # noqa: S105 - the name of a variable
TRACES_VARIABLE = "BHR_TRACES"
_PORT_MAX = 65_535


@dataclass(frozen=True, slots=True)
class TelemetrySettings:
    """What of it is configured."""

    listen: tuple[str, int] | None
    """Where health, readiness and metrics are asked for."""
    token: Path | None
    """The file with the bearer token that metrics then ask for."""
    collector: str | None
    """The address that traces go to by OTLP over HTTP."""
    alarms: str | None
    """The address that alarms are sent to."""
    alarms_token: Path | None


def telemetry_settings() -> TelemetrySettings:
    """Read them; raises HomeNotReady for an address that is none."""
    return TelemetrySettings(
        listen=_address(os.environ.get(TELEMETRY_VARIABLE)),
        token=_path(os.environ.get(TELEMETRY_TOKEN_VARIABLE)),
        collector=os.environ.get(TRACES_VARIABLE) or None,
        alarms=os.environ.get(ALARMS_VARIABLE) or None,
        alarms_token=_path(os.environ.get(ALARMS_TOKEN_VARIABLE)),
    )


def _path(given: str | None) -> Path | None:
    return Path(given) if given else None


def _address(given: str | None) -> tuple[str, int] | None:
    if not given:
        return None
    host, _, port = given.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) <= _PORT_MAX:
        raise HomeNotReady(f"{TELEMETRY_VARIABLE} is an address and a port, such as 127.0.0.1:9464")
    return host.strip("[]"), int(port)
