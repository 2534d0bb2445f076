"""Copies of opened parts in files of this machine: nobody else's to read, overwritten to go."""

from __future__ import annotations

import os
from pathlib import Path

from domain.errors import HomeNotReady, Unavailable


class CopyFiles:
    """The `Copies` port."""

    def reserve(self, place: str) -> None:
        """Make an empty file that nobody else may read; raises HomeNotReady where one stands."""
        try:
            os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError:
            raise HomeNotReady(f"{place}: cannot be made, or stands already") from None

    def write(self, place: str, content: bytes) -> None:
        """Write the content of a file that was reserved."""
        try:
            with Path(place).open("r+b") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            raise HomeNotReady(f"{place}: cannot be written") from None

    def stands(self, place: str) -> bool:
        """Say whether anything is there."""
        return os.path.lexists(place)

    def destroy(self, place: str) -> None:
        """Overwrite and remove a file, if it is there."""
        path = Path(place)
        try:
            with path.open("r+b") as file:
                file.write(bytes(os.fstat(file.fileno()).st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        except FileNotFoundError:
            return
        except OSError:
            raise Unavailable("a file that a part was kept in") from None
