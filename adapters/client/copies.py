"""Copies of opened parts in files of this machine: nobody else's to read, overwritten to go."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from domain.errors import HomeNotReady, Unavailable

_MOST = 1024 * 1024
"""No part is as large as that: of a larger file no more is read to know that it is not ours."""


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

    def holds(self, place: str, mark: bytes | None) -> bool:
        """Say whether the file with this content is there."""
        try:
            with Path(place).open("rb") as file:
                return _is_marked(file.read(_MOST + 1), mark)
        except OSError:
            return False

    def destroy(self, place: str, mark: bytes | None) -> None:
        """Overwrite and remove the file with this content, or what was overwritten of it."""
        self._removed(place, lambda content: _is_marked(content, mark) or _is_left(content))

    def take_back(self, place: str) -> None:
        """Overwrite and remove a file that was reserved."""
        self._removed(place, lambda _: True)

    def _removed(self, place: str, is_ours: Callable[[bytes], bool]) -> None:
        path = Path(place)
        try:
            with path.open("r+b") as file:
                if not is_ours(file.read(_MOST + 1)):
                    return
                file.seek(0)
                file.write(bytes(os.fstat(file.fileno()).st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        except FileNotFoundError:
            return
        except OSError:
            raise Unavailable("a file that a part was kept in") from None


def _is_left(content: bytes) -> bool:
    return len(content) <= _MOST and not any(content)


def _is_marked(content: bytes, mark: bytes | None) -> bool:
    return not content if mark is None else hashlib.sha256(content).digest() == mark
