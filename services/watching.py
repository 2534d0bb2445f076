"""What may be told of the hub's work while it goes on: constant names and identifiers alone.

A watch sees that something was begun, of which ledger or view, how much of it, and how it ended.
There is no way to hand it anything that was sent, stored or opened.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Literal, Protocol, get_args

Work = Literal["answer", "commit", "fold", "publish", "tell"]
"""`publish`: from the bytes of a submission to its signed answer. `commit`: sealing and appending
what has queued up. `fold`: opening and folding a batch, and writing its rows. `answer`: putting an
answer together once its figures are counted, and recording the read. `tell`: telling participants
what is in a batch of entries, `amount` of messages."""
WORKS: tuple[Work, ...] = get_args(Work)


class Watch(Protocol):
    """Whoever watches work."""

    def __call__(self, work: Work, of: str, amount: int = 0) -> AbstractContextManager[None]:
        """Watch a piece of work, of a ledger or view by its name; `amount` counts its events."""
        ...


def unwatched(work: Work, of: str, amount: int = 0) -> AbstractContextManager[None]:  # noqa: ARG001 - the port's
    """Watch nothing."""
    return nullcontext()
