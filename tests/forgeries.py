"""What may be done to an exported log by hand, and which verifiers can see it at all.

Positions are chosen in tile 3 of 256 entries, away from every edge.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.tiles import HASH_BYTES, TILE_WIDTH, bundle, entries_in
from domain.tree import leaf_hash

FORGED = 800
_TILE, _AT = divmod(FORGED, TILE_WIDTH)
_ENTRIES, _HASHES = f"tile/entries/{_TILE:03}", f"tile/0/{_TILE:03}"
_TOP_OF = 100
"""Which hash of the first tile of level 1 is changed: it stands for tile 100 of level 0."""
UNTOUCHED = 777
"""An entry that no forgery of entries is about."""


def copied(log: Path, to: Path) -> Path:
    """Copy an exported log without its bytes: what is forged is written anew."""
    return Path(shutil.copytree(log, to, copy_function=os.link))


def put(log: Path, path: str, content: bytes) -> None:
    """Write other bytes in a file's place; the original, linked elsewhere, stays as it is."""
    (log / path).unlink()
    (log / path).write_bytes(content)


def flip(log: Path, path: str, at: int) -> None:
    """Change one bit."""
    content = bytearray((log / path).read_bytes())
    content[at] ^= 1
    put(log, path, bytes(content))


def _edited(log: Path, change: Callable[[list[bytes]], None]) -> list[bytes]:
    entries = entries_in((log / _ENTRIES).read_bytes())
    change(entries)
    put(log, _ENTRIES, bundle(entries))
    return entries


def _edit(entries: list[bytes]) -> None:
    entries[_AT] = entries[_AT][:-1] + bytes([entries[_AT][-1] ^ 1])


def _swap(entries: list[bytes]) -> None:
    entries[_AT], entries[_AT + 1] = entries[_AT + 1], entries[_AT]


def _forge_with_hash(log: Path) -> None:
    """Forge an entry and its hash alike, and leave the tiles above: CVE-2026-56865."""
    entries = _edited(log, _edit)
    hashes = bytearray((log / _HASHES).read_bytes())
    hashes[_AT * HASH_BYTES : (_AT + 1) * HASH_BYTES] = leaf_hash(entries[_AT])
    put(log, _HASHES, bytes(hashes))


def _partial(log: Path, level: str) -> str:
    (found,) = (log / "tile" / level).glob("*.p/*")
    return str(found.relative_to(log))


def _cut_tail(log: Path) -> None:
    """Take the last entry away, and leave the checkpoint that counts it."""
    path = _partial(log, "entries")
    put(log, path, bundle(entries_in((log / path).read_bytes())[:-1]))


def _count_less(log: Path) -> None:
    origin, size, rest = (log / "checkpoint").read_bytes().split(b"\n", 2)
    put(log, "checkpoint", b"\n".join([origin, b"%d" % (int(size) - 1), rest]))


def _other_root(log: Path) -> None:
    origin, size, root, rest = (log / "checkpoint").read_bytes().split(b"\n", 3)
    other = (b"B" if root[:1] == b"A" else b"A") + root[1:]
    put(log, "checkpoint", b"\n".join([origin, size, other, rest]))


def _other_signature(log: Path) -> None:
    """Change the first signature of the log, well inside its base64."""
    note = (log / "checkpoint").read_bytes()
    at = re.search(rb"\n\xe2\x80\x94 \S+ \S{40}", note)
    assert at is not None
    was = note[at.end() : at.end() + 1]
    put(
        log, "checkpoint", note[: at.end()] + (b"B" if was == b"A" else b"A") + note[at.end() + 1 :]
    )


def _last(size: int) -> int:
    return size - 1


def _last_bundle(size: int) -> int:
    """Give where the last entries begin: under another size they have another name."""
    return size - 1 - (size - 1) % TILE_WIDTH


@dataclass(frozen=True, slots=True)
class Forgery:
    """One change, who sees it, and where our own verifier says that it is."""

    name: str
    forge: Callable[[Path], object]
    sees: frozenset[str]
    position: Callable[[int], int] = lambda _: FORGED
    """By the size of the log: an entry, the first below a tile, or the last that was signed."""
    read: int = FORGED
    """Which entry tlog-scales is asked for; -1 is the last."""


ALL = frozenset({"fsck", "tlogscan", "tlog-scales"})
_SCANS, _TILES = frozenset({"fsck", "tlogscan"}), frozenset({"fsck", "tlog-scales"})
FORGERIES = (
    Forgery("an edited entry", lambda log: _edited(log, _edit), ALL),
    Forgery("two entries exchanged", lambda log: _edited(log, _swap), ALL),
    Forgery("a hash", lambda log: flip(log, _HASHES, _AT * HASH_BYTES), _TILES, read=FORGED + 1),
    Forgery(
        "a hash that its own entry's proof leaves out",
        lambda log: flip(log, _HASHES, _AT * HASH_BYTES),
        frozenset({"fsck"}),
    ),
    Forgery("an entry and its hash", _forge_with_hash, ALL, lambda _: _TILE * TILE_WIDTH),
    Forgery("a tail that was cut", _cut_tail, ALL, _last, -1),
    Forgery("another size", _count_less, ALL, _last_bundle, UNTOUCHED),
    Forgery("another root", _other_root, ALL, _last),
    Forgery("another signature", _other_signature, _SCANS, _last, UNTOUCHED),
)
"""Those of a log of any length from 1 024 on that does not end with a full tile."""
UPPER = (
    Forgery(
        "a hash of the second level",
        lambda log: flip(log, "tile/1/000", _TOP_OF * HASH_BYTES),
        _TILES,
        lambda _: _TOP_OF * TILE_WIDTH,
        (_TOP_OF + 1) * TILE_WIDTH,
    ),
    Forgery("the top tile", lambda log: flip(log, _partial(log, "2"), 0), _TILES, lambda _: 0, -1),
)
"""Those of a log of more than 65 536 entries."""
