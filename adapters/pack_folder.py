"""An exported pack: a folder that holds what a hub serves, and nothing that opens anything.

Names come from formats of fixed letters, and are held to them: no path leads out of the folder.
"""

from __future__ import annotations

import re
from pathlib import Path

from domain.errors import HomeNotReady, Unavailable

_PLACE = re.compile(r"[a-z0-9._-]+(/[a-z0-9._-]+)*")
FILE_BYTES_MAX = 64 * 1024 * 1024


class PackFolder:
    """One folder of files."""

    def __init__(self, folder: Path) -> None:
        """Raises HomeNotReady where there is no such folder."""
        if not folder.is_dir():
            raise HomeNotReady(f"{folder} is no folder")
        self._folder = folder

    def ledgers(self) -> list[str]:
        """Give the names of the ledgers in it."""
        return sorted(one.parent.name for one in self._folder.glob("*/checkpoint"))

    def names(self, folder: str) -> list[str]:
        """Give the names of what stands in a folder of it."""
        try:
            return sorted(one.name for one in self._file(folder).iterdir())
        except OSError:
            return []

    def fetch(self, path: str) -> bytes | None:
        """Give what stands at a path; None where nothing does. Raises Unavailable."""
        file = self._file(path)
        try:
            if file.is_symlink() or not file.is_file():
                return None
            if file.stat().st_size > FILE_BYTES_MAX:
                raise Unavailable("a file of the pack, too large to be one of it,")
            return file.read_bytes()
        except OSError:
            raise Unavailable("a file of the pack") from None

    def put(self, path: str, content: bytes) -> None:
        """Write a file that was not there; raises HomeNotReady."""
        file = self._file(path)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as made:
                made.write(content)
        except OSError:
            raise HomeNotReady(f"{file} cannot be written, or is there already") from None

    def _file(self, path: str) -> Path:
        if not _PLACE.fullmatch(path) or ".." in path.split("/"):
            raise Unavailable("a path that no pack has")
        return self._folder / path
