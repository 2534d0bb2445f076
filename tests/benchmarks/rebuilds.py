"""What a rebuild gains by a second core: the same ledgers, folded by one process and by two."""

from __future__ import annotations

import time
from pathlib import Path

from adapters.assembly.rebuilding import rebuild_views
from adapters.settings import hub_home
from tests.benchmarks.measuring import Line
from tests.benchmarks.stage import filled

BOROUGHS = ("barking-and-dagenham", "redbridge")
EVENTS = 8_000
"""Of each borough, so that starting a process weighs little."""
REBUILDS = {
    "rebuild": "two boroughs' ledgers folded anew beside the live views, by two processes of their "
    "own (each starts afresh and opens the hub) and by this one; nothing is switched.",
}


def rebuild_lines(folder: Path) -> tuple[Line, ...]:
    """Rebuild by one process and by two, in a folder of their own; µs an event, and the ratio."""
    passphrase = filled(folder, BOROUGHS, EVENTS)
    one, two = (_took(passphrase, processes) / (len(BOROUGHS) * EVENTS) for processes in (1, 2))
    name = "rebuild, 2 processes"
    return (Line(name, round(two, 1), "1 process", round(one, 1), round(two / one, 2)),)


def _took(passphrase: str, processes: int) -> float:
    began = time.perf_counter()
    rebuild_views(hub_home(), passphrase, processes=processes, keep=False, demo=True)
    return (time.perf_counter() - began) * 1e6
