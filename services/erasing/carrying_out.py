"""Carrying an erasure out, in an order that a crash at any point leaves to be finished.

 1. what is approved, waited for and not held is looked for in the whole ledger (`reach.py`)
 2. `key-destroyed`, and who is to be told, are appended as one submission that raises the fence,
    if nothing came to the ledger since 1; else what came is looked at, and it is tried again
 3. the key store destroys the rows here and in its mirror, and fences the names
 4. it is done: the request's state says `destroyed`

Dying before 2 leaves nothing, dying after it leaves entries that say what is to be destroyed: 3 is
done for each of them whenever the hub is opened (`resume`), and by carrying out again.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.erasure import KEY_BACKUP_DAYS, erasures_stream
from domain.errors import NotAuthorised, Unavailable
from domain.values import day_of, to_text
from domain.vocabulary.custody import KeyDestroyed
from domain.vocabulary.erasing import CopyOfPart, ErasureNotified
from domain.vocabulary.parts import FactsPart, Kind
from services.custody import KeyName
from services.destroyed_keys import Destruction
from services.erasing.book import Tell
from services.erasing.reach import Reach, StreamKey
from services.erasing.requests import Progress, Request, Requests
from services.hub_events import HubEvents, MovedOn
from services.preparing import PreparedEvent

_log = logging.getLogger(__name__)

KEYS_AN_EVENT = 200
"""Keys and tags of 46 characters each, in an event of at most 32 KiB."""
COPIES_AN_EVENT = 200
REQUESTS_AT_ONCE = 16
_ATTEMPTS = 20
Pair = tuple[bytes, list[bytes]]
"""A key that goes, and the tags of the names that it was found by."""


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What was destroyed for a request; nothing where it was `refused`, and why."""

    request: str
    subjects: int = 0
    streams: int = 0
    told: tuple[str, ...] = ()
    """Recipients who had fetched something."""
    refused: str | None = None


class CarryingOut:
    """Destroys what bodies agreed to destroy."""

    def __init__(self, requests: Requests, hub_events: HubEvents) -> None:
        """Work on what `requests` finds."""
        self._requests = requests
        self._hub_events = hub_events

    def due(self) -> Iterator[Progress]:
        """Give what is approved and waited for, in every ledger."""
        for ledger in self._requests.books:
            for one in self._requests.standing(ledger):
                if one.state == "approved":
                    yield one

    def carry_out(self, event: str, tell: Tell) -> CarriedOut:
        """Carry one request out; raises NotAuthorised unless it is to be, NotFound, Unavailable."""
        request = self._requests.find(event)
        state = self._requests.progress(request).state
        if state != "approved":
            raise NotAuthorised(f"erasure-{state}")
        (done,) = self._of_ledger(request.ledger, [request], tell)
        if done.refused is not None:
            raise NotAuthorised(done.refused)
        return done

    def carry_out_all(self, tell: Tell) -> list[CarriedOut]:
        """Carry out whatever is due, a ledger read once for some requests together."""
        by_ledger: dict[str, list[Request]] = {}
        for one in self.due():
            by_ledger.setdefault(one.request.ledger, []).append(one.request)
        return [
            done
            for ledger, requests in by_ledger.items()
            for at in range(0, len(requests), REQUESTS_AT_ONCE)
            for done in self._of_ledger(ledger, requests[at : at + REQUESTS_AT_ONCE], tell)
        ]

    def resume(self) -> int:
        """Destroy whatever a ledger says is destroyed and a file holds still; gives how many.

        A ledger that is away says nothing now: it is asked again when it is there.
        """
        said: list[Destruction] = []
        for ledger, book in self._requests.books.items():
            try:
                said += book.destroyed.destructions()
            except Unavailable:
                _log.warning("destroying-waits ledger=%s", ledger)
        left = [one for one in said if not self._requests.store.destroyed(list(one.tags))]
        keys = [key for one in left for key in one.keys]
        if left:  # all at once: the store's file is written anew each time
            self._requests.store.destroy(keys, [tag for one in left for tag in one.tags])
            self._requests.custody.forget()
        return len(keys)

    def _of_ledger(self, ledger: str, requests: list[Request], tell: Tell) -> list[CarriedOut]:
        self.resume()  # what was said before is finished first
        said = self._said_already(ledger)
        left = [one for one in requests if one.event not in said]
        done = self._said(ledger, left, tell) if left else []
        self.resume()
        finished = [CarriedOut(one.event) for one in requests if one.event in said]
        return [*finished, *done]

    def _said_already(self, ledger: str) -> set[str | None]:
        book = self._requests.books[ledger]
        return {one.facts.erasure for one in book.destroyed.destructions()}

    def _said(self, ledger: str, requests: list[Request], tell: Tell) -> list[CarriedOut]:
        """Append what is about to be destroyed, as soon as nothing comes in between."""
        book = self._requests.books[ledger]
        reach = Reach(book, requests, self._requests.deciding.registry.controllers)
        for _ in range(_ATTEMPTS):
            head = book.ledger.head()
            reach.read_to(head.size, tell)
            # Another process may have said it meanwhile: what is said is finished, not said twice.
            said = self._said_already(ledger)
            asked = [one for one in requests if one.event not in said]
            refused = {one.event: why for one in asked if (why := self._against(reach, one))}
            left = [one for one in asked if one.event not in refused]
            events, done = self._events(reach, left, head.fences + 1)
            try:
                if events:
                    self._hub_events.append_behind(ledger, head.size, events)
            except MovedOn:
                continue
            done += [CarriedOut(one.event) for one in requests if one.event in said]
            return [*done, *(CarriedOut(one, refused=why) for one, why in refused.items())]
        raise Unavailable("the ledger (it never rests)")

    def _against(self, reach: Reach, request: Request) -> str | None:
        """Say what stands against a request, now that all of it is known."""
        if request.event in reach.foreign:
            return "subject-of-another-controller"
        state = self._requests.progress(request).state
        return None if state == "approved" else f"erasure-{state}"

    def _events(
        self, reach: Reach, requests: Sequence[Request], fence: int
    ) -> tuple[list[PreparedEvent], list[CarriedOut]]:
        """Make what says that the keys of these requests, and of their streams, are destroyed."""
        before = reach.book.destroyed.destructions()
        gone = {key for one in before for key in one.keys}
        erased = frozenset(gone.union(*(one.key_ids() for one in requests)))
        streams = list(reach.streams(requests, erased))
        events: list[PreparedEvent] = []
        done: list[CarriedOut] = []
        for request in requests:
            mine = [one for one in streams if one.request == request.event]
            doomed = Doomed(request, fence, self._lapses())
            facts = [
                *doomed.facts("subject", list(self._subjects(request, before))),
                *doomed.facts("stream", list(self._streams(mine))),
            ]
            copies = list(reach.copies(request))
            events += [self._made(request, KeyDestroyed, one) for one in facts]
            events += [self._made(request, ErasureNotified, one) for one in _told(request, copies)]
            recipients = tuple(participant for participant, _ in copies)
            done.append(CarriedOut(request.event, len(request.key_ids()), len(mine), recipients))
        return events, done

    def _made(self, request: Request, kind: type[Kind], facts: FactsPart) -> PreparedEvent:
        return self._hub_events.made(kind, facts, erasures_stream(request.ledger))

    def _lapses(self) -> str:
        today = day_of(self._requests.deciding.registry.today())
        return (today + datetime.timedelta(days=KEY_BACKUP_DAYS)).isoformat()

    def _subjects(self, request: Request, before: Sequence[Destruction]) -> Iterator[Pair]:
        """Give key and tags of each subject; one that was erased before is found by its key."""
        for key, pseudonym in request.subjects:
            if pseudonym is None:
                tags = [tag for one in before if key in one.keys for tag in one.tags]
            else:
                name = KeyName(request.ledger, "subject", pseudonym)
                tags = [self._requests.custody.tag(name)]
            yield key, tags

    def _streams(self, streams: Sequence[StreamKey]) -> Iterator[Pair]:
        for one in streams:
            yield one.key, [self._requests.custody.tag(one.name)]


@dataclass(frozen=True, slots=True)
class Doomed:
    """Spells which keys of a request are destroyed, in events of a size that is taken."""

    request: Request
    fence: int
    lapses: str

    def facts(
        self, key_class: Literal["stream", "subject"], pairs: Sequence[Pair]
    ) -> Iterator[KeyDestroyed.Facts]:
        """Give the facts of each event."""
        for at in range(0, len(pairs), KEYS_AN_EVENT):
            chunk = pairs[at : at + KEYS_AN_EVENT]
            yield KeyDestroyed.Facts(
                erasure=self.request.event,
                fence=self.fence,
                fenced=tuple(sorted({to_text(tag) for _, tags in chunk for tag in tags})),
                key_class=key_class,
                keys=tuple(sorted({to_text(key) for key, _ in chunk})),
                lapses=self.lapses,
            )


def _told(
    request: Request, copies: Sequence[tuple[str, list[CopyOfPart]]]
) -> Iterator[ErasureNotified.Facts]:
    """Give what each recipient is told: which of its copies are to go."""
    for participant, parts in copies:
        for at in range(0, len(parts), COPIES_AN_EVENT):
            yield ErasureNotified.Facts(
                copies=tuple(parts[at : at + COPIES_AN_EVENT]),
                erasure=request.event,
                ledger=request.ledger,
                participant=participant,
            )
