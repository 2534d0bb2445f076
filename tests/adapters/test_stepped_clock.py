"""The demonstration's clock steps for all who share it, and a leap of the machine's still stops."""

from __future__ import annotations

import datetime
import threading
from pathlib import Path

import pytest

from adapters.assembly import stepped_clock
from adapters.assembly.guarding import lookout_of
from adapters.assembly.ledgers import ledgers_of
from adapters.assembly.stepped_clock import SteppedClock
from adapters.ledger import clock_watch
from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_schema import create_ledger
from adapters.settings import HubHome
from domain.errors import ClockJumped, HomeNotReady

SUMMER = datetime.datetime(2021, 5, 20, 9, 30, tzinfo=datetime.UTC)
SUMMER_MS = int(SUMMER.timestamp() * 1000)
SOON_MS = 60_000


def test_a_step_is_seen_by_all_who_share_the_file(tmp_path: Path) -> None:
    """Two clocks over one file play at the same time, before a step and after it."""
    mine, theirs = SteppedClock(tmp_path / "clock"), SteppedClock(tmp_path / "clock")
    mine.step_to(SUMMER)
    assert 0 <= theirs.now_ms() - SUMMER_MS < SOON_MS
    theirs.step_home()
    now_ms = datetime.datetime.now(datetime.UTC).timestamp() * 1000
    assert abs(mine.now_ms() - now_ms) < SOON_MS


def test_a_step_is_no_jump_and_a_leap_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger that plays by this clock takes each step, and stops when the machine's leaps."""
    create_ledger(tmp_path / "one.sqlite", "one", origin="demo")
    clock = SteppedClock(tmp_path / "clock")
    clock.step_to(SUMMER)
    ledger = SqliteLedger(tmp_path / "one.sqlite", "one", origin="demo", watch=clock.watch())
    try:
        for year in range(5):
            clock.step_to(SUMMER.replace(year=SUMMER.year + year))
            assert ledger.append([], now_ms=clock.now_ms(), fences=0) == []
        leapt = clock_watch.wall_ms() + 3_600_000
        monkeypatch.setattr(stepped_clock, "wall_ms", lambda: leapt)
        with pytest.raises(ClockJumped):
            ledger.append([], now_ms=clock.now_ms(), fences=0)
    finally:
        ledger.close()


def test_a_step_is_no_leap_for_who_hears_witnesses(tmp_path: Path) -> None:
    """Witnesses on this clock step with the hub; one that stays behind the hub still stops it."""
    clock = SteppedClock(tmp_path / "clock")
    clock.step_to(SUMMER)
    times = lookout_of(HubHome(tmp_path), {}, lambda _: 0, clock).times
    times.heard("one", clock.now_ms() // 1000)
    clock.step_to(SUMMER.replace(year=SUMMER.year + 1))
    times.check(clock.now_ms())
    with pytest.raises(ClockJumped):
        times.check(clock.now_ms() + 3_600_000)


def test_nobody_steps_while_it_is_steady(tmp_path: Path) -> None:
    """A step waits until a round that another process began is done."""
    mine, theirs = SteppedClock(tmp_path / "clock"), SteppedClock(tmp_path / "clock")
    stepping = threading.Thread(target=theirs.step_to, args=(SUMMER,))
    with mine.steady():
        before_ms = mine.now_ms()
        stepping.start()
        stepping.join(timeout=0.2)
        assert stepping.is_alive()
        assert mine.now_ms() - before_ms < SOON_MS
        assert mine.now_ms() >= before_ms
    stepping.join(timeout=10)
    assert 0 <= mine.now_ms() - SUMMER_MS < SOON_MS


def test_no_real_ledger_is_opened_with_it(tmp_path: Path) -> None:
    """A home that is no demonstration's does not take a stepped clock."""
    home = HubHome(tmp_path)
    home.ledgers.mkdir()
    create_ledger(home.ledger("bhr"), "bhr", origin="hub")
    with (
        pytest.raises(HomeNotReady, match="demonstration"),
        ledgers_of(home, clock=SteppedClock(tmp_path / "clock")),
    ):
        pass
    with ledgers_of(home) as ledgers:
        assert set(ledgers) == {"bhr"}
