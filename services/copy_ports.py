"""What a body keeps of parts that it fetched from others, so that a copy can be made to go."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Protocol

from services.hub_door import HubAnswer, HubDoor


@dataclass(frozen=True, slots=True, order=True)
class Fetch:
    """One part that was fetched; `kept` is where its copy was written, if it was.

    `going`: we remove that copy, or have removed it. `mark` is SHA-256 of its content, None until
    that is written: by it the file is known, wherever another one was put in its place.
    """

    ledger: str
    event: uuid.UUID
    number: int
    kept: str | None = field(default=None, repr=False)
    going: bool = False
    mark: bytes | None = field(default=None, repr=False)


class FetchTable(Protocol):
    """The fetches of a borough, of all its sources. Used inside the store's transaction alone."""

    def note(self, fetch: Fetch) -> bool:
        """Note that a part is about to be fetched; False when it was noted with this place before.

        Each place where a copy is kept is noted. What was `going` is no longer, and the mark is
        that of the fetch.
        """
        ...

    def marked(self, fetch: Fetch) -> None:
        """Note the mark of the copy that is about to be written to this place."""
        ...

    def take_back(self, fetch: Fetch) -> None:
        """Forget that a part was fetched to this place: it was not."""
        ...

    def goes(self, fetch: Fetch) -> None:
        """Note that the copy in this place is `going`."""
        ...

    def of(self, ledger: str, event: uuid.UUID, number: int) -> list[Fetch]:
        """Give the fetches of a part, sorted by where they were kept, those kept nowhere first."""
        ...

    def gone(self, ledger: str, event: uuid.UUID, number: int) -> None:
        """Forget the fetches of a part."""
        ...


class Copies(Protocol):
    """Files on this machine, in which parts are kept."""

    def reserve(self, place: str) -> None:
        """Make an empty file that nobody else may read.

        Raises HomeNotReady where anything stands already, or none can be made.
        """
        ...

    def write(self, place: str, content: bytes) -> None:
        """Write the content of a file that was reserved; raises HomeNotReady."""
        ...

    def holds(self, place: str, mark: bytes | None) -> bool:
        """Say whether the file with this content is there; of no mark, an empty one."""
        ...

    def destroy(self, place: str, mark: bytes | None) -> None:
        """Overwrite and remove that file, or what is left of it: nothing but zeros.

        Another one stays as it is. Raises Unavailable when it cannot be removed.
        """
        ...

    def take_back(self, place: str) -> None:
        """Overwrite and remove a file that was reserved and is not wanted; raises Unavailable."""
        ...


class PostingDoor(HubDoor, Protocol):
    """The borough's door to the hub, by which something beside a submission can be posted."""

    def post(self, path: str, document: bytes) -> HubAnswer:
        """Post a JSON document under `/v1`."""
        ...
