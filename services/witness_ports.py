"""What witnessing needs from outside: a witness to be asked, and a witness's own book.

Adapters and fakes fulfil these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from domain.signed_note import Note, NoteKey
from domain.witnessing import Cosigned, HoldsSize, NoCosignature


class Witness(Protocol):
    """One witness of a policy. Nothing of what it answers is verified here."""

    def ask(
        self, old: int, path: Sequence[bytes], note: Note
    ) -> Cosigned | HoldsSize | NoCosignature:
        """Ask to cosign a checkpoint, with the proof from the size that it should hold.

        Never raises: whatever goes wrong on the way is no answer, and that is `NoCosignature`.
        """
        ...

    def latest(self, origin: str) -> bytes | None:
        """Give the last checkpoint that it cosigned of an origin, or None where it has none.

        Raises Unavailable when it does not answer, or does not show such things.
        """
        ...


class Tree(NamedTuple):
    """A size and its root."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log as a witness's book has it."""

    keys: tuple[NoteKey, ...]
    tree: Tree
    """The last that was cosigned; size 0 where none was."""
    note: bytes | None
    """The last cosigned checkpoint, with the log's signatures and the witness's."""
    seconds: int
    """When that was."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A checkpoint that a log signed and that was not shown to go on from an earlier one."""

    origin: str
    seconds: int
    text: bytes
    """The checkpoint's own text; one is kept once, however often it comes."""
    certain: bool
    """Another root of the size that was cosigned: both signatures together prove it to anybody.

    Else a proof did not hold, and whoever sent the log's checkpoint may have sent a bad proof.
    """
    kept: bytes | None
    """The last cosigned checkpoint when it came."""
    request: bytes


class WitnessBook(Protocol):
    """What a witness must never forget. Two processes may hold it at once."""

    def log(self, origin: str) -> KnownLog | None:
        """Give what is known of a log; None for one that is not served."""
        ...

    def origin(self, digest: str) -> str | None:
        """Give the origin of which this is the digest, if it is one of a log that is served."""
        ...

    def keep(self, origin: str, old: Tree, new: Tree, note: bytes, seconds: int) -> bool:
        """Make `new` the last cosigned tree where it is still `old`; False where it is not.

        Checked and written in one transaction, durable on return. Raises Unavailable, and
        ClockWentBack where `seconds` lies before the log's last cosignature or more than a few
        seconds before anybody's; in both cases nothing may leave this witness.
        """
        ...

    def keep_evidence(self, evidence: Evidence) -> None:
        """Keep what speaks against a log, for ever; the same checkpoint twice is kept once."""
        ...
