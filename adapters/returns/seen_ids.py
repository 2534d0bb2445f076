"""Tells whether an identifier was met before, in memory that a longer file does not enlarge."""

from __future__ import annotations

from array import array


class SeenIds:
    """A set of up to `most` texts that only says whether each is new.

    It keeps 64 bits of each text under Python's keyed hash, in one table made at the start (eight
    bytes an entry, 8 MiB for a million), and so holds no identifier. With a million of them two
    different ones are taken for the same about once in forty million files.
    """

    def __init__(self, most: int) -> None:
        self._mask = (1 << most.bit_length()) - 1  # more slots than texts: a search always ends
        self._slots = array("Q", [0]) * (self._mask + 1)

    def add(self, text: str) -> bool:
        """Enter a text, and say whether it is new."""
        entry = hash(text) & 0xFFFF_FFFF_FFFF_FFFF or 1  # 0 marks a free slot
        slot = entry & self._mask
        while self._slots[slot]:
            if self._slots[slot] == entry:
                return False
            slot = (slot + 1) & self._mask
        self._slots[slot] = entry
        return True
