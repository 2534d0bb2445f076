"""Rebuilding a hub's views on as many cores as there are: a process for each ledger at a time.

A short rebuild stays in this process, as a short replay does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from adapters.assembly.hub import Rooms, open_hub
from adapters.assembly.processes import at_work, worth_it
from adapters.settings import HubHome
from domain.errors import HubError, Unavailable
from services.rebuilding import Compared, Report, rebuild, rebuild_ledger

Apart = Callable[[str, str], Compared]
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
        return _rebuilt(rooms, apart, processes, keep=keep)


def redriven(home: HubHome, passphrase: str, *, dry_run: bool) -> Report:
    """Fold what is parked again by rebuilding, and record what became of each stream.

    Nothing is rebuilt where nothing is parked.
    """
    with open_hub(home, passphrase) as rooms:
        live = rooms.generations.live()
        if not any(live.folded(ledger).parked for ledger in rooms.ledgers):
            return Report("", ())
        apart = partial(_apart, home, passphrase, demo=False)
        report = _rebuilt(rooms, apart, None, keep=not dry_run)
        rooms.redriving.record(report, dry_run=dry_run)
    return report


def _rebuilt(rooms: Rooms, apart: Apart, processes: int | None, *, keep: bool) -> Report:
    sizes = {name: ledger.head().size for name, ledger in rooms.ledgers.items()}
    # The longest first: it decides when all are done.
    longest = sorted(sizes, key=lambda name: -sizes[name])
    most = min(worth_it(sum(sizes.values()), processes), len(longest))
    run = partial(_here, rooms) if most == 1 else partial(_in_processes, apart, most)
    return rebuild(longest, rooms.generations, run, keep=keep)


def _here(rooms: Rooms, name: str, ledgers: Sequence[str]) -> Iterator[Compared]:
    for ledger in ledgers:
        yield _one(rooms, name, ledger)


def _one(rooms: Rooms, name: str, ledger: str) -> Compared:
    return rebuild_ledger(ledger, rooms.ledgers[ledger], rooms.rules, rooms.generations, name)


def _in_processes(apart: Apart, most: int, name: str, ledgers: Sequence[str]) -> Iterator[Compared]:
    with at_work(most, _not_told) as work:
        for one in [work.begin(apart, name, ledger) for ledger in ledgers]:
            try:
                yield work.ended(one)
            except HubError as fault:
                raise Unavailable(f"the rebuilding of one ledger ({fault})") from None


def _apart(home: HubHome, passphrase: str, name: str, ledger: str, *, demo: bool) -> Compared:
    """Rebuild one ledger in a process of its own."""
    with open_hub(home, passphrase, demo=demo) as rooms:
        return _one(rooms, name, ledger)


def _not_told(*_: object) -> None:
    """Show nobody how far it is."""
