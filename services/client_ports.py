"""What the borough's client keeps, in a small store of its own that nobody else ever reads.

Losing it costs the borough its pseudonyms (the same child would come back as another one) and what
it last published; a thief of it learns which child each pseudonym stands for. It holds no private
key, and of the secrets only those of sealing sessions that are still in use.

Promises of the store, for every table: it is used inside `transaction()` alone; a transaction is
all or nothing, also after `kill -9`; when it has ended without an error it is durable; two
transactions, of whatever threads or processes, never overlap.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from domain.errors import Fault
from services.unseen import Unseen

Wait = Callable[[float], bool]
"""Waits so many seconds; False when the time is not there, so that trying again makes no sense."""

PseudonymClass = Literal["person", "stream", "episode", "own"]
Name = tuple[PseudonymClass, str]
"""What a pseudonym stands for: its class and the spelled natural key in the source system."""

State = Literal["pending", "recorded", "refused", "adrift"]
"""`adrift`: it must not stand, and nobody knows that it does not. It was recorded as a correction
of an event that was refused, or may have been recorded before its submission was refused. Before
the fact is told again it is withdrawn."""

OWN_SCOPE = ""
"""The scope of what the client sends on its own account: sessions, canaries, withdrawals."""


@dataclass(frozen=True, slots=True)
class Published:
    """One event that was made, so that the source's next word can be held against it.

    `key` and `stream` are spelled natural keys, `fact` a keyed tag of kind and key; `digest` and
    `likeness` are keyed digests of what was said. `withdrawn_by` is the event that took it back.
    `beside` are the persons that it tells of beside `person`.
    """

    event: uuid.UUID
    sequence: int
    submission: uuid.UUID
    kind: str
    scope: str
    person: str = field(repr=False)
    key: str = field(repr=False)
    stream: str = field(repr=False)
    time: str
    fact: bytes
    digest: bytes
    likeness: bytes
    supersedes: uuid.UUID | None = None
    state: State = "pending"
    withdrawn_by: uuid.UUID | None = None
    episode: str | None = field(default=None, repr=False)
    beside: tuple[str, ...] = field(default=(), repr=False)

    def stands(self) -> bool:
        """Say whether it is the source's own word, and neither refused nor withdrawn."""
        return self.scope != OWN_SCOPE and self.state != "refused" and self.withdrawn_by is None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A sealing session in use: its secret is forgotten when it is closed."""

    session: bytes
    recipients: tuple[str, ...]
    secret: bytes = field(repr=False)
    opened_ms: int
    event: uuid.UUID
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One submission as it will be sent, byte for byte, until it is answered.

    `tries` counts how often it was sent before: the hub may have taken it without being heard.
    `renamed` is what goes out again under new pseudonyms, since the hub refused the old ones.
    """

    submission: uuid.UUID
    document: bytes = field(repr=False)
    events: tuple[uuid.UUID, ...]
    statements: tuple[bytes, ...]
    atomic: bool = False
    tries: int = 0
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """One fault that the hub found: of an event, or (`event` None) of a whole submission."""

    number: int
    submission: uuid.UUID
    event: uuid.UUID | None
    place: str
    code: str


class PseudonymTable(Protocol):
    """Random pseudonyms; all sources of a borough share them."""

    def find(self, names: Collection[Name]) -> dict[Name, bytes]:
        """Give the latest pseudonym of each name that has one."""
        ...

    def generations(self, names: Collection[Name]) -> dict[Name, tuple[bytes, ...]]:
        """Give every pseudonym that each name ever had, the oldest first."""
        ...

    def add(self, made: Mapping[Name, bytes]) -> None:
        """Keep a pseudonym for each name, as its next generation."""
        ...


class SessionTable(Protocol):
    """The sealing sessions of this source."""

    def in_use(self, recipients: tuple[str, ...]) -> OpenSession | None:
        """Give the session in use for these recipients (sorted)."""
        ...

    def add(self, session: OpenSession) -> None:
        """Keep a new session; there must be none in use for its recipients."""
        ...

    def count(self, session: bytes, parts: int) -> None:
        """Add to the number of parts sealed in a session."""
        ...

    def close(self, session: bytes) -> None:
        """Put a session out of use and forget its secret."""
        ...

    def close_opened_by(self, events: Collection[uuid.UUID]) -> None:
        """Do so for sessions whose opening event was refused: the hub does not know them."""
        ...

    def close_all(self) -> None:
        """Do so for every session, of all sources of the body."""
        ...


class PublishedTable(Protocol):
    """What this source has published. *Standing* is what is neither refused nor withdrawn."""

    def standing(self, facts: Collection[bytes]) -> list[Published]:
        """Give the standing rows of some facts, in the order in which they were made."""
        ...

    def standing_of(self, scope: str, persons: Collection[str]) -> list[Published]:
        """Give the standing rows of some persons in a scope, in the order of making."""
        ...

    def of_submission(self, submission: uuid.UUID) -> list[Published]:
        """Give every row of a submission, in the order of making."""
        ...

    def of_events(self, events: Collection[uuid.UUID]) -> list[Published]:
        """Give the rows of some events, in the order of making."""
        ...

    def latest_own(self, kind: str, *states: State) -> Published | None:
        """Give the last made row of the client's own of a kind, in one of these states."""
        ...

    def counts(self) -> Mapping[tuple[str, str, State], int]:
        """Count the rows that are not withdrawn, by scope, kind and state."""
        ...

    def add(self, rows: Sequence[Published]) -> None:
        """Keep new rows."""
        ...

    def withdraw(self, by: Mapping[uuid.UUID, uuid.UUID]) -> None:
        """Mark rows as withdrawn: event → the event that takes it back."""
        ...

    def settle(self, recorded: Sequence[uuid.UUID], refused: Sequence[uuid.UUID]) -> None:
        """Put pending rows into the state that the hub told.

        What a refused withdrawal took back stands again. Recorded rows that supersede a refused or
        adrift one become `adrift`. Rows that are settled already stay as they are.
        """
        ...

    def doubt(self, events: Collection[uuid.UUID]) -> None:
        """Put pending rows adrift, and whatever these events would have taken back."""
        ...

    def forget_seen(self) -> None:
        """Begin a new reading of a return: nothing of it has been seen."""
        ...

    def see(self, tags: Collection[bytes]) -> None:
        """Note facts (and persons) as seen in the return that is being read."""
        ...

    def seen(self, tags: Collection[bytes]) -> set[bytes]:
        """Give those of the tags that were seen; memory of it need not survive the process."""
        ...

    def unseen(self, scope: str, after: int, limit: int) -> list[Unseen]:
        """Give standing facts of a scope that were not seen, each as its last row has it.

        In the order of sequence, those with a greater sequence than `after`, at most `limit`.
        """
        ...


class Outbox(Protocol):
    """What this source sends, in order, and what the hub answered."""

    def take_sequence(self, count: int) -> int:
        """Take `count` numbers of the source's own counter; gives the first. Counts from 1."""
        ...

    def add(self, outgoing: Outgoing) -> None:
        """Put a submission at the end."""
        ...

    def next_try(self) -> Outgoing | None:
        """Give the oldest submission that was not answered, and count that it is sent once more.

        What is `renamed` goes before all others: they may supersede what is in it.
        With the very bytes of `add`; `tries` counts those before this one.
        """
        ...

    def waiting(self) -> int:
        """Count the submissions that were not answered."""
        ...

    def acknowledge(
        self, submission: uuid.UUID, answer: bytes, refused: Mapping[uuid.UUID, Sequence[Fault]]
    ) -> bool:
        """Keep a checked acknowledgement for ever; False when there was an answer already.

        The document goes; the events' ids and statement digests stay.
        """
        ...

    def refuse(self, submission: uuid.UUID, faults: Sequence[Fault]) -> bool:
        """Mark a submission as refused as a whole; its bytes stay. False when it was answered."""
        ...

    def acknowledgement(self, submission: uuid.UUID) -> bytes | None:
        """Give the acknowledgement of a submission."""
        ...

    def acknowledgements(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Give kept acknowledgements, numbered in order of sending, from after a number on."""
        ...

    def refusals(self, after: int, limit: int) -> list[Refusal]:
        """Give faults that the hub told, numbered in order, from after a number on."""
        ...


class BoroughStore(Protocol):
    """The borough's own store, as one source of it uses it."""

    @property
    def pseudonyms(self) -> PseudonymTable:
        """Give the pseudonyms."""
        ...

    @property
    def sessions(self) -> SessionTable:
        """Give the sealing sessions."""
        ...

    @property
    def published(self) -> PublishedTable:
        """Give what was published."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Give the outbox."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the store; commits at the end, rolls back when an exception leaves.

        Raises Unavailable when the store cannot be had or written.
        """
        ...
