"""What telling participants needs from outside, with its promises."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from domain.errors import Unavailable

FOLLOWED: Final = uuid.UUID("0b5d1c1e-7b1c-5c0c-9a52-6d0f7f3d2f41")
"""Under which each ledger keeps how far it was told of: no queue of a broker has this id."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one participant is told; `id` is the same however often it is."""

    id: uuid.UUID
    participant: str
    value: bytes = field(repr=False)


class NobodyTold(Unavailable):
    """Participants' topics cannot be reached, or not all of them are there: for all ledgers."""


class Outrun(Exception):
    """Another outbox has begun to tell of this ledger: nothing more of ours is told."""


class Outgoing(Protocol):
    """Participants' topics, as whoever tells them of ledgers sees them.

    Who reads them as is described (committed messages alone) is told all of one `tell` or nothing.
    """

    def begin(self, ledger: str) -> None:
        """Be who tells of this ledger: whoever was before is outrun from now on.

        To be called before each `tell`; it does nothing where this one is that already. Raises
        NobodyTold.
        """
        ...

    def tell(self, ledger: str, messages: Sequence[Message]) -> None:
        """Put messages into topics, in order; durable when it returns.

        Raises Outrun, and NobodyTold, after which it is not known whether they were told.
        """
        ...
