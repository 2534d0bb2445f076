"""What a borough keeps of an erasure, so that what was erased is never told again.

A *fence* says that a person was erased: a keyed tag in place of the person, a day, and keyed tags
of facts. Whoever reads it without the borough's own key learns how many persons were erased, and
when. Fences stand in the store and in a file beside it: a store that comes from a backup of before
the erasure still has what was erased, and heeds the file before it does anything.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.client_ports import BoroughStore, Name, Outgoing, Published
from services.copy_ports import FetchTable


@dataclass(frozen=True, slots=True, order=True)
class Fence:
    """What is never told again of one person.

    That is what happened before the London day `since`, and of what happened on that day or later
    those `facts` that had been published by then. Without `erased` it was taken back as never to be
    sent, and the person's pseudonyms go on.
    """

    person: bytes
    since: str
    facts: tuple[bytes, ...] = ()
    erased: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a request for erasure is about, as far as they are not forgotten yet, sorted.

    `mis_sent`: the rest of what is known of them is told again, under new pseudonyms. `tags` stand
    for whomever it was about, sorted, also when they are forgotten: until the erasure's day is
    known.
    """

    persons: tuple[str, ...] = field(repr=False)
    mis_sent: bool
    tags: tuple[bytes, ...] = ()


class Fences(Protocol):
    """The fences in a file beside the store.

    Promises: what `keep` was given is durable when it returns; nothing that was kept is forgotten.
    It is used inside the store's transaction alone.
    """

    def mark(self) -> str:
        """Give a text that is another one whenever the file is; empty when there is none."""
        ...

    def kept(self) -> frozenset[Fence]:
        """Give every fence; raises HomeNotReady for a file that is damaged."""
        ...

    def keep(self, fences: Collection[Fence]) -> None:
        """Keep these beside those that are kept already; raises Unavailable."""
        ...


class ErasureTable(Protocol):
    """What the store has on erasures, and how it forgets. It is about every source of the borough.

    As with all tables of the store it is used inside a transaction alone.
    """

    def ask(self, request: uuid.UUID, asked: Asked) -> None:
        """Remember whom a request for erasure is about, until they are forgotten."""
        ...

    def asked(self) -> Mapping[uuid.UUID, Asked]:
        """Give the requests that are not done, the oldest first."""
        ...

    def dated(self, tags: Collection[bytes]) -> None:
        """Take these tags from every request: the day of their erasure is known."""
        ...

    def done(self, request: uuid.UUID) -> None:
        """Forget a request."""
        ...

    def fences(self) -> frozenset[Fence]:
        """Give every fence that this store heeds."""
        ...

    def heed(self, fences: Collection[Fence]) -> None:
        """Keep fences as heeded."""
        ...

    def persons(self) -> frozenset[str]:
        """Give every person of whom there is a pseudonym or a published row."""
        ...

    def about(self, persons: Collection[str]) -> list[Published]:
        """Give every row of any source that tells of one of these persons, in any place."""
        ...

    def unanswered(self, texts: Collection[str]) -> list[Outgoing]:
        """Give the submissions of any source that wait and hold one of these texts, in order."""
        ...

    def put(self, submission: uuid.UUID, instead: Outgoing) -> None:
        """Put another submission in the place of one that waits, its rows along."""
        ...

    def again(self, events: Mapping[uuid.UUID, uuid.UUID | None]) -> None:
        """Make rows pending, whatever they were: their events go out again.

        Each is given with the event that it supersedes from now on, if any.
        """
        ...

    def forget(
        self, persons: Collection[str], texts: Collection[str], but: Collection[uuid.UUID]
    ) -> frozenset[Name]:
        """Forget persons: rows, pseudonyms, requests; gives the names that were forgotten.

        A row that tells of others too goes on under one of them. Where a standing row went, what is
        left of its fact has no digest: the hub's last word on it is gone, so it is told again. Rows
        of the events `but` stay as they are. Streams and episodes that no row of others names go
        with the person. Bytes of refused submissions that hold one of the texts go, and the secrets
        of all sessions in use.
        """
        ...


class ErasingStore(BoroughStore, Protocol):
    """The borough's store, as whoever forgets uses it."""

    @property
    def erasures(self) -> ErasureTable:
        """Give what there is on erasures."""
        ...

    @property
    def fetches(self) -> FetchTable:
        """Give what was fetched from others."""
        ...

    def scrub(self) -> bool:
        """Leave no byte of what was deleted in the store's files; False while others read them.

        Outside a transaction.
        """
        ...


def by_person(fences: Collection[Fence]) -> dict[bytes, Sequence[Fence]]:
    """Give the fences of each person."""
    found: dict[bytes, list[Fence]] = {}
    for fence in sorted(fences):
        found.setdefault(fence.person, []).append(fence)
    return dict(found)
