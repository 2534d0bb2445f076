"""Where the rows of generations are kept: in their own folders, or wherever those say."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from adapters.views.each_ledger import EachLedger
from adapters.views.ledger_files import LedgerFiles


class Keeping(Protocol):
    """Where the rows of generations are: in their folders, or named there."""

    def begin(self, folder: Path) -> None:
        """Prepare the folder of a new generation."""
        ...

    def open(self, folder: Path, *, versions: str, key: bytes) -> EachLedger:
        """Open a generation; raises HomeNotReady when other projections made it."""
        ...

    def remove(self, folder: Path) -> None:
        """Remove what is not in the folder itself; raises Unavailable."""
        ...


class InFiles:
    """Rows in files, in the generation's folder (`Keeping`)."""

    def __init__(self, opened_as: type[LedgerFiles] = LedgerFiles) -> None:
        """Open the files as this."""
        self._opened_as = opened_as

    def begin(self, folder: Path) -> None:
        """Prepare nothing: each file is made when it is wanted."""

    def open(self, folder: Path, *, versions: str, key: bytes) -> LedgerFiles:
        """Open a generation's folder."""
        return self._opened_as(folder, versions=versions, key=key)

    def remove(self, folder: Path) -> None:
        """Remove nothing: all is in the folder."""
