"""What a rebuild gains by a second core: the same ledgers, folded by one process and by two.

Beside it stands what the machine itself gives: two processes that share nothing, on cores that may
share one processor's units, are seldom twice as fast as one.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from pathlib import Path

from adapters.assembly.rebuilding import rebuild_views
from adapters.settings import hub_home
from tests.benchmarks.measuring import Line
from tests.benchmarks.stage import filled

BOROUGHS = ("barking-and-dagenham", "redbridge")
EVENTS = 18_000
"""Of each borough, so that starting a process weighs little: a rebuild in earnest has more."""
REBUILDS = {
    "rebuild": "two boroughs' ledgers folded anew beside the live views, by two processes of their "
    "own (each starts afresh and opens the hub) and by this one; nothing is switched.",
    "bare spelling": "JSON spelled over and over by two processes that share nothing, and by one: "
    "no work of two processes here is faster beside one than this, whatever the program.",
}
_SPELLINGS = 200_000
_SPELT = {"facts": {"date": "2023-03-31", "factors": ["1A", "2B", "3C"]}, "sequence": 12345}
_FRESH = multiprocessing.get_context("spawn")


def rebuild_lines(folder: Path) -> tuple[Line, ...]:
    """Rebuild by one process and by two, in a folder of their own; µs an event, and the ratio."""
    passphrase = filled(folder, BOROUGHS, EVENTS)
    one, two = (_took(passphrase, processes) / (len(BOROUGHS) * EVENTS) for processes in (1, 2))
    alone, beside = (_spelt(processes) for processes in (1, 2))
    return (
        _line("rebuild, 2 processes", two, one),
        _line("bare spelling, 2 processes", beside, alone),
    )


def _line(name: str, two: float, one: float) -> Line:
    return Line(name, round(two, 2), "1 process", round(one, 2), round(two / one, 2))


def _spelt(processes: int) -> float:
    """Spell the same twice over, by so many processes that run already; µs a spelling."""
    with _FRESH.Pool(processes) as pool:
        pool.map(_spell, [1] * processes, chunksize=1)
        began = time.perf_counter()
        pool.map(_spell, [_SPELLINGS] * 2, chunksize=1)
        return (time.perf_counter() - began) / (2 * _SPELLINGS) * 1e6


def _spell(times: int) -> None:
    for _ in range(times):
        json.dumps(_SPELT, sort_keys=True)


def _took(passphrase: str, processes: int) -> float:
    began = time.perf_counter()
    rebuild_views(hub_home(), passphrase, processes=processes, keep=False, demo=True)
    return (time.perf_counter() - began) * 1e6
