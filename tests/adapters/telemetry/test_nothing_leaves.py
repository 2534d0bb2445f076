"""What telemetry is told of a whole journey: what was done, and nothing of what was in it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from adapters.telemetry.metrics import Metrics
from adapters.telemetry.tracing import Traces
from domain.canonical import JsonValue
from services.watching import WORKS, Work
from tests.fakes_outbox import Topics, outbox_of, told_all
from tests.http_rig import HttpRig
from tests.hub_rig import HAVERING, LEDGERS, open_rig
from tests.rig_publisher import AGREEMENT, PURPOSE

MARKER = "MARKER-of-a-fault"


class Told:
    """Metrics and traces of one hub, kept in memory."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self.exporter = InMemorySpanExporter()
        self.traces = Traces(self.exporter, "test")
        self.metrics = Metrics()

    @contextmanager
    def watch(self, work: Work, of: str, amount: int = 0) -> Iterator[None]:
        """Watch by both, as a process does."""
        with ExitStack() as watching:
            watching.enter_context(self.metrics.watch(work, of, amount))
            watching.enter_context(self.traces.watch(work, of, amount))
            yield

    def everything(self) -> str:
        """Give all that was exported, as text."""
        self.traces.close()
        spans = [json.loads(span.to_json()) for span in self.exporter.get_finished_spans()]
        return json.dumps(spans) + self.metrics.shown().decode()


@pytest.fixture
def told() -> Told:
    """Give what is told of one hub."""
    return Told()


def texts(value: JsonValue) -> Iterator[str]:
    """Give every text that a document holds, however deep."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def test_a_journey_leaves_no_payload(told: Told) -> None:
    """Of all that the hub does, telemetry has names of ledgers and views, and counts."""
    with open_rig() as rig:
        door = HttpRig(rig, watch=told.watch)
        raw = door.publisher.submission(door.publisher.event(), door.publisher.event())
        plain = door.plain_event()
        refused = door.publisher.submission(door.publisher.event(time="2031-01-01T00:00:00Z"))
        assert door.post(raw).status_code == 200
        assert door.post(json.dumps(plain).encode(), "application/cloudevents+json").status_code
        assert door.post(refused).status_code == 422
        door.project()
        answer = door.get("/v1/factors")
        assert answer.status_code == 200
        assert door.get("/v1/factors", year="MARKER").status_code == 422
        outbox = outbox_of(rig, Topics())
        outbox.watch = told.watch
        told_all(outbox)
    sent = [json.loads(raw), plain, json.loads(refused), answer.json()]
    held = told.everything()
    spans = {span.name for span in told.exporter.get_finished_spans()}
    assert spans == {f"bhr {work}" for work in WORKS}
    found = {text for document in sent for text in texts(document) if len(text) > 3}
    found |= {AGREEMENT, PURPOSE, HAVERING, "person-1", "MARKER"}
    assert len(found) > 60
    assert {text for text in found if text in held} <= {*LEDGERS, "factors"}


def test_spans_have_constant_names_and_attributes_alone(told: Told) -> None:
    """A span names the work, the ledger or view, a count, and of a fault its class."""
    with told.watch("commit", "havering", 7):
        pass
    with pytest.raises(ValueError, match=MARKER), told.watch("answer", "factors"):
        raise ValueError(MARKER)
    told.traces.close()
    shown = [
        (span.name, dict(span.attributes or {}), span.events, span.status.description)
        for span in told.exporter.get_finished_spans()
    ]
    assert shown == [
        ("bhr commit", {"bhr.of": "havering", "bhr.events": 7}, (), None),
        ("bhr answer", {"bhr.of": "factors", "bhr.fault": "ValueError"}, (), None),
    ]
    assert MARKER not in told.everything()


def test_work_is_measured(told: Told) -> None:
    """Durations by work, events by ledger, faults by class."""
    with told.watch("commit", "havering", 7):
        pass
    with pytest.raises(ValueError, match=MARKER), told.watch("publish", "havering"):
        raise ValueError(MARKER)
    shown = told.metrics.shown().decode()
    assert 'bhr_work_seconds_count{work="commit"} 1.0' in shown
    assert 'bhr_work_events_sum{of="havering",work="commit"} 7.0' in shown
    assert 'bhr_work_faults_total{fault="ValueError",work="publish"} 1.0' in shown
    told.traces.close()
