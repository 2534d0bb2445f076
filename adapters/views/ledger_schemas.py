"""One generation of views on a PostgreSQL server: a schema for each ledger.

The generation's folder stays in the hub's home, with its key, which so is in no write-ahead log and
no backup of the server, and with `schemas`: by what the names of its schemas begin, chosen at
random, so that two homes may share a database.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from adapters.postgres_connections import Place
from adapters.views import postgres_schema
from adapters.views.each_ledger import EachLedger
from adapters.views.postgres_tables import ReadOnlyDoor, SchemaDoor
from adapters.views.schema import check_versions
from adapters.views.stored import StoredViews
from adapters.views.totals import NoTotals
from domain.errors import HomeNotReady, Unavailable

_NAME = "schemas"


class PostgresViews(StoredViews):
    """`services.views.ViewStore` over one schema."""

    def __init__(self, place: Place, *, versions: str, key: bytes) -> None:
        """Open a schema; `key` is 32 bytes and names its subjects and episodes.

        Raises HomeNotReady when other projections wrote it, Unavailable while its server is away.
        """
        super().__init__(self._door(place), self._door(place), key)
        check_versions(self._reading, versions, f"the schema {place.schema}")

    def _door(self, place: Place) -> SchemaDoor:
        return SchemaDoor(place)


class ReadOnlyPostgresViews(PostgresViews):
    """A schema of views that is asked alone: every figure is counted from its rows."""

    def _door(self, place: Place) -> SchemaDoor:
        return ReadOnlyDoor(place)

    def _stored_totals(self, key: bytes) -> NoTotals:
        return NoTotals(key)


class LedgerSchemas(EachLedger):
    """`services.views.ViewStore` over a schema for each ledger."""

    def __init__(self, conninfo: str, folder: Path, *, versions: str, key: bytes) -> None:
        """Open a generation's schemas; `key` is 32 bytes and names subjects and episodes in them.

        Raises HomeNotReady when other projections made one, or when it is kept elsewhere.
        """
        self._conninfo = conninfo
        self._prefix = _prefix(folder)
        if self._prefix is None:
            raise HomeNotReady(f"{folder} is not kept on a server; run `bhr views rebuild`")
        super().__init__(folder, versions=versions, key=key)

    def _place(self, ledger: str) -> Place:
        return Place(self._conninfo, f"{self._prefix}{ledger}")

    def _stands(self, ledger: str) -> bool:
        return postgres_schema.stands(self._place(ledger))

    def _make(self, ledger: str) -> None:
        postgres_schema.make(self._place(ledger), self._versions)

    def _store(self, ledger: str) -> PostgresViews:
        return PostgresViews(self._place(ledger), versions=self._versions, key=self._key)


class ReadOnlyLedgerSchemas(LedgerSchemas):
    """A generation that is read alone; a ledger that was never folded has no schema to be asked."""

    def _opened(self, ledger: str) -> StoredViews:
        if not self._stands(ledger):
            raise Unavailable(f"a view of {ledger}")
        return ReadOnlyPostgresViews(self._place(ledger), versions=self._versions, key=self._key)


class OnServer:
    """Generations whose rows are on a server (`keeping.Keeping`)."""

    def __init__(self, conninfo: str, *, reading: bool = False) -> None:
        """Keep them in this database, or read them alone."""
        self._conninfo = conninfo
        self._schemas = ReadOnlyLedgerSchemas if reading else LedgerSchemas

    def begin(self, folder: Path) -> None:
        """Choose the names of a new generation's schemas."""
        (folder / _NAME).touch(mode=0o600)
        (folder / _NAME).write_text(f"views-{secrets.token_hex(6)}-", encoding="ascii")

    def open(self, folder: Path, *, versions: str, key: bytes) -> LedgerSchemas:
        """Open a generation; raises HomeNotReady."""
        return self._schemas(self._conninfo, folder, versions=versions, key=key)

    def remove(self, folder: Path) -> None:
        """Remove a generation's rows; raises Unavailable."""
        if prefix := _prefix(folder):
            postgres_schema.drop(self._conninfo, prefix)


def _prefix(folder: Path) -> str | None:
    try:
        return (folder / _NAME).read_text(encoding="ascii")
    except FileNotFoundError:
        return None
