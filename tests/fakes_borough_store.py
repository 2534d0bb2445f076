"""The borough's store in memory, for tests that are about something else; the same contract."""

import copy
import hashlib
import threading
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from domain.errors import HomeNotReady
from services.client_ports import OWN_SCOPE, Name, Outgoing, Published
from services.copy_ports import Fetch
from services.erasing_ports import Asked, Fence
from tests.fakes_borough import MemoryOutbox, MemoryPseudonyms, MemoryPublished, MemorySessions


@dataclass
class MemoryFences:
    """The `Fences` port."""

    fences: frozenset[Fence] = frozenset()

    def mark(self) -> str:
        """Give a text that is another one whenever the fences are."""
        return str(len(self.fences) or "")

    def kept(self) -> frozenset[Fence]:
        """Give every fence."""
        return self.fences

    def keep(self, fences: Collection[Fence]) -> None:
        """Keep these beside those that are kept already."""
        self.fences |= frozenset(fences)


@dataclass
class MemoryCopies:
    """The `Copies` port."""

    files: dict[str, bytes] = field(default_factory=dict)

    def reserve(self, place: str) -> None:
        """Make an empty file, unless one stands there."""
        if place in self.files:
            raise HomeNotReady("it stands already")
        self.files[place] = b""

    def write(self, place: str, content: bytes) -> None:
        """Write a file that was reserved."""
        assert self.files[place] == b""
        self.files[place] = content

    def holds(self, place: str, mark: bytes | None) -> bool:
        """Say whether the file with this content is there."""
        found = self.files.get(place)
        if found is None or mark is None:
            return found == b""
        return hashlib.sha256(found).digest() == mark

    def destroy(self, place: str, mark: bytes | None) -> None:
        """Remove the file with this content, if it is there."""
        if self.holds(place, mark):
            del self.files[place]

    def take_back(self, place: str) -> None:
        """Remove a file that was reserved."""
        self.files.pop(place, None)


@dataclass
class MemoryFetches:
    """The `FetchTable` port."""

    rows: frozenset[Fetch] = frozenset()

    def note(self, fetch: Fetch) -> bool:
        """Note that a part is about to be fetched; False when it was noted before."""
        before = self._at(fetch)
        self.take_back(fetch)
        self.rows |= {fetch}
        return not before

    def marked(self, fetch: Fetch) -> None:
        """Note the mark of the copy in this place."""
        self.rows = self.rows - self._at(fetch) | {
            replace(one, mark=fetch.mark) for one in self._at(fetch)
        }

    def _at(self, fetch: Fetch) -> frozenset[Fetch]:
        place = (fetch.ledger, fetch.event, fetch.number, fetch.kept)
        rows = self.rows
        return frozenset(o for o in rows if (o.ledger, o.event, o.number, o.kept) == place)

    def take_back(self, fetch: Fetch) -> None:
        """Forget that a part was fetched to this place."""
        self.rows -= self._at(fetch)

    def goes(self, fetch: Fetch) -> None:
        """Note that the copy in this place is going."""
        self.rows = self.rows - self._at(fetch) | {
            replace(one, going=True) for one in self._at(fetch)
        }

    def of(self, ledger: str, event: uuid.UUID, number: int) -> list[Fetch]:
        """Give the fetches of a part, those kept nowhere first."""
        part = (ledger, event, number)
        found = [one for one in self.rows if (one.ledger, one.event, one.number) == part]
        return sorted(found, key=lambda one: one.kept or "")

    def gone(self, ledger: str, event: uuid.UUID, number: int) -> None:
        """Forget the fetches of a part."""
        self.rows -= set(self.of(ledger, event, number))


@dataclass
class _Said:
    """What stands on erasures themselves."""

    requests: dict[uuid.UUID, Asked] = field(default_factory=dict)
    heeded: frozenset[Fence] = frozenset()


@dataclass
class MemoryErasures:
    """The `ErasureTable` port, over the other tables of one source."""

    pseudonyms: MemoryPseudonyms
    sessions: MemorySessions
    published: MemoryPublished
    outbox: MemoryOutbox
    said: _Said = field(default_factory=_Said)

    def ask(self, request: uuid.UUID, asked: Asked) -> None:
        """Remember whom a request for erasure is about."""
        self.said.requests = {**self.said.requests, request: asked}

    def asked(self) -> Mapping[uuid.UUID, Asked]:
        """Give the requests that are not done, the oldest first."""
        return self.said.requests

    def dated(self, tags: Collection[bytes]) -> None:
        """Take these tags from every request."""
        self.said.requests = {
            request: replace(asked, tags=tuple(one for one in asked.tags if one not in tags))
            for request, asked in self.said.requests.items()
        }

    def done(self, request: uuid.UUID) -> None:
        """Forget a request."""
        self.said.requests = {k: v for k, v in self.said.requests.items() if k != request}

    def fences(self) -> frozenset[Fence]:
        """Give every fence that this store heeds."""
        return self.said.heeded

    def heed(self, fences: Collection[Fence]) -> None:
        """Keep fences as heeded."""
        self.said.heeded |= frozenset(fences)

    def persons(self) -> frozenset[str]:
        """Give every person of whom there is a pseudonym or a published row."""
        named = {key for name_class, key in self.pseudonyms.rows if name_class == "person"}
        return frozenset(named | {row.person for row in self._told() if row.person})

    def about(self, persons: Collection[str]) -> list[Published]:
        """Give every row that tells of one of these persons, in any place."""
        return [row for row in self._told() if not {row.person, *row.beside}.isdisjoint(persons)]

    def unanswered(self, texts: Collection[str]) -> list[Outgoing]:
        """Give the submissions that wait and hold one of these texts, in order."""
        return [
            one
            for one in self.outbox.entries.values()
            if one.submission not in self.outbox.answers and _holds(one, texts)
        ]

    def put(self, submission: uuid.UUID, instead: Outgoing) -> None:
        """Put another submission in the place of one that waits, its rows along."""
        self.outbox.entries = {
            (instead.submission if key == submission else key): (
                instead if key == submission else one
            )
            for key, one in self.outbox.entries.items()
        }
        self._change(instead.events, submission=instead.submission)

    def again(self, events: Mapping[uuid.UUID, uuid.UUID | None]) -> None:
        """Make rows pending, each superseding what is given with it."""
        for event, target in events.items():
            self._change([event], state="pending", supersedes=target)

    def forget(
        self, persons: Collection[str], texts: Collection[str], but: Collection[uuid.UUID]
    ) -> frozenset[Name]:
        """Forget persons: rows, pseudonyms, requests; gives the names that were forgotten."""
        rows = self.about(persons)
        own = {row.event for row in rows if {row.person, *row.beside} <= set(persons)}
        names: set[Name] = {("person", one) for one in persons}
        names |= {("stream", row.stream) for row in rows}
        names |= {("episode", row.episode) for row in rows if row.episode is not None}
        for row in self._told():
            if row.event not in own:
                names -= {("stream", row.stream), ("episode", row.episode or "")}
        for row in rows:
            self._forget_row(row, persons, but)
        self.pseudonyms.rows = {k: v for k, v in self.pseudonyms.rows.items() if k not in names}
        self.said.requests = {
            request: replace(
                asked, persons=tuple(one for one in asked.persons if one not in persons)
            )
            for request, asked in self.said.requests.items()
        }
        for key, one in self.outbox.entries.items():
            if self.outbox.answers.get(key, b"") is None and _holds(one, texts):
                self.outbox.entries[key] = replace(one, document=b"")
        self.sessions.rows = []
        return frozenset(names)

    def _forget_row(
        self, row: Published, persons: Collection[str], but: Collection[uuid.UUID]
    ) -> None:
        left = [one for one in (row.person, *row.beside) if one not in persons]
        if row.event in but:
            return
        if left:
            self._change([row.event], person=left[0], beside=tuple(left[1:]))
            return
        del self.published.rows[row.event]
        if row.stands():
            before = (one for one in self._told() if one.fact == row.fact)
            self._change([one.event for one in before if one.sequence < row.sequence], digest=b"")

    def _change(self, events: Collection[uuid.UUID], **changes: object) -> None:
        for event in events:
            if event in self.published.rows:
                changed = replace(self.published.rows[event], **changes)  # type: ignore[arg-type]  # a field's own
                self.published.rows[event] = changed

    def _told(self) -> list[Published]:
        return [row for row in self.published.rows.values() if row.scope != OWN_SCOPE]


def _holds(outgoing: Outgoing, texts: Collection[str]) -> bool:
    return any(text.encode() in outgoing.document for text in texts)


class MemoryBoroughStore:
    """The `ErasingStore` port, as durable as the test that holds it."""

    def __init__(self) -> None:
        """Start empty."""
        self.pseudonyms = MemoryPseudonyms()
        self.sessions = MemorySessions()
        self.published = MemoryPublished()
        self.outbox = MemoryOutbox()
        self.erasures = MemoryErasures(self.pseudonyms, self.sessions, self.published, self.outbox)
        self.fetches = MemoryFetches()
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the store; goes back to what was when an exception leaves."""
        with self._lock:
            before = [
                {name: copy.copy(value) for name, value in vars(table).items()}
                for table in self._tables()
            ]
            try:
                yield
            except BaseException:
                for table, was in zip(self._tables(), before, strict=True):
                    vars(table).update(was)
                raise

    def _tables(self) -> tuple[object, ...]:
        return (
            self.pseudonyms,
            self.sessions,
            self.published,
            self.outbox,
            self.erasures.said,
            self.fetches,
        )

    def scrub(self) -> bool:
        """Leave nothing of what was deleted: memory does not."""
        return True
