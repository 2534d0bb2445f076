"""What the services need from outside, each with its promises. Adapters and fakes fulfil these.

Times are whole milliseconds since 1970 UTC; ids are `uuid.UUID`; keys, digests and salts are bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from domain.record import Leaf
from services.intake_ports import Advance


class Clock(Protocol):
    """The only clock there is; the demo alone has a stepped one."""

    def now_ms(self) -> int:
        """Give the wall-clock time."""
        ...


class PendingRecord(NamedTuple):
    """A sealed record that has no position and no recorded time yet."""

    leaf: Leaf
    sealed: tuple[bytes, ...]
    """Sealed header first, then the parts in the leaf's order."""
    stream_tag: uuid.UUID
    statement: bytes
    """The statement digest: with the event id, what makes a resent event the same event."""


class Recorded(NamedTuple):
    """Where a record stands; `again` when it stood there before this append."""

    position: int
    recorded_ms: int
    again: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """The event id stands already, with another statement."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Not appended, since another record of the same all-or-nothing submission is in conflict."""


Outcome = Recorded | Conflict | HeldBack


@dataclass(frozen=True, slots=True)
class PendingSubmission:
    """What one submission appends, all in one transaction with its own row."""

    submission: uuid.UUID
    source: str
    digests: tuple[bytes, ...]
    """Every event's statement digest in order, refused events included."""
    signature: bytes
    records: tuple[PendingRecord, ...]
    answer: Callable[[Sequence[Outcome]], bytes]
    """Gives the stored answer's bytes from the outcomes, in order. Under the lock: pure, quick."""
    atomic: bool = False
    """With a conflict in it, none of its records is appended (the submission row still is)."""
    fence: bool = False
    """It destroys keys: when a record of it is new, the head counts one more fence."""
    instead: Mapping[int, PendingRecord] | None = None
    """What is appended in place of a record that does not stand, by its place; None: nothing is."""
    advance: Advance | None = None
    """The queue that it came by has been taken in so far: moved in the same transaction."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The stored answer to a submission; `again` when it was stored before."""

    answer: bytes
    again: bool


@dataclass(frozen=True, slots=True)
class SubmissionConflict:
    """The submission id stands already, with other digests or of another source."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One row of a ledger as it was read; untrusted until opened."""

    position: int
    event_id: uuid.UUID
    stream_tag: uuid.UUID
    record: bytes
    statement: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a ledger: how many entries, the last recorded time, how many fences."""

    size: int
    recorded_ms: int
    fences: int


class Ledger(Protocol):
    """One append-only ledger.

    Promises: positions are 0, 1, 2 … without gaps, given under the lock; `recorded` is the same for
    one append and never goes back; when `append` returns, everything in it is durable; when it
    raises, nothing of it is there. Two processes may append at once. Nothing is ever changed.
    """

    @property
    def name(self) -> str:
        """Give the ledger's name."""
        ...

    def append(
        self, submissions: Sequence[PendingSubmission], *, now_ms: int, fences: int
    ) -> list[Answered | SubmissionConflict]:
        """Append submissions in order, in one transaction; one result each.

        Raises FencesMoved, InsteadWanted, OffsetMoved, ClockWentBack/ClockJumped, Unavailable.
        """
        ...

    def head(self) -> Head:
        """Give the end of the ledger."""
        ...

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give up to `limit` entries from position `start` on, in order."""
        ...

    def find(self, event_id: uuid.UUID) -> StoredEntry | None:
        """Give the entry of an event; a logged checkpoint is none."""
        ...

    def stream(self, stream_tag: uuid.UUID) -> list[StoredEntry]:
        """Give the entries of one stream, in order."""
        ...

    def answered(self, submission: uuid.UUID) -> tuple[tuple[bytes, ...], bytes] | None:
        """Give the digests and the stored answer of a submission."""
        ...

    def submitted(self, submission: uuid.UUID) -> list[StoredEntry]:
        """Give the entries that a submission appended, in order of position."""
        ...

    def size_as_of(self, recorded_ms: int) -> int:
        """Give how many entries were recorded at or before a time: always a prefix."""
        ...


class FencesMoved(Exception):
    """A key was destroyed since the caller sealed: drop cached keys and seal again."""


@dataclass
class InsteadWanted(Exception):
    """Records do not stand, and nothing is given in their place: seal that, and append again."""

    wanted: Mapping[tuple[uuid.UUID, int], Conflict | HeldBack]


KeyClass = Literal["ledger", "stream", "subject"]


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A row of the key store: nothing in it says whose key it is."""

    tag: bytes
    """HMAC of ledger, class and name under the store's index key: how it is found."""
    key_id: bytes
    wrapped: bytes
    ledger: str
    key_class: KeyClass


class KeyStore(Protocol):
    """The small database of wrapped keys.

    Promises: what `add` returns is durable here and, where a mirror is configured, in the mirror
    first; of two adds for one tag the first stands, and both callers are given it.
    """

    def find(self, tags: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows there are for these tags, in any order."""
        ...

    def by_id(self, key_ids: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows there are for these key ids, in any order."""
        ...

    def add(self, rows: Sequence[WrappedKey]) -> list[WrappedKey]:
        """Add rows in one transaction; gives the rows that stand for their tags, in order."""
        ...

    def index_key(self, make: Callable[[], bytes]) -> bytes:
        """Give the wrapped index key, storing `make()` when there is none yet."""
        ...


class Cipher(Protocol):
    """AES-256-GCM with a fresh random nonce of 96 bits in front of the ciphertext."""

    def seal(self, key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Seal; gives nonce ‖ ciphertext ‖ tag."""
        ...

    def open(self, key: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """Open; None when it does not open (the caller knows the name of what it was)."""
        ...


class Encapsulation(Protocol):
    """HPKE to a body's key, hybrid ML-KEM-768 and X25519, single-shot."""

    def encapsulate(self, public: bytes, secret: bytes, info: bytes) -> bytes:
        """Seal 32 bytes to a public key, bound to `info`."""
        ...

    def decapsulate(self, private: bytes, sealed: bytes, info: bytes) -> bytes | None:
        """Open; None when it is not ours or bound to another `info`."""
        ...


class Signer(Protocol):
    """An Ed25519 key that signs."""

    @property
    def public(self) -> bytes:
        """Give the 32-byte public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign; gives 64 bytes, the same for the same message."""
        ...


Verify = Callable[[bytes, bytes, bytes], bool]
"""(public key, signature, message) → whether it holds."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a token speaks for. A publishing token names one source, a reading one an office."""

    participant: str
    source: str | None
    office: str | None
    person: str
    """An opaque id of the person or system behind it; never a name."""


class Identity(Protocol):
    """Who is behind a bearer token."""

    def caller(self, token: str) -> Caller:
        """Check signature, issuer, audience and expiry; raises NotAuthorised."""
        ...
