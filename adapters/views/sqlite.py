"""The store of views in one SQLite file."""

from __future__ import annotations

from pathlib import Path

from adapters.views.door import FileDoor
from adapters.views.schema import check_versions
from adapters.views.stored import StoredViews
from domain.errors import HomeNotReady, Unavailable


class SqliteViews(StoredViews):
    """`services.views.ViewStore` over one file."""

    def __init__(self, path: Path, *, versions: str, key: bytes) -> None:
        """Open a file; `key` is 32 bytes and names its subjects and episodes.

        Raises HomeNotReady when other projections wrote it, Unavailable when it cannot be opened.
        """
        super().__init__(self._door(path), self._door(path), key)
        try:
            check_versions(self._reading, versions, str(path))
        except Unavailable:
            raise HomeNotReady(f"{path} is not a file of views; run `bhr views rebuild`") from None

    def _door(self, path: Path) -> FileDoor:
        return FileDoor(path)
