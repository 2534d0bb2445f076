"""How the last of what was told is asked for: a page at a time, from the end of a ledger."""

from __future__ import annotations

from typing import NamedTuple


class LastTold(NamedTuple):
    """Ask for the last rows of a telling: of one ledger, at most so many, before a position.

    What stands is as of `size` entries of the ledger.
    """

    telling: str
    ledger: str
    size: int
    before: int
    most: int
