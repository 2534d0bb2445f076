"""Everything that is measured, as Prometheus reads it: the one file that knows its client.

Names and labels are constant words, names of ledgers, views and sources, and classes of faults.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services import intake_signs
from services.intake_signs import IntakeSigns
from services.vital_signs import MEASURES, Sample, VitalSigns, samples
from services.watching import Work

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Signs = Callable[[], VitalSigns]
TurnedAway = Callable[[], Mapping[str, int]]
_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
_EVENTS = (1, 2, 5, 10, 50, 100, 500, 1_000, 2_000)


class Metrics:
    """What this process measured, and what it reads when it is asked. Safe between threads."""

    def __init__(self) -> None:
        """Begin with nothing; signs are read once `signs` is given."""
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "bhr_work_seconds",
            "How long pieces of work took",
            ["work"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._faults = Counter(
            "bhr_work_faults",
            "Pieces of work that ended in a refusal or fault, by its class",
            ["work", "fault"],
            registry=self.registry,
        )
        self._events = Histogram(
            "bhr_work_events",
            "How many events were committed or folded, or messages told, at a time",
            ["work", "of"],
            buckets=_EVENTS,
            registry=self.registry,
        )
        self._done = Gauge(
            "bhr_work_done_timestamp_seconds",
            "When such a piece of work was last done",
            ["work", "of"],
            registry=self.registry,
        )
        self._looking = _Looking()
        self.registry.register(self._looking)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def look_at(self, signs: Signs) -> None:
        """Read these signs whenever somebody asks."""
        self._looking.signs = signs

    def count_turned_away(self, turned_away: TurnedAway) -> None:
        """Tell how many callers were turned away."""
        self._looking.turned_away = turned_away

    def look_at_intake(self, signs: Callable[[], IntakeSigns]) -> None:
        """Read how taking in goes on whenever somebody asks."""
        self._looking.intake = signs

    @contextmanager
    def watch(self, work: Work, of: str, amount: int = 0) -> Iterator[None]:
        """Measure a piece of work."""
        begun = time.perf_counter()
        try:
            yield
        except Exception as fault:
            self._faults.labels(work, type(fault).__name__).inc()
            raise
        finally:
            self._seconds.labels(work).observe(time.perf_counter() - begun)
        if amount:
            self._events.labels(work, of).observe(amount)
            self._done.labels(work, of).set_to_current_time()

    def shown(self) -> bytes:
        """Give everything, as it is scraped."""
        return generate_latest(self.registry)


class _Looking(Collector):
    """Reads the hub's signs when it is scraped, one scrape at a time."""

    def __init__(self) -> None:
        self.signs: Signs | None = None
        self.turned_away: TurnedAway | None = None
        self.intake: Callable[[], IntakeSigns] | None = None
        self._lock = threading.Lock()

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if self.turned_away is not None:
                yield _turned_away(self.turned_away())
            if self.intake is not None:
                yield from _of_intake(self.intake())
            if self.signs is not None:
                yield from _of_hub(self.signs())

    def describe(self) -> Iterator[Metric]:
        """Tell nothing before somebody asks: nothing is read while this is registered."""
        return iter(())


def _turned_away(counts: Mapping[str, int]) -> Metric:
    found = CounterMetricFamily(
        "bhr_callers_turned_away", "Callers that were turned away", labels=["reason"]
    )
    for reason, count in counts.items():
        found.add_metric([reason], count)
    return found


def _of_intake(signs: IntakeSigns) -> Iterator[Metric]:
    counted: dict[str, CounterMetricFamily] = {}
    standing: dict[str, GaugeMetricFamily] = {}
    for one in intake_signs.samples(signs):
        if one.measure in intake_signs.COUNTED:
            said = intake_signs.COUNTED[one.measure]
            _add(counted, CounterMetricFamily, said, one)
        else:
            _add(standing, GaugeMetricFamily, intake_signs.STANDING[one.measure], one)
    yield from (*counted.values(), *standing.values())


def _of_hub(signs: VitalSigns) -> Iterator[Metric]:
    found: dict[str, GaugeMetricFamily] = {}
    for one in samples(signs):
        _add(found, GaugeMetricFamily, MEASURES[one.measure], one)
    yield from found.values()


Family = TypeVar("Family", CounterMetricFamily, GaugeMetricFamily)


def _add(found: dict[str, Family], family: type[Family], said: str, one: Sample) -> None:
    labels, values = [name for name, _ in one.of], [value for _, value in one.of]
    if one.measure not in found:
        found[one.measure] = family(one.measure, said, labels=labels)
    found[one.measure].add_metric(values, one.value)
