"""Traces of the hub's work, by OpenTelemetry: the one file that knows it, and only if configured.

Spans are made by hand, by `services.watching`: a constant name, the name of a ledger or view, a
count, and of a fault its class. No exception's text is recorded, and no caller's trace is taken
over. What else the exporter needs (headers, certificates) it reads from the variables of its own
that OpenTelemetry names; that an export failed it does not tell the log, in words of others.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanKind, Status, StatusCode

from adapters.safe_address import safe_address
from services.watching import Work

OF = "bhr.of"
EVENTS = "bhr.events"
FAULT = "bhr.fault"
_TIMEOUT_S = 5
logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)


class Traces:
    """Spans that go to an exporter in batches, in a thread of their own."""

    def __init__(self, exporter: SpanExporter, process: str) -> None:
        """Export as a process of this name."""
        self._provider = TracerProvider(
            resource=Resource({"service.name": f"bhr-{process}"}),
            sampler=ALWAYS_ON,
            shutdown_on_exit=False,
            span_limits=SpanLimits(),
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("bhr")

    @contextmanager
    def watch(self, work: Work, of: str, amount: int = 0) -> Iterator[None]:
        """Trace a piece of work."""
        attributes: dict[str, str | int] = {OF: of, EVENTS: amount} if amount else {OF: of}
        with self._tracer.start_as_current_span(
            f"bhr {work}",
            kind=SpanKind.INTERNAL,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except Exception as fault:
                span.set_attribute(FAULT, type(fault).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    def close(self) -> None:
        """Export what is left, and stop."""
        self._provider.shutdown()


def over_http(collector: str, process: str) -> Traces:
    """Export to a collector by OTLP over HTTP; raises HomeNotReady for an address that is not safe.

    Its address is that of the collector, without `/v1/traces`.
    """
    address = safe_address(collector, "the trace collector's")
    return Traces(OTLPSpanExporter(endpoint=f"{address}/v1/traces", timeout=_TIMEOUT_S), process)
