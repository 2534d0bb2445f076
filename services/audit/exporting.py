"""Exporting a ledger as a log: all that proves it, and nothing that opens it.

What is written is what the hub serves, in the layout of tlog-tiles, so that a verifier written
elsewhere reads the folder as it would read the hub: up to the newest checkpoint that was published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.errors import NotFound
from domain.tiles import TILE_WIDTH, bundle, entries_path, tiles_of, width_of
from services.audit.replaying import Progress
from services.cosignatures import gathered
from services.log_ports import CheckpointBook, ProvenLedger

PAGE = 500
Put = Callable[[str, bytes], None]
"""Writes a new file at a path of the pack."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What of one ledger is in the pack."""

    ledger: str
    size: int
    checkpoints: int


def export(ledger: ProvenLedger, put: Put, tell: Progress) -> Exported:
    """Write one ledger; raises NotFound where no checkpoint of it was published yet."""
    newest = ledger.checkpoints.latest_published()
    if newest is None:
        raise NotFound(f"published checkpoint of {ledger.name}")
    name, size = ledger.name, newest.size
    for number in range(-(-size // TILE_WIDTH)):
        width = width_of(size, 0, number)
        leaves = ledger.tiles.leaves(number * TILE_WIDTH, width)
        put(f"{name}/{entries_path(number, width)}", bundle(leaves))
        tell(name, number * TILE_WIDTH + width, size)
    for tile in tiles_of(size):
        put(f"{name}/{tile.path()}", ledger.tiles.tile(*tile))
    sizes = []
    for signed, note in noted(ledger.checkpoints, size):
        put(f"{name}/checkpoints/{signed}", note)
        sizes.append(signed)
    put(f"{name}/checkpoints/sizes", "".join(f"{one}\n" for one in sizes).encode())
    # Last: a folder without it is no log, so a pack that was left half made is none.
    put(f"{name}/checkpoint", newest.note)
    return Exported(name, size, len(sizes))


def noted(book: CheckpointBook, up_to: int) -> Iterator[tuple[int, bytes]]:
    """Give every kept checkpoint up to a size, with each witness's first and last line."""
    start = 1
    while page := book.kept(start, PAGE):
        for one in page:
            if one.size > up_to:
                return
            lines = (each.line for each in book.cosignatures(one.size))
            yield one.size, gathered(one.note, lines)
        start = page[-1].size + 1
