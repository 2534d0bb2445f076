"""One generation of views in files: a file for each ledger, in the generation's folder."""

from __future__ import annotations

from pathlib import Path

from adapters.views.each_ledger import EachLedger
from adapters.views.schema import make
from adapters.views.sqlite import SqliteViews


class LedgerFiles(EachLedger):
    """`services.views.ViewStore` over a folder with a file for each ledger."""

    def _stands(self, ledger: str) -> bool:
        return self._file(ledger).exists()

    def _make(self, ledger: str) -> None:
        make(self._file(ledger), self._versions)

    def _store(self, ledger: str) -> SqliteViews:
        return SqliteViews(self._file(ledger), versions=self._versions, key=self._key)

    def _file(self, ledger: str) -> Path:
        return self._folder / f"{ledger}.sqlite"
