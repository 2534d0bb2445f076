"""What workers need to share work: locks that go with whoever holds them, however that ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Locks(Protocol):
    """Named locks among all workers of one store. Used by one thread of a worker."""

    def check(self) -> None:
        """See that what is held is held still.

        Raises Unavailable where whoever keeps the locks does not answer: then none is held.
        """
        ...

    def take(self, name: str) -> bool:
        """Take a lock; False while another worker has it. Raises Unavailable."""
        ...

    def let_go(self, name: str) -> None:
        """Let go of a lock, if it is held."""
        ...

    def taken(self, names: Sequence[str]) -> int:
        """Say how many of these any worker has, this one included; raises Unavailable."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...
