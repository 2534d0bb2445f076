"""Where the views of a hub's home are kept: in files, or on a server."""

from __future__ import annotations

from contextlib import nullcontext

from adapters.assembly.folding import VERSIONS
from adapters.log_settings import origin_of
from adapters.postgres_connections import Place
from adapters.settings import HubHome
from adapters.stores_settings import stores_of
from adapters.views.file_locks import FileLocks
from adapters.views.generations import Generations
from adapters.views.keeping import InFiles, Keeping
from adapters.views.ledger_files import LedgerFiles
from adapters.views.ledger_schemas import OnServer
from adapters.views.postgres_locks import PostgresLocks
from adapters.views.postgres_schema import prepare
from adapters.views.reading import ReadOnlyLedgerFiles
from domain.reference.participants import PARTNERSHIP
from services.custody import Steady
from services.key_ports import KeyEncryption
from services.lease_ports import Locks


def generations_of(
    home: HubHome,
    encryption: KeyEncryption,
    *,
    steady: Steady = nullcontext,
    reading: bool = False,
) -> Generations:
    """Give the generations of a home's views, to be closed by the caller; raises HomeNotReady."""
    made = Generations(home.views, VERSIONS, encryption, _keeping(home, reading=reading))
    made.steady = steady
    return made


def locks_of(home: HubHome) -> Locks:
    """Give what workers share the ledgers by, to be closed by the caller."""
    server = stores_of(home).views
    if server is None:
        return FileLocks(home.views / "shared-out")
    return PostgresLocks(Place(server.connect, "pg_catalog"), origin_of(home, PARTNERSHIP))


def prepare_views(home: HubHome) -> None:
    """Make the roles that views are kept under, where they are on a server; raises HomeNotReady."""
    server = stores_of(home).views
    if server is not None and server.make is not None:
        prepare(Place(server.make, "pg_catalog"))


def _keeping(home: HubHome, *, reading: bool) -> Keeping:
    server = stores_of(home).views
    if server is None:
        return InFiles(ReadOnlyLedgerFiles if reading else LedgerFiles)
    return OnServer((server.read or server.connect) if reading else server.connect, reading=reading)
