"""What a body keeps of parts that it fetched from others, so that a copy can be made to go."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Protocol

from services.ports import HubAnswer, HubDoor


@dataclass(frozen=True, slots=True, order=True)
class Fetch:
    """One part that was fetched; `kept` is where its copy was written, if it was."""

    ledger: str
    event: uuid.UUID
    number: int
    kept: str | None = field(default=None, repr=False)


class FetchTable(Protocol):
    """The fetches of a borough, of all its sources. Used inside the store's transaction alone."""

    def note(self, fetch: Fetch) -> None:
        """Note that a part is about to be fetched; each place where a copy is kept is noted."""
        ...

    def of(self, ledger: str, event: uuid.UUID, number: int) -> list[Fetch]:
        """Give the fetches of a part, sorted by where they were kept, those kept nowhere first."""
        ...

    def gone(self, ledger: str, event: uuid.UUID, number: int) -> None:
        """Forget the fetches of a part."""
        ...


class Copies(Protocol):
    """Files on this machine, in which parts are kept."""

    def keep(self, place: str, content: bytes) -> None:
        """Write a file that nobody else may read; raises HomeNotReady where one stands already."""
        ...

    def destroy(self, place: str) -> None:
        """Overwrite and remove a file, if it is there; raises Unavailable when it stays."""
        ...


class PostingDoor(HubDoor, Protocol):
    """The borough's door to the hub, by which something beside a submission can be posted."""

    def post(self, path: str, document: bytes) -> HubAnswer:
        """Post a JSON document under `/v1`."""
        ...
