"""What a return left out, fact by fact: no more than is told of it."""

from __future__ import annotations

from typing import NamedTuple


class Unseen(NamedTuple):
    """A fact that stands and was not seen: what is told of it. There may be a return of them."""

    sequence: int
    kind: str
    person: str
    stream: str
    time: str
