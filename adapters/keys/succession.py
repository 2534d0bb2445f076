"""A key file, its successor and those before it, in one folder.

    recipient.json                          the key in use
    recipient-next.json                     its successor: made, and not in use yet
    former/recipient-<made>-<mark>.json     those before: kept to open what was sealed to them

A successor is put in use in three steps, each of which may be the last before a crash: the key in
use gets its name among the former ones (a link), the successor takes its place (a rename), and the
folder goes to the disk. Where a successor stands, the change is not finished.
"""

from __future__ import annotations

import re
from pathlib import Path

from adapters.keys.ceremony import Ceremony, read_label
from adapters.keys.private_file import sync_folder
from adapters.keys.sealed_file import Purpose, open_sealed
from domain.errors import HomeNotReady

_MARK = 12


class Succession:
    """The key files of one purpose."""

    def __init__(self, folder: Path, purpose: Purpose) -> None:
        """Look at the key files of a home; nothing is opened or made yet."""
        self.folder = folder
        self.purpose: Purpose = purpose

    @property
    def in_use(self) -> Path:
        """Give where the key in use stands."""
        return self.folder / f"{self.purpose}.json"

    @property
    def successor(self) -> Path:
        """Give where a key stands that is made and not in use yet."""
        return self.folder / f"{self.purpose}-next.json"

    def former(self) -> list[Path]:
        """Give the keys that were in use before, the latest first."""
        return sorted((self.folder / "former").glob(f"{self.purpose}-[0-9]*.json"), reverse=True)

    def to_open(self) -> list[Path]:
        """Give every file that something may be sealed to: in use first, the latest before old."""
        successor = [self.successor] if self.successor.exists() else []
        return [self.in_use, *successor, *self.former()]

    def begin(self, ceremony: Ceremony) -> None:
        """Make a successor, unless one stands already; raises HomeNotReady."""
        if not self.in_use.exists():
            raise HomeNotReady(f"{self.in_use}: no such key here to replace")
        if not self.successor.exists():
            ceremony.make((self.purpose,), suffix="-next")

    def finish(self, *, keep: bool = True) -> None:
        """Put the successor in use, and keep the one before; nothing where there is none.

        What nothing that lasts was made with need not be kept.
        """
        if not self.successor.exists():
            return
        try:
            if keep:
                self._keep()
            self.successor.replace(self.in_use)
            sync_folder(self.folder)
        except OSError:
            raise HomeNotReady(f"{self.folder}: cannot be written; check rights, space") from None

    def _keep(self) -> None:
        former = self.folder / "former"
        former.mkdir(mode=0o700, exist_ok=True)
        kept = former / self._name_of(self.in_use)
        if not kept.exists():
            kept.hardlink_to(self.in_use)
            sync_folder(former)

    def _name_of(self, path: Path) -> str:
        """Name a former key by when it was made, so that names have the order of use."""
        file = read_label(path)
        made = re.sub(r"[^0-9]", "", file.created)
        return f"{self.purpose}-{made}-{file.fingerprint[:_MARK]}.json"

    def opened(self, path: Path, owner: str, passphrase: str) -> bytes:
        """Open one of these files; gives its secret."""
        return open_sealed(path, passphrase, purpose=self.purpose, owner=owner)
