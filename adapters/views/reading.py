"""The live views opened for audit: asked as readers ask, never written, nothing made for them."""

from __future__ import annotations

from pathlib import Path

from adapters.read_only import ReadOnlyFile
from adapters.views.door import Door
from adapters.views.generations import pointed_at
from adapters.views.schema import check_versions
from adapters.views.sqlite import SqliteViews


class ReadOnlyViews(SqliteViews):
    """A file of views, live or a copy. What would write raises Unavailable, by SQLite's own."""

    def __init__(self, path: Path, *, versions: str) -> None:
        """Open a file; raises HomeNotReady when other projections wrote it."""
        self._key = b""  # names subjects where rows are written, and here none are
        self._projecting = self._reading = Door(path, ReadOnlyFile(path))
        check_versions(self._reading, versions, path)


def live_views(folder: Path, versions: str) -> ReadOnlyViews | None:
    """Open the views in use; None where there are none yet. Raises HomeNotReady, Unavailable."""
    name = pointed_at(folder)
    if name is None:
        return None
    return ReadOnlyViews(folder / f"{name}.sqlite", versions=versions)
