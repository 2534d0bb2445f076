"""Making and opening the ledgers of a hub's home, in files and on servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from adapters.assembly.stepped_clock import SteppedClock
from adapters.ledger.clock_watch import ClockWatch
from adapters.ledger.late import LateLedger
from adapters.ledger.ledger_format import Origin
from adapters.ledger.postgres import PostgresLedger, ReadOnlyPostgresLedger
from adapters.ledger.postgres_schema import (
    create_schema,
    ledger_stands,
    migrate_ledger,
    standing_ledgers,
)
from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_reading import ReadOnlySqliteLedger
from adapters.ledger.sqlite_schema import create_ledger
from adapters.postgres_connections import Place
from adapters.settings import HubHome
from adapters.stores_settings import Server, Stores, stores_of
from domain.errors import HomeNotReady, Unavailable
from domain.reference.participants import PARTNERSHIP
from services.ports import Clock

HubLedger = SqliteLedger | PostgresLedger | LateLedger


def init_ledger(home: HubHome, name: str, *, demo: bool = False) -> bool:
    """Make a ledger that is not there yet; gives whether it was made.

    One that stands on a server is brought to the tables of this release.
    """
    origin: Origin = "demo" if demo else "hub"
    server = stores_of(home).server_of(name)
    path = home.ledger(name)
    if path.exists():
        return False
    if server is not None:
        place = _to_make(server, name)
        if ledger_stands(place):
            migrate_ledger(place, name)
            return False
        create_schema(place, name, origin=origin)
        return True
    home.ledgers.mkdir(mode=0o700, parents=True, exist_ok=True)
    create_ledger(path, name, origin=origin)
    return True


def bring_up_ledgers(home: HubHome) -> set[str]:
    """Bring every ledger that stands on a server to the tables of this release, and make none.

    Only then can a hub be opened, which knows who keeps one. A server of a ledger's own that does
    not answer is passed over: gives these ledgers, for the next time. Raises HomeNotReady, also for
    one that stands where stores.json does not look for it; Unavailable.
    """
    away: set[str] = set()
    stores = stores_of(home)
    for name, place in places_of(home, away=away).items():
        server = stores.server_of(name)
        if place is None or server is None or name in away:
            continue
        to_make = _to_make(server, name)
        if not ledger_stands(to_make):
            found = f"ledgers.{name}" if place.conninfo == server.connect else "others"
            raise HomeNotReady(
                f"the ledger {name} stands at `{found}` of stores.json, and none where"
                f" `ledgers.{name}` says that it is made: put it there, or leave that out"
            )
        migrate_ledger(to_make, name)
    return away


def _to_make(server: Server, name: str) -> Place:
    if server.make is None:
        raise HomeNotReady(f"stores.json does not say as whom the ledger {name} is made: `make`")
    return Place(server.make, name)


def places_of(
    home: HubHome, *, reading: bool = False, away: set[str] | None = None
) -> dict[str, Place | None]:
    """Say where each ledger that stands is: on a server, or (None) in a file of the home.

    A ledger that has a server of its own, which does not answer, is among them and put into `away`.
    Raises HomeNotReady for one that stands twice; Unavailable for another server that does not
    answer, or for any where there is no `away`.
    """
    stores = stores_of(home)
    found: dict[str, Place | None] = dict.fromkeys(
        path.stem for path in home.ledgers.glob("*.sqlite")
    )
    for name, conninfo in _standing(stores, reading=reading, away=away):
        if name in found:
            raise HomeNotReady(f"the ledger {name} stands twice: put away the one that was moved")
        found[name] = Place(conninfo, name)
    return dict(sorted(found.items()))


def _standing(stores: Stores, *, reading: bool, away: set[str] | None) -> Iterator[tuple[str, str]]:
    """Give each ledger that stands on a server, and how that is reached."""
    for name, server in stores.ledgers.items():
        conninfo = _as_whom(server, reading=reading)
        if _stands(name, conninfo, away):
            yield name, conninfo
    if stores.others is not None:
        conninfo = _as_whom(stores.others, reading=reading)
        for name in standing_ledgers(conninfo):
            yield name, conninfo


def _stands(name: str, conninfo: str, away: set[str] | None) -> bool:
    try:
        return name in standing_ledgers(conninfo)
    except Unavailable:
        if away is None or name == PARTNERSHIP:
            raise
        away.add(name)
        return True


def _as_whom(server: Server, *, reading: bool) -> str:
    return (server.read or server.connect) if reading else server.connect


@contextmanager
def ledgers_of(
    home: HubHome,
    *,
    demo: bool = False,
    clock: Clock | None = None,
    reading: bool = False,
) -> Iterator[dict[str, HubLedger]]:
    """Open every ledger of the home; raises HomeNotReady when the partnership has none.

    One that has a server of its own opens later, where that is away; an audit waits for none.

    A stepped clock is the demonstration's alone: no other ledger is opened with one.
    """
    stepped = clock if isinstance(clock, SteppedClock) else None
    if stepped and not demo:
        raise HomeNotReady("a stepped clock is the demonstration's alone")
    away: set[str] = set()
    places = places_of(home, reading=reading, away=None if reading else away)
    if PARTNERSHIP not in places:
        raise HomeNotReady("no ledgers here yet: run `bhr ledger init`")
    opening = _Opening(home, "demo" if demo else "hub", reading=reading)
    opened: dict[str, HubLedger] = {}
    with ExitStack() as closing:
        for name, place in places.items():
            watch = stepped.watch() if stepped else None
            if name in away and place is not None:
                opened[name] = LateLedger(name, partial(opening.on_server, name, place, watch))
            else:
                opened[name] = opening.opened(name, place, watch)
            closing.callback(opened[name].close)
        yield opened


class _Opening:
    """How each ledger of a home is opened."""

    def __init__(self, home: HubHome, origin: Origin, *, reading: bool) -> None:
        self._home = home
        self._origin: Origin = origin
        self._file = ReadOnlySqliteLedger if reading else SqliteLedger
        self._schema = ReadOnlyPostgresLedger if reading else PostgresLedger

    def opened(self, name: str, place: Place | None, watch: ClockWatch | None) -> HubLedger:
        if place is None:
            path = self._home.ledger(name)
            return self._file(path, name, origin=self._origin, watch=watch)
        return self.on_server(name, place, watch)

    def on_server(self, name: str, place: Place, watch: ClockWatch | None) -> PostgresLedger:
        return self._schema(place, name, origin=self._origin, watch=watch)
