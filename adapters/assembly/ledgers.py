"""Making and opening the ledgers of a hub's home."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from adapters.assembly.stepped_clock import SteppedClock
from adapters.ledger.ledger_format import Origin
from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_schema import create_ledger
from adapters.settings import HubHome
from domain.errors import HomeNotReady
from domain.reference.participants import PARTNERSHIP
from services.ports import Clock


def init_ledger(home: HubHome, name: str, *, demo: bool = False) -> bool:
    """Make a ledger that is not there yet; gives whether it was made."""
    path = home.ledger(name)
    if path.exists():
        return False
    home.ledgers.mkdir(mode=0o700, parents=True, exist_ok=True)
    create_ledger(path, name, origin="demo" if demo else "hub")
    return True


@contextmanager
def ledgers_of(
    home: HubHome,
    *,
    demo: bool = False,
    clock: Clock | None = None,
    opened_as: type[SqliteLedger] = SqliteLedger,
) -> Iterator[dict[str, SqliteLedger]]:
    """Open every ledger of the home; raises HomeNotReady when the partnership has none.

    A stepped clock is the demonstration's alone: no other ledger is opened with one.
    """
    stepped = clock if isinstance(clock, SteppedClock) else None
    if stepped and not demo:
        raise HomeNotReady("a stepped clock is the demonstration's alone")
    names = sorted(path.stem for path in home.ledgers.glob("*.sqlite"))
    if PARTNERSHIP not in names:
        raise HomeNotReady("no ledgers here yet: run `bhr ledger init`")
    origin: Origin = "demo" if demo else "hub"
    opened: dict[str, SqliteLedger] = {}
    with ExitStack() as closing:
        for name in names:
            watch = stepped.watch() if stepped else None
            opened[name] = opened_as(home.ledger(name), name, origin=origin, watch=watch)
            closing.callback(opened[name].close)
        yield opened
