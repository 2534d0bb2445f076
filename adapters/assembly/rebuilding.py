"""Rebuilding a hub's views on as many cores as there are: a process for each ledger at a time."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial

from adapters.assembly.hub import Rooms, open_hub
from adapters.settings import HubHome
from domain.errors import HubError, Unavailable
from services.rebuilding import Compared, Report, rebuild, rebuild_ledger

# Each process starts afresh: one forked from here would share open files and locks.
_FRESH = multiprocessing.get_context("spawn")

Apart = Callable[[str, str], Compared | str]
"""Rebuilds one ledger of a generation in a process of its own."""


def rebuild_views(
    home: HubHome,
    passphrase: str,
    *,
    processes: int | None = None,
    keep: bool = True,
    demo: bool = False,
) -> Report:
    """Rebuild every ledger's views; `processes` is one a core unless it is said."""
    with open_hub(home, passphrase, demo=demo) as rooms:
        apart = partial(_apart, home, passphrase, demo=demo)
        return _rebuilt(rooms, apart, processes or os.cpu_count() or 1, keep=keep)


def redriven(home: HubHome, passphrase: str, *, dry_run: bool) -> Report:
    """Fold what is parked again by rebuilding, and record what became of each stream.

    Nothing is rebuilt where nothing is parked.
    """
    with open_hub(home, passphrase) as rooms:
        live = rooms.generations.live()
        if not any(live.folded(ledger).parked for ledger in rooms.ledgers):
            return Report("", ())
        apart = partial(_apart, home, passphrase, demo=False)
        report = _rebuilt(rooms, apart, os.cpu_count() or 1, keep=not dry_run)
        rooms.redriving.record(report, dry_run=dry_run)
    return report


def _rebuilt(rooms: Rooms, apart: Apart, processes: int, *, keep: bool) -> Report:
    # The longest first: it decides when all are done.
    longest = sorted(rooms.ledgers, key=lambda name: -rooms.ledgers[name].head().size)
    most = min(processes, len(longest))
    run = partial(_here, rooms) if most == 1 else partial(_in_processes, apart, most)
    return rebuild(longest, rooms.generations, run, keep=keep)


def _here(rooms: Rooms, name: str, ledgers: Sequence[str]) -> Iterator[Compared]:
    for ledger in ledgers:
        yield _one(rooms, name, ledger)


def _one(rooms: Rooms, name: str, ledger: str) -> Compared:
    return rebuild_ledger(ledger, rooms.ledgers[ledger], rooms.rules, rooms.generations, name)


def _in_processes(apart: Apart, most: int, name: str, ledgers: Sequence[str]) -> Iterator[Compared]:
    with ProcessPoolExecutor(most, mp_context=_FRESH) as pool:
        running = [pool.submit(apart, name, one) for one in ledgers]
        for done in as_completed(running):
            yield _found(done.result())


def _apart(home: HubHome, passphrase: str, name: str, ledger: str, *, demo: bool) -> Compared | str:
    """Rebuild one ledger in a process of its own; gives what was wrong as a sentence of ours."""
    try:
        with open_hub(home, passphrase, demo=demo) as rooms:
            return _one(rooms, name, ledger)
    except HubError as fault:
        return str(fault)


def _found(result: Compared | str) -> Compared:
    if isinstance(result, str):
        raise Unavailable(f"the rebuilding of one ledger ({result})")
    return result
