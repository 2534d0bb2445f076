"""No telemetry: the framework would hand paths, queries and exceptions to whatever it finds."""

from __future__ import annotations

from fastapi.telemetry import TelemetryConfig

SILENT: TelemetryConfig = {
    "auto_configure": False,
    "logs": False,
    "metrics": False,
    "operation_spans": False,
    "tracing": False,
}
