"""Which ledgers of a home were put back from a backup, and not yet found to be whole.

A file of one name a line, beside the ledgers and in no backup: while a ledger stands in it, nothing
is appended before witnesses have said that nothing is missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from domain.errors import HomeNotReady


class RestoredMarker:
    """The file `restored` of a hub's home."""

    def __init__(self, folder: Path) -> None:
        """Look at a home."""
        self._path = folder / "restored"

    def ledgers(self) -> frozenset[str]:
        """Name the ledgers that were restored and not found whole."""
        try:
            return frozenset(self._path.read_text(encoding="utf-8").split())
        except FileNotFoundError:
            return frozenset()
        except (OSError, UnicodeDecodeError):
            raise HomeNotReady(f"{self._path} cannot be read: check rights") from None

    def add(self, names: Iterable[str]) -> None:
        """Mark ledgers, durably, before they are put in place."""
        self._write(self.ledgers() | set(names))

    def clear(self, name: str) -> None:
        """Take a ledger's mark away: it was found whole."""
        if name in self.ledgers():
            self._write(self.ledgers() - {name})

    def _write(self, names: Iterable[str]) -> None:
        beside = self._path.with_name("restored-next")
        try:
            with beside.open("w", encoding="utf-8") as file:
                file.write("".join(f"{one}\n" for one in sorted(names)))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError:
            raise HomeNotReady(f"{self._path} cannot be written: check rights, space") from None
