"""Rows of a borough's store by number, and stores of both kinds to keep them in."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from adapters.client.borough_store import SqliteBoroughStore
from services.client_ports import BoroughStore, Name, OpenSession, Outgoing, Published, State
from services.erasing_ports import ErasingStore
from tests.fakes_borough_store import MemoryBoroughStore

KINDS = ("memory", "sqlite")
SOURCE = "/participants/havering/social-care"
CHILD: Name = ("person", "2:C1")


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[ErasingStore]:
    """Open an empty store of a kind."""
    if kind == "memory":
        yield MemoryBoroughStore()
        return
    folder.chmod(0o700)
    with SqliteBoroughStore(folder / "borough.sqlite", SOURCE) as store:
        yield store


def event(number: int) -> uuid.UUID:
    """Give an id by number."""
    return uuid.UUID(int=(7 << 76) | (2 << 62) | number)


def row(number: int, **changes: object) -> Published:
    """Build the row of an event by number."""
    made = Published(
        event=event(number),
        sequence=number,
        submission=event(1000),
        kind="referral-received",
        scope="cin-census",
        person="C1",
        key="2:C1",
        stream="2:S1",
        time="2023-04-03T09:00:00Z",
        fact=b"fact".ljust(16),
        digest=b"digest".ljust(32),
        likeness=b"likeness".ljust(32),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # each test names a field's own


def outgoing(number: int, *events: int) -> Outgoing:
    """Build a submission by number."""
    ids = tuple(map(event, events or (number * 10,)))
    digests = tuple(bytes([number]) * 32 for _ in ids)
    return Outgoing(event(1000 + number), b"document %d" % number, ids, digests)


def session(number: int, *recipients: str) -> OpenSession:
    """Build a session by number."""
    return OpenSession(
        bytes([number]) * 32, recipients or ("havering",), b"s" * 32, 1_000, event(number), 3
    )


def states(store: BoroughStore, *rows: Published) -> list[State]:
    """Give the states of rows, by the submission that they went in."""
    with store.transaction():
        found = {one.event: one.state for one in store.published.of_submission(event(1000))}
    return [found[one.event] for one in rows]


def keep(store: BoroughStore, *rows: Published) -> None:
    """Keep rows, with the submission that they went in."""
    with store.transaction():
        store.outbox.add(replace(outgoing(0), events=tuple(one.event for one in rows)))
        store.published.add(rows)
