"""A ledger as it is served or exported: paths below one place, in the layout of tlog-tiles.

checkpoint                the newest, a signed note
checkpoints/sizes         every size that was signed, ascending, one a line
checkpoints/<size>        the note of one of them, with all its cosignatures
tile/<level>/<place>      hashes; tile/entries/<place>  entries
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from domain.checkpoint import read_checkpoint, read_size
from domain.errors import NotProven, TreeDiffers
from domain.signed_note import read_note
from domain.tiles import TILE_WIDTH, TileName, entries_in, entries_path, width_of
from services.audit.verifying.evidence import Evident

SIZES_MAX = 1_000_000
Fetch = Callable[[str], bytes | None]
"""Gives what stands at a path; None where nothing does. Raises Unavailable."""


class TiledEvidence:
    """One ledger behind a way to fetch paths of it."""

    partial_tiles = True

    def __init__(self, ledger: str, fetch: Fetch) -> None:
        """Read the newest checkpoint, which says how long the ledger claims to be.

        Raises NotProven where that is none: then there is nothing to be verified.
        """
        self.ledger = ledger
        self._fetch = fetch
        newest = fetch("checkpoint")
        if newest is None:
            raise NotProven("no-checkpoint", ledger=ledger)
        self.newest = newest
        self.size = read_checkpoint(read_note(newest).text).size
        self._bundle: tuple[int, Sequence[bytes]] = (-1, ())

    def entries(self, start: int, limit: int) -> Sequence[Evident]:
        """Give entries up to the end of one bundle."""
        number, offset = divmod(start, TILE_WIDTH)
        if start >= self.size:
            return []
        if self._bundle[0] != number:
            self._bundle = (number, self._entries_of(number))
        return [Evident(leaf) for leaf in self._bundle[1][offset : offset + limit]]

    def _entries_of(self, number: int) -> Sequence[bytes]:
        width = width_of(self.size, 0, number)
        raw = self._fetch(entries_path(number, width))
        try:
            return entries_in(raw or b"")[:width]
        except TreeDiffers:
            return ()

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Give a tile's hashes."""
        return self._fetch(TileName(level, number, width).path())

    def checkpoints(self) -> Iterator[bytes]:
        """Give the newest, and every kept one; what is listed and not there is given as no bytes.

        The newest is what everybody else is shown, so it is held to the entries itself, not only
        the one that is kept of its size.
        """
        yield self.newest
        raw = self._fetch("checkpoints/sizes") or b""
        lines = raw.decode("ascii", "replace").split("\n")[:SIZES_MAX]
        for line in lines:
            if line:
                size = read_size(line, "checkpoint-sizes")
                yield self._fetch(f"checkpoints/{size}") or b""
