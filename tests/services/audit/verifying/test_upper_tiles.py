"""The tiles above the second level are asked for by their places, and held to the hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from domain.tiles import TileName, tiles_of
from services.audit.verifying.evidence import Evident
from services.audit.verifying.peaks import perfect
from services.audit.verifying.report import TILES, Finding
from services.audit.verifying.scanning import STRETCH, WIDTH
from services.audit.verifying.upper_tiles import UpperTiles

ROOTS = [hashlib.sha256(b"%d" % at).digest() for at in range(2 * WIDTH + 3)]
"""Of so many stretches: two tiles of the third level are full, and there is a fourth."""


@dataclass
class Tiles:
    """Evidence that has tiles alone, and notes which were asked for."""

    ledger: str = "havering"
    size: int = 0
    partial_tiles: bool = True
    forged: TileName | None = None
    at: int = 0
    asked: list[TileName] = field(default_factory=list)

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Give the hashes that belong there, one of them changed in the forged tile."""
        name = TileName(level, number, width)
        self.asked.append(name)
        hashes = ROOTS
        for _ in range(level - 2):
            whole = range(0, len(hashes) - len(hashes) % WIDTH, WIDTH)
            hashes = [perfect(hashes[start : start + WIDTH]) for start in whole]
        found = list(hashes[number * WIDTH : number * WIDTH + width])
        if name == self.forged:
            found[self.at] = bytes(32)
        return b"".join(found)

    def entries(self, start: int, limit: int) -> Sequence[Evident]:
        """Give none."""
        return ()

    def checkpoints(self) -> Iterator[bytes]:
        """Give none."""
        return iter(())


def held(tiles: Tiles, stretches: int) -> list[Finding]:
    """Hold the tiles over so many stretches."""
    upper = UpperTiles(tiles)
    findings = [one for root in ROOTS[:stretches] for one in upper.push(root)]
    findings += upper.end()
    assert upper.looked_at == len(tiles.asked)
    return findings


@pytest.mark.parametrize("stretches", [0, 1, WIDTH - 1, WIDTH, WIDTH + 1, 2 * WIDTH, len(ROOTS)])
def test_every_tile_that_the_layout_has_is_held(stretches: int) -> None:
    """Of each length the same tiles are asked for that an export writes, and no other."""
    tiles = Tiles()
    assert held(tiles, stretches) == []
    assert sorted(tiles.asked) == [one for one in tiles_of(stretches * STRETCH) if one.level >= 2]


def test_a_store_that_keeps_full_tiles_alone_is_asked_for_no_other() -> None:
    """A database has no partial tile: that is no finding."""
    tiles = Tiles(partial_tiles=False)
    assert held(tiles, len(ROOTS)) == []
    assert tiles.asked == [TileName(2, 0), TileName(2, 1)]


@pytest.mark.parametrize(
    ("forged", "at", "position"),
    [
        (TileName(2, 1), 7, (WIDTH + 7) * STRETCH),
        (TileName(2, 2, 3), 2, (2 * WIDTH + 2) * STRETCH),
        (TileName(3, 0, 2), 1, WIDTH * STRETCH),
    ],
)
def test_a_changed_hash_is_named_by_the_first_entry_below_it(
    forged: TileName, at: int, position: int
) -> None:
    """Full or not, at whichever level: the position says where the proofs go wrong."""
    tiles = Tiles(forged=forged, at=at)
    assert held(tiles, len(ROOTS)) == [Finding(TILES, "havering", position, "tile-differs")]
