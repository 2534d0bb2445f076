"""A consumer that lost its place in the group is noticed; one that keeps it is let alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from adapters.kafka import pulse
from adapters.kafka.pulse import SILENT_S, Pulse
from domain.errors import Unavailable

APART_S = 1_790_000_000.0
"""How much further the one clock of the library is than the other."""


@dataclass
class Beating:
    """A consumer by its heartbeats alone, and the clocks that it is looked at by."""

    now: float = 100.0
    sent: float = -math.inf

    def metrics(self) -> dict[str, dict[str, float]]:
        """Give what the library gives: the difference of two clocks."""
        ago = APART_S + self.now - self.sent
        return {"consumer-coordinator-metrics": {"last-heartbeat-seconds-ago": ago}}

    def passes(self, watch: Pulse, seconds: float, *, beats: bool) -> None:
        """Let time go by, second by second, and look at each."""
        for _ in range(int(seconds)):
            self.now += 1
            if beats:
                self.sent = self.now
            watch.check()


@pytest.fixture
def beating(monkeypatch: pytest.MonkeyPatch) -> Beating:
    """Give a consumer that has joined nothing."""
    found = Beating()
    clocks = SimpleNamespace(monotonic=lambda: found.now, time=lambda: APART_S + found.now)
    monkeypatch.setattr(pulse, "time", clocks)
    return found


def test_who_beats_is_let_alone(beating: Beating) -> None:
    """For any length of time, also after a while of silence."""
    watch = Pulse(beating)
    for _ in range(3):
        beating.passes(watch, 10 * SILENT_S, beats=True)
        beating.passes(watch, SILENT_S, beats=False)


@pytest.mark.parametrize("beats", [5, 0])
def test_who_falls_silent_is_noticed(beating: Beating, beats: int) -> None:
    """Whether it had joined or never did."""
    watch = Pulse(beating)
    beating.passes(watch, beats, beats=True)
    beating.passes(watch, SILENT_S, beats=False)
    with pytest.raises(Unavailable):
        beating.passes(watch, 2, beats=False)
