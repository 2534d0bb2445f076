"""What a home remembers of a store beside the store's file: which one it is, and how far it came.

A copy of some days ago that is put back opens as well as the newest. Each change of a store is
counted in the file, with a name of its own; the mark beside it has both as they were after the last
change that was committed. It is written in its place and not forced to the disk: a mark that lags
lets an older file pass that was nearly as new, and never refuses one that is right.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from domain.errors import HomeNotReady, Unavailable

_TEXT = re.compile(rb"([0-9a-f]{32}) ([0-9]{20})\n")


@dataclass(frozen=True, slots=True)
class Life:
    """Which store a file is of, and how many changes are in it."""

    store: bytes
    changes: int


def mark_of(path: Path) -> Path:
    """Give the place of a store's mark: not among the files that go with the store."""
    return path.with_suffix(".mark")


class StoreMark:
    """The mark of one store."""

    def __init__(self, path: Path, what: str, advice: str) -> None:
        """Remember the store at `path`: `what` it is called, and what to do with another one."""
        self._store = path
        self._what = what
        self._advice = advice
        self._path = mark_of(path)

    def refuse_another(self, found: Life) -> None:
        """Raise HomeNotReady unless a file is the store that was last used here, and as new."""
        known = self._known()
        if known is None:
            return
        if known.store != found.store:
            what = f"another {self._what} than the one that was last used here"
        elif known.changes > found.changes:
            what = f"an older copy of the {self._what} than the one that was last used here"
        else:
            return
        raise HomeNotReady(f"{self._store}: {what}: {self._advice}")

    def keep(self, life: Life) -> None:
        """Remember how far the store has come; raises Unavailable."""
        text = b"%s %020d\n" % (life.store.hex().encode(), life.changes)
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.pwrite(handle, text, 0)
            finally:
                os.close(handle)
        except OSError:
            raise Unavailable(f"the mark of the {self._what}") from None

    def _known(self) -> Life | None:
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            raise HomeNotReady(f"{self._path}: cannot be read") from None
        found = _TEXT.fullmatch(raw)
        if found is None:
            raise HomeNotReady(
                f"{self._path}: damaged. Once you know that the {self._what} beside it is the"
                " newest, delete this file"
            )
        return Life(bytes.fromhex(found[1].decode()), int(found[2]))
