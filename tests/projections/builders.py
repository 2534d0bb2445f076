"""Given, when, then for projections: a borough's ledger told event by event, folded, and asked.

    havering = Borough("havering")
    first = havering.assessed("mia", ["13A"], on="2023-04-03")
    havering.withdraws(first)
    assert folded(havering).cells("havering") == {}

Names of children, episodes and streams are words; the pseudonyms made of them are of no interest.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from domain.envelope import Header
from domain.errors import CommitmentDiffers, NotOpened
from domain.opened import OpenedEvent, OpenedSubject
from domain.record import Attestation, Leaf
from domain.statement import FACTS_NUMBER
from domain.values import start_of_london_day, to_text
from domain.vocabulary.assessment import AssessmentCompleted
from domain.vocabulary.custody import KeyDestroyed
from domain.vocabulary.data_quality import RecordWithdrawn, RestrictionLifted, RestrictionPlaced
from domain.vocabulary.hub import OWN_SOURCE
from domain.vocabulary.parts import FactsPart, Kind, LinkageToken, SharedPart
from projections.catalogue import PROJECTIONS
from projections.projection import Projections
from services.folding import FoldingRules
from services.ports import Head, StoredEntry
from services.projecting import Projector
from services.views import ViewStore
from tests.fakes_views import FakeViews
from tests.projections.asked import Asked

AGREEMENT = "bhr-themes@1"
ANOTHER_AGREEMENT = "case-work-only@1"
"""An agreement that does not name the purpose of the folds."""
RECORDED_MS = 1_700_000_000_000
"""2023-11-14 in London."""
DAY_MS = 24 * 60 * 60 * 1000
DAMAGED = CommitmentDiffers("part 1")


def pseudonym(word: str) -> str:
    """Give a word's pseudonym."""
    return to_text(hashlib.sha256(word.encode()).digest())


def event_id(ledger: str, number: int) -> uuid.UUID:
    """Give the id of a ledger's n-th event: known before the event comes."""
    drawn = hashlib.sha256(f"{ledger} {number}".encode()).digest()[:16]
    value = int.from_bytes(drawn, "big")
    value = value & ~(0xF << 76) | 7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 2 << 62)


@dataclass(frozen=True, slots=True)
class Person:
    """One subject: a word for who it is, a role, what may be folded about it, and its tokens."""

    word: str
    shared: SharedPart | None = field(default_factory=SharedPart)
    role: str = "child"
    linkage: tuple[LinkageToken, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """How an event is told, beyond what it says."""

    on: str = "2023-04-03"
    """A London day, or an instant."""
    stream: str | None = None
    source: str = "social-care"
    corrects: uuid.UUID | None = None
    agreement: str = AGREEMENT
    sequence: int | None = None
    attestation: Attestation = Attestation.SIGNED


@dataclass(slots=True)
class Borough:
    """A ledger that is told event by event (`services.projecting.Log`)."""

    ledger: str
    entries: list[StoredEntry] = field(default_factory=list)
    opened: list[OpenedEvent | NotOpened] = field(default_factory=list)
    numbered: dict[str, int] = field(default_factory=dict)
    destroyed: dict[bytes, int] = field(default_factory=dict)
    """The ids of destroyed keys, and which entry says so."""
    damaged: dict[int, bytes] = field(default_factory=dict)
    """Entries with a part that does not open, and the key that this part is under."""
    waits: list[int] = field(default_factory=list)
    """The first entries that came a day later than the one before, once for each day."""
    length: int | None = None
    """How many of the entries have come by now; all when None."""
    remembers: bool = False
    """Whether who opens goes on opening parts whose keys were destroyed."""

    def tells(
        self,
        kind: type[Kind],
        facts: FactsPart,
        people: Iterable[Person] = (),
        told: Told | None = None,
    ) -> uuid.UUID:
        """Append an event; gives its id."""
        told = told or Told()
        position = len(self.entries)
        word = told.stream or f"stream of {position}"
        header = self._header(kind, told, word)
        event = OpenedEvent(
            ledger=self.ledger,
            position=position,
            recorded_ms=self.recorded_ms(position),
            event_id=uuid.UUID(header.id),
            stream_tag=_stream_tag(self.ledger, word),
            attestation=told.attestation,
            header=header,
            kind=kind,
            facts=facts,
            subjects=tuple(
                OpenedSubject(1 + 2 * at, pseudonym(one.word), one.role, one.shared, one.linkage)
                for at, one in enumerate(people)
            ),
            keys=(
                (FACTS_NUMBER, key_id(self.ledger, word)),
                *((1 + 2 * at, key_id(self.ledger, one.word)) for at, one in enumerate(people)),
            ),
        )
        self._append(event, header.source, int(header.sequence), event.stream_tag)
        return event.event_id

    def destroys(self, *words: str, erasure: str | None = None) -> None:
        """Append that the keys of these streams and children are destroyed, and lose them."""
        keys = [key_id(self.ledger, word) for word in words]
        facts = KeyDestroyed.Facts(
            erasure=erasure,
            fence=len(self.entries),
            fenced=tuple(sorted(map(to_text, keys))),
            key_class="subject",
            keys=tuple(sorted(map(to_text, keys))),
            lapses="2030-01-01",
        )
        self.destroyed = {**dict.fromkeys(keys, len(self.entries)), **self.destroyed}
        told = Told(source="hub", agreement=ANOTHER_AGREEMENT, attestation=Attestation.HUB)
        self.tells(KeyDestroyed, facts, (), told)

    def damages(self, word: str) -> None:
        """Have the last entry not open for as long as the key of its stream or child is there."""
        last, key = self.opened[-1], key_id(self.ledger, word)
        assert isinstance(last, OpenedEvent)
        assert key in {one for _, one in last.keys}, "no part of it lies under that key"
        self.damaged[len(self.entries) - 1] = key

    def restricts(
        self, *words: str, until: str | None = None, told: Told | None = None
    ) -> uuid.UUID:
        """Append a restriction on children."""
        facts = RestrictionPlaced.Facts(reason="objection", until=until)
        return self.tells(RestrictionPlaced, facts, [Person(word) for word in words], told)

    def lifts(self, placed: uuid.UUID, word: str, told: Told | None = None) -> uuid.UUID:
        """Append that a restriction is lifted."""
        facts = RestrictionLifted.Facts(placed=str(placed))
        return self.tells(RestrictionLifted, facts, [Person(word)], told)

    def recorded_ms(self, position: int) -> int:
        """Give when an entry was recorded: one a millisecond, but for days that were waited."""
        waited = sum(1 for at in self.waits if at <= position)
        return RECORDED_MS + position + waited * DAY_MS

    def waits_a_day(self) -> None:
        """Have the next entry, and all after it, come a day later."""
        self.waits.append(len(self.entries))

    def opens(self, position: int) -> OpenedEvent | NotOpened:
        """Give what an entry opens to now."""
        opened = self.opened[position]
        if isinstance(opened, NotOpened):
            return opened
        come = len(self.entries) if self.length is None else self.length
        lost = {key for key, at in self.destroyed.items() if at < come}
        key = self.damaged.get(position)
        if key is not None and key not in lost:
            return DAMAGED
        return opened if self.remembers and key is None else opened.without(lost)

    def _header(self, kind: type[Kind], told: Told, stream: str) -> Header:
        hubs = told.source == "hub"
        source = OWN_SOURCE if hubs else f"/participants/{self.ledger}/{told.source}"
        number = told.sequence
        if number is None:
            number = self.numbered[source] = self.numbered.get(source, 0) + 1
        day = len(told.on) == len("2023-04-03")
        return Header(
            agreement=told.agreement,
            datacontenttype="application/json",
            dataschema=kind.schema_id(),
            id=str(event_id(self.ledger, len(self.entries))),
            precision="day" if day else "instant",
            purpose="partnership-themes",
            sequence=str(number),
            source=source,
            specversion="1.0",
            subject=pseudonym(stream),
            supersedes=None if told.corrects is None else str(told.corrects),
            time=start_of_london_day(date.fromisoformat(told.on)) if day else told.on,
            type=kind.type_name(),
        )

    def assessed(
        self,
        child: str,
        factors: Collection[str] = (),
        told: Told | None = None,
        *,
        on: str = "2023-04-03",
        episode: str | None = None,
    ) -> uuid.UUID:
        """Append a completed assessment of one child."""
        told = told or Told(on=on)
        facts = AssessmentCompleted.Facts(
            authorisation_date=told.on[:10],
            episode=None if episode is None else pseudonym(episode),
        )
        shared = AssessmentCompleted.Shared.model_validate({"factors": tuple(sorted(factors))})
        return self.tells(AssessmentCompleted, facts, [Person(child, shared)], told)

    def withdraws(self, target: uuid.UUID, told: Told | None = None) -> uuid.UUID:
        """Append a withdrawal of an event."""
        told = replace(told or Told(), corrects=target)
        return self.tells(RecordWithdrawn, RecordWithdrawn.Facts(reason="wrong-file"), (), told)

    def cannot_open(self, stream: str, source: str = "social-care") -> None:
        """Append an entry that does not open."""
        named = f"/participants/{self.ledger}/{source}"
        number = self.numbered[named] = self.numbered.get(named, 0) + 1
        self._append(CommitmentDiffers("part 1"), named, number, _stream_tag(self.ledger, stream))

    def _append(
        self, opened: OpenedEvent | NotOpened, source: str, number: int, stream: uuid.UUID
    ) -> None:
        position = len(self.entries)
        known = event_id(self.ledger, position)
        attestation = getattr(opened, "attestation", Attestation.SIGNED)
        leaf = Leaf(known, source, number, attestation, known, 0, bytes(32), bytes(32), ()).encode(
            self.recorded_ms(position)
        )
        record = len(leaf).to_bytes(2, "big") + leaf
        self.entries.append(StoredEntry(position, known, stream, record, b""))
        self.opened.append(opened)

    def read(self, start: int, limit: int) -> Sequence[StoredEntry]:
        """Give up to `limit` entries from position `start` on."""
        return self.entries[start : start + limit]

    def head(self) -> Head:
        """Give the end of the ledger."""
        return Head(len(self.entries), RECORDED_MS, len({*self.destroyed.values()}))


def key_id(ledger: str, word: str) -> bytes:
    """Give the id of the key of a stream or child, by its word."""
    return hashlib.sha256(f"{ledger} key of {word}".encode()).digest()


def _stream_tag(ledger: str, word: str) -> uuid.UUID:
    return uuid.UUID(bytes=hashlib.sha256(f"{ledger}/{word}".encode()).digest()[:16])


def rules(*boroughs: Borough, projections: Projections = PROJECTIONS) -> FoldingRules:
    """Give the rules under which these boroughs' entries open and fold."""
    by_name = {borough.ledger: borough for borough in boroughs}

    def open_entries(ledger: str, entries: Sequence[StoredEntry]) -> list[OpenedEvent | NotOpened]:
        return [by_name[ledger].opens(entry.position) for entry in entries]

    return FoldingRules(open_entries, projections, lambda header: header.agreement == AGREEMENT)


def projector(
    store: ViewStore, *boroughs: Borough, projections: Projections = PROJECTIONS
) -> Projector:
    """Give a runner over these boroughs' ledgers."""
    ledgers = {borough.ledger: borough for borough in boroughs}
    return Projector(ledgers, lambda: store, rules(*boroughs, projections=projections))


def folded(*boroughs: Borough, store: ViewStore | None = None) -> Asked:
    """Fold all there is, into memory unless a store is given; gives what can be asked."""
    asked = Asked(FakeViews() if store is None else store)
    runner = projector(asked.store, *boroughs)
    while runner.step():
        pass
    return asked
