"""The tiles above those of a stretch, held against what the stretches come to.

A stretch is one full tile of the second level, so its root is one hash of the third. The last tile
of each level is not full; where such tiles are served or exported they are held as well, or
somebody could be shown a proof that leads nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from services.audit.verifying import report
from services.audit.verifying.evidence import Evidence
from services.audit.verifying.peaks import perfect
from services.audit.verifying.report import Finding
from services.audit.verifying.scanning import WIDTH

LOWEST = 2


class UpperTiles:
    """The levels from the third on, as far as the stretches go."""

    def __init__(self, evidence: Evidence) -> None:
        """Begin before the first stretch."""
        self._evidence = evidence
        self._waiting: defaultdict[int, list[bytes]] = defaultdict(list)
        self._full: defaultdict[int, int] = defaultdict(int)
        self.looked_at = 0

    def push(self, root: bytes, level: int = LOWEST) -> Iterator[Finding]:
        """Add the root of a full stretch; gives what is wrong in the tiles that it completes."""
        hashes = self._waiting[level]
        hashes.append(root)
        if len(hashes) == WIDTH:
            yield from self._hold(level, hashes)
            self._full[level] += 1
            self._waiting[level] = []
            yield from self.push(perfect(hashes), level + 1)

    def end(self) -> Iterator[Finding]:
        """Hold the last tile of each level, where tiles that are not full are held at all."""
        if self._evidence.partial_tiles:
            for level, hashes in sorted(self._waiting.items()):
                if hashes:
                    yield from self._hold(level, hashes)

    def _hold(self, level: int, hashes: list[bytes]) -> Iterator[Finding]:
        self.looked_at += 1
        number = self._full[level]
        held = self._evidence.tile(level, number, len(hashes))
        if held == b"".join(hashes):
            return
        code = "tile-missing" if held is None else "tile-differs"
        at = _differing(held or b"", hashes)
        first = (number * WIDTH + at) * int(WIDTH**level)
        yield Finding(report.TILES, self._evidence.ledger, first, code)


def _differing(held: bytes, hashes: list[bytes]) -> int:
    """Give the first hash in which a tile differs."""
    size = len(hashes[0])
    pieces = enumerate(hashes)
    return next((at for at, one in pieces if held[at * size : (at + 1) * size] != one), 0)
