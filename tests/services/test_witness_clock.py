"""Our clock beside the witnesses': ahead of all of them, nothing is appended."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from domain.errors import ClockJumped
from services.witness_clock import TOLERANCE_MS, WitnessTimes

NOON_S = 1_772_366_400
NOON_MS = NOON_S * 1000


@dataclass
class Rig:
    """A clock that nobody can set, and what is remembered by it."""

    passed_ms: int = 0
    times: WitnessTimes = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nobody heard."""
        self.times = WitnessTimes(lambda: self.passed_ms)


def test_unheard_nobody_is_behind() -> None:
    """Without a witness's word any clock is believed: others watch it too."""
    Rig().times.check(NOON_MS)


@pytest.mark.parametrize("ahead_ms", [0, TOLERANCE_MS])
def test_five_minutes_are_borne(ahead_ms: int) -> None:
    """Up to five minutes ahead of a witness, also when time has passed since it was heard."""
    rig = Rig()
    rig.times.heard("a", NOON_S)
    rig.times.check(NOON_MS + ahead_ms)
    rig.passed_ms += 3_600_000
    rig.times.check(NOON_MS + 3_600_000 + ahead_ms)


def test_more_than_five_minutes_stop_appending_until_the_clock_is_right() -> None:
    """Ahead of the witness by more, appending stops; when the clock is set back it goes on."""
    rig = Rig()
    rig.times.heard("a", NOON_S)
    with pytest.raises(ClockJumped, match="ahead of every witness"):
        rig.times.check(NOON_MS + TOLERANCE_MS + 1)
    rig.passed_ms += 60_000
    rig.times.check(NOON_MS + 60_000)


def test_one_witness_that_stands_still_stops_nobody() -> None:
    """With two that disagree, the later is believed: one alone that lies could stop the hub."""
    rig = Rig()
    rig.times.heard("still", NOON_S - 86_400)
    with pytest.raises(ClockJumped):
        rig.times.check(NOON_MS)
    rig.times.heard("right", NOON_S)
    rig.times.check(NOON_MS)
