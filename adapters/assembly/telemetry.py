"""What a process of the hub tells its operator's monitoring: metrics, traces, health, alarms."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from adapters.assembly.hub import Rooms
from adapters.assembly.identities import WallClock
from adapters.assembly.key_stores import key_server
from adapters.beside import going_on
from adapters.kafka_settings import configured_kafka
from adapters.settings import HubHome
from adapters.telemetry.bearer import read_bearer
from adapters.telemetry.metrics import Metrics
from adapters.telemetry.server import Answers, served
from adapters.telemetry.webhook import Webhook
from adapters.telemetry_settings import TelemetrySettings, telemetry_settings
from projections.feed_health import FEED_HEALTH
from services.alarms import Alarming, Teller
from services.intake_signs import IntakeSigns, samples
from services.views import FoldedLedger
from services.vital_signs import Examination, Sample, VitalSigns
from services.watching import Watch, Work


class Telemetry:
    """What one process tells. Its threads are those that `bears` was given."""

    def __init__(self, process: str, settings: TelemetrySettings, traced: Watch | None) -> None:
        """Tell as the settings say; `traced` makes traces of work."""
        self._process = process
        self.metrics = Metrics()
        self._settings = settings
        self._traced = traced
        self._threads: list[threading.Thread] = []
        self._signs: Callable[[], VitalSigns] | None = None
        self._intake: Callable[[], IntakeSigns] | None = None
        self._hindered: Callable[[], Sequence[str]] = tuple
        self._begun = False

    @contextmanager
    def watch(self, work: Work, of: str, amount: int = 0) -> Iterator[None]:
        """Watch a piece of work: `services.watching.Watch`."""
        with ExitStack() as watching:
            watching.enter_context(self.metrics.watch(work, of, amount))
            if self._traced is not None:
                watching.enter_context(self._traced(work, of, amount))
            yield

    def bears(self, thread: threading.Thread) -> threading.Thread:
        """Count a thread among those without which the process is not alive."""
        self._threads.append(thread)
        return thread

    def count_turned_away(self, counts: Callable[[], Mapping[str, int]]) -> None:
        """Tell how many callers were turned away."""
        self.metrics.count_turned_away(counts)

    def look_at_intake(self, signs: Callable[[], IntakeSigns]) -> None:
        """Tell how taking in goes on, by alarms too."""
        self.metrics.look_at_intake(signs)
        self._intake = signs

    @contextmanager
    def of_hub(self, home: HubHome, rooms: Rooms) -> Iterator[None]:
        """Tell of an open hub too, and send its alarms where they are to go."""
        self._signs = _examination(home, rooms).signs
        self.metrics.look_at(self._signs)
        self.begun()
        with ExitStack() as closing:
            if self._settings.alarms is not None:
                hook = Webhook(self._settings.alarms, self._settings.alarms_token)
                closing.callback(hook.close)
                now_ms = WallClock().now_ms
                teller = Teller(self._process, instance(self._settings.listen))
                alarming = Alarming(self._signs, hook.tell, now_ms, teller, self._of_intake)
                closing.enter_context(going_on(alarming.run, "alarms", self.bears))
            yield

    def hindered_by(self, hindrances: Callable[[], Sequence[str]]) -> None:
        """Tell of what else keeps this process from its work."""
        self._hindered = hindrances

    def begun(self) -> None:
        """Say that the process is at work: until then it is not ready."""
        self._begun = True

    def _of_intake(self) -> Iterable[Sample]:
        return () if self._intake is None else samples(self._intake())

    def answers(self) -> Answers:
        """Give what is answered to who asks."""
        return Answers(self._is_alive, self._hindrances, self.metrics.shown)

    def _is_alive(self) -> bool:
        return all(one.is_alive() for one in self._threads)

    def _hindrances(self) -> Sequence[str]:
        if not self._begun:
            return ("starting",)
        signs = () if self._signs is None else self._signs().hindrances
        return (*signs, *self._hindered())


def instance(listen: tuple[str, int] | None) -> str:
    """Name this process: by where it is asked, which stays after a restart, or else by its id."""
    own = f"#{os.getpid()}" if listen is None else f":{listen[1]}"
    return socket.gethostname() + own


@contextmanager
def telemetry(process: str) -> Iterator[Telemetry]:
    """Give what a process of this name tells, and answer where it is asked; raises HomeNotReady."""
    settings = telemetry_settings()
    with ExitStack() as closing:
        traced: Watch | None = None
        if settings.collector is not None:
            from adapters.telemetry.tracing import over_http  # noqa: PLC0415 - loaded by who has one

            traces = over_http(settings.collector, process)
            closing.callback(traces.close)
            traced = traces.watch
        found = Telemetry(process, settings, traced)
        if settings.listen is not None:
            token = None if settings.token is None else read_bearer(settings.token)
            closing.enter_context(served(settings.listen, found.answers(), token))
        yield found


def _examination(home: HubHome, rooms: Rooms) -> Examination:
    def folded(ledger: str) -> FoldedLedger | None:
        if rooms.generations.current() is None:
            return None
        return rooms.generations.live().folded(ledger, FEED_HEALTH.name)

    return Examination(
        ledgers=rooms.ledgers,
        guards=rooms.lookout.guards,
        folded=folded,
        clock=WallClock(),
        is_mirrored=home.mirror is not None or key_server(home) is not None,
        is_told=configured_kafka() is not None,
    )
