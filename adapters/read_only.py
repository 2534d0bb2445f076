"""Opening a SQLite file so that nothing beside it or in it can change, whoever may write there.

What must be there decides how it is opened. Beside a file that is in use, and beside a whole copy
of one, stands its `-shm`: it is read together with the write-ahead log, and neither is touched
(`readonly_shm`). A file that stands alone is whole in itself: it is opened as one that nobody
changes (`immutable`), since SQLite would otherwise make files beside it, and a hub that comes and
changes it is noticed.
"""

from __future__ import annotations

import os
from pathlib import Path

from domain.errors import HomeNotReady, Unavailable


class ReadOnlyFile:
    """A SQLite file, as it is found now; raises HomeNotReady where it cannot be read whole."""

    def __init__(self, path: Path) -> None:
        """Look at the file and at what stands beside it; nothing is opened."""
        self._path = path
        shared = _size(path, "-shm")
        if _size(path, "-journal"):
            raise HomeNotReady(f"{path} was left in the middle of a change: let its hub open it")
        if shared is None and _size(path, "-wal"):
            raise HomeNotReady(f"{path} has a -wal without its -shm: copy the three files together")
        self._alone = None if shared is not None else self._state()

    def uri(self) -> str:
        """Give the address to open it by."""
        how = "immutable=1" if self._alone else "readonly_shm=1"
        return f"{self._path.absolute().as_uri()}?mode=ro&{how}"

    def refuse_if_changed(self) -> None:
        """Raise Unavailable when a file that stood alone was changed since: call after reading."""
        if self._alone is not None and self._state() != self._alone:
            raise Unavailable(f"{self._path.name}, which was changed while it was read,")

    def _state(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError:
            raise HomeNotReady(f"there is no file to read at {self._path}") from None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _size(path: Path, suffix: str) -> int | None:
    """Give the size of a file beside this one; None where there is none."""
    try:
        return os.stat(f"{path}{suffix}").st_size  # noqa: PTH116 - a name that is no path yet
    except FileNotFoundError:
        return None
    except OSError:
        raise HomeNotReady(f"what stands beside {path} cannot be looked at") from None
