r"""Where a tree's hashes lie: tiles of 256, laid out and named as tlog-tiles says.

A tile of level L holds hashes of subtrees of 256^L leaves each, so a full tile is hashed into one
hash of the level above. The last tile of a level may be partial; it is then named with its width:

    tile/<level>/<place>            place := ("x" 3 digits "/")* 3 digits [".p/" width]
    tile/entries/<place>            1234067 is `x001/x234/067`, and 5 hashes of it `….p/5`

An entry bundle is `(u16 length ‖ entry)*`, the entries under the hashes of one tile of level 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from domain.errors import TreeDiffers

HASH_BYTES = 32
TILE_WIDTH = 256
TILE_BYTES = TILE_WIDTH * HASH_BYTES
LEVEL_MAX = 63
ENTRY_BYTES_MAX = 0xFFFF
_TILE_HEIGHT = 8
_GROUP = 1000
_PLACE = re.compile(r"((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


class TileName(NamedTuple):
    """One tile; `width` is how many hashes of it are meant, all 256 unless said."""

    level: int
    number: int
    width: int = TILE_WIDTH

    def path(self) -> str:
        """Give the tile's path below the log's own prefix."""
        return f"tile/{self.level}/{place(self.number, self.width)}"


def entries_path(number: int, width: int = TILE_WIDTH) -> str:
    """Give the path of the entries under a tile of level 0."""
    return f"tile/entries/{place(number, width)}"


def place(number: int, width: int = TILE_WIDTH) -> str:
    """Spell a tile's number, three digits a folder, and its width where it is partial."""
    groups = [f"{number % _GROUP:03}"]
    while number := number // _GROUP:
        groups.insert(0, f"x{number % _GROUP:03}")
    return "/".join(groups) + ("" if width == TILE_WIDTH else f".p/{width}")


def read_place(text: str) -> tuple[int, int] | None:
    """Read a number and a width in the one spelling they have; None for any other text."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    number = int(found[1].replace("x", "").replace("/", ""))
    width = TILE_WIDTH if found[2] is None else int(found[2])
    return (number, width) if place(number, width) == text else None


def width_of(size: int, level: int, number: int) -> int:
    """Give how many hashes a tile has in a tree of `size` leaves; 0 when there is no such tile."""
    complete = size >> (_TILE_HEIGHT * level)
    return min(max(complete - number * TILE_WIDTH, 0), TILE_WIDTH)


def tiles_of(size: int) -> Iterator[TileName]:
    """Give every tile of a tree, level by level, partial ones at the end of their level."""
    level = 0
    while (complete := size >> (_TILE_HEIGHT * level)) > 0:
        full, rest = divmod(complete, TILE_WIDTH)
        yield from (TileName(level, number) for number in range(full))
        if rest:
            yield TileName(level, full, rest)
        level += 1


def bundle(entries: Sequence[bytes]) -> bytes:
    """Put entries together; raises ValueError for one that is too long for its length field."""
    if any(len(entry) > ENTRY_BYTES_MAX for entry in entries):
        raise ValueError("an entry of a log has at most 65535 bytes")
    return b"".join(piece for one in entries for piece in (len(one).to_bytes(2, "big"), one))


def entries_in(raw: bytes) -> list[bytes]:
    """Take a bundle apart; raises TreeDiffers when it is not one."""
    entries: list[bytes] = []
    at = 0
    while at < len(raw):
        end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        if at + 2 > len(raw) or end > len(raw):
            raise TreeDiffers("an entry bundle is cut short")
        entries.append(raw[at + 2 : end])
        at = end
    return entries
