"""Moving a ledger of a hub's home from its file to the server that `stores.json` names for it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from adapters.home_lock import home_lock
from adapters.ledger.ledger_format import Origin
from adapters.ledger.postgres import PostgresLedger
from adapters.ledger.postgres_arriving import take_over
from adapters.ledger.postgres_schema import ledger_stands
from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_leaving import LeavingFile
from adapters.postgres_connections import Place
from adapters.settings import HubHome
from adapters.stores_settings import stores_of
from domain.errors import HomeNotReady
from domain.values import to_text

MOVED = "-moved"


@dataclass(frozen=True, slots=True)
class Moved:
    """A ledger that stands on its server, and where its file was put away."""

    entries: int
    root: str
    file: Path


def move_ledger(home: HubHome, name: str) -> Moved:
    """Move one ledger, with the hub stopped; raises HomeNotReady, Unavailable.

    The file is put away, unchanged, once the server has all of it. What was cut off is finished by
    moving again.
    """
    with home_lock(home.folder) as lock:
        lock.alone()
        server, path = stores_of(home).server_of(name), home.ledger(name)
        if server is None or server.make is None:
            raise HomeNotReady(f"stores.json has no server for {name}, or not as whom it is made")
        if not path.is_file():
            raise HomeNotReady(f"there is no ledger at {path}")
        _settle(path, name)
        with closing(LeavingFile(path)) as leaving:
            origin = leaving.identity.origin
            if not ledger_stands(Place(server.make, name)):
                take_over(Place(server.make, name), leaving)
            expected = leaving.identity.head, leaving.identity.root
        if _end_of(Place(server.connect, name), name, origin) != expected:
            raise HomeNotReady(f"another ledger {name} stands on the server: nothing was moved")
        _settle(path, name)  # a reader leaves an empty log beside it
        away = path.with_name(path.name + MOVED)
        path.rename(away)
    return Moved(expected[0].size, to_text(expected[1]), away)


def _settle(path: Path, name: str) -> None:
    """Open and close the file by its own code, alone: what a killed hub left beside it comes in.

    That code refuses a file that does not hold together. Closed while anybody else reads the file,
    SQLite leaves its log beside it, and what is put away would lack all that stands there.
    """
    with closing(LeavingFile(path)) as leaving:
        origin = leaving.identity.origin
    SqliteLedger(path, name, origin=origin).close()
    if path.with_name(path.name + "-wal").exists():
        raise HomeNotReady(f"the log beside {path} did not come into it: is it open elsewhere?")


def _end_of(place: Place, name: str, origin: Origin) -> object:
    with closing(PostgresLedger(place, name, origin=origin)) as ledger:
        head = ledger.head()
        return head, ledger.tiles.root(head.size)
