"""What the services need of a ledger as a log that is proven: its tree and its checkpoints.

Entries of the log are the leaf bytes of a ledger's records, in order of position; sizes count them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.logged_checkpoint import LoggedCheckpoint
from services.intake_ports import Offsets
from services.ports import Ledger, Recorded


class LogTiles(Protocol):
    """The tree of one ledger, as of every size that it has had.

    Promises: what is given is of committed entries alone, and the same for ever. Tiles are as
    they are stored, for proofs that are checked; nothing here is re-hashed from the entries.
    """

    def size(self) -> int:
        """Give how many entries there are."""
        ...

    def root(self, size: int) -> bytes:
        """Give the root of the first `size` entries; raises NotFound beyond the end."""
        ...

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Give the first `width` hashes of a tile; raises NotFound where there are not as many."""
        ...

    def leaves(self, start: int, limit: int) -> list[bytes]:
        """Give the bytes of up to `limit` entries from position `start` on."""
        ...


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A checkpoint that the hub signed: from then on nothing else may be said of its size."""

    size: int
    root: bytes
    note: bytes
    """The note with the hub's own signatures, without cosignatures."""
    kept_ms: int


@dataclass(frozen=True, slots=True)
class Cosignature:
    """One signature line of a witness, exactly as it was given and checked."""

    size: int
    line: bytes
    taken_ms: int


@dataclass(frozen=True, slots=True)
class PublishedCheckpoint:
    """A checkpoint as it was handed out, with its cosignatures."""

    size: int
    note: bytes
    published_ms: int


class CheckpointBook(Protocol):
    """Every checkpoint of one ledger, kept for ever.

    Promises: what returned is durable; nothing is changed or removed; no size has two roots.
    A size is that of entries that are there, and not 0.
    """

    def keep(self, size: int, root: bytes, note: bytes, *, now_ms: int) -> KeptCheckpoint:
        """Keep a signed checkpoint before anybody is shown it; gives the one that stands.

        Of two for one size and root the first stands. Raises RootDiffers when the size is kept with
        another root, NotFound when there are not as many entries.
        """
        ...

    def cosign(self, size: int, lines: Sequence[bytes], *, now_ms: int) -> None:
        """Keep lines of witnesses, each once; raises NotFound when that size is not kept."""
        ...

    def publish(self, size: int, note: bytes, *, now_ms: int) -> None:
        """Keep what is handed out from now on; raises NotFound when that size is not kept.

        The same size may be published again, with later cosignatures.
        """
        ...

    def kept(self, start: int, limit: int) -> list[KeptCheckpoint]:
        """Give up to `limit` checkpoints of `start` entries or more, in order of size."""
        ...

    def latest_kept(self) -> KeptCheckpoint | None:
        """Give the largest."""
        ...

    def cosignatures(self, size: int) -> list[Cosignature]:
        """Give the lines for a size, in the order in which they came."""
        ...

    def published(self, size: int) -> list[PublishedCheckpoint]:
        """Give what was handed out of one size, in the order in which it was."""
        ...

    def latest_published(self) -> PublishedCheckpoint | None:
        """Give the largest, as it was handed out last."""
        ...

    def published_covering(self, position: int) -> PublishedCheckpoint | None:
        """Give the smallest that has a position in it, as it was handed out first."""
        ...


@dataclass(frozen=True, slots=True)
class SignedList:
    """One submission as it is kept: who sent it, and what its signature covers."""

    source: str
    digests: tuple[bytes, ...]
    signature: bytes


class ProvenLedger(Ledger, Protocol):
    """A ledger with its tree and its checkpoints.

    Promises: records, tree and head are one transaction, so the root is at every time the root of
    what is recorded; with a head that says otherwise a ledger is not opened.
    """

    @property
    def tiles(self) -> LogTiles:
        """Give its tree."""
        ...

    @property
    def checkpoints(self) -> CheckpointBook:
        """Give its checkpoints."""
        ...

    @property
    def offsets(self) -> Offsets:
        """Give how far the queues that lead to it are taken in."""
        ...

    def signed(self, submission: uuid.UUID) -> SignedList | None:
        """Give what a publisher signed of one submission."""
        ...

    def append_checkpoint(self, checkpoint: LoggedCheckpoint, *, now_ms: int) -> Recorded | None:
        """Append a checkpoint of this ledger as an entry, under the rules of `append`.

        Gives where it stands; None, and appends nothing, when no entry but checkpoints came since
        the last one that was appended, up to its size. Raises NotFound when there are not as many
        entries, RecordMalformed when the note is too long, and what `append` raises of clocks.
        """
        ...
