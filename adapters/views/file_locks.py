"""Locks among the processes of one machine: the operating system's, on files of a folder.

A lock goes with its process, however that ends. The files are empty and stay.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from domain.errors import Unavailable


class FileLocks:
    """The `Locks` port over a folder."""

    def __init__(self, folder: Path) -> None:
        """Hold nothing yet; the folder is made when something is taken."""
        self._folder = folder
        self._held: dict[str, int] = {}

    def check(self) -> None:
        """See nothing: what is held here is held until it is let go."""

    def take(self, name: str) -> bool:
        """Take a lock; False while another worker has it."""
        if name in self._held:
            return True
        handle = self._opened(name)
        if not _locked(handle):
            os.close(handle)
            return False
        self._held[name] = handle
        return True

    def let_go(self, name: str) -> None:
        """Let go of a lock, if it is held."""
        handle = self._held.pop(name, None)
        if handle is not None:
            os.close(handle)

    def taken(self, names: Sequence[str]) -> int:
        """Say how many of these any worker has, this one included."""
        return sum(name in self._held or self._is_taken(name) for name in names)

    def _is_taken(self, name: str) -> bool:
        if not (self._folder / name).exists():
            return False
        handle = self._opened(name)
        try:
            return not _locked(handle)
        finally:
            os.close(handle)

    def close(self) -> None:
        """Let go of everything."""
        for name in list(self._held):
            self.let_go(name)

    def _opened(self, name: str) -> int:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._folder / name, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            raise Unavailable("the view store") from None


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        raise Unavailable("the view store") from None
    return True
