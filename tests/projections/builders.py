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
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from domain.envelope import Header
from domain.errors import CommitmentDiffers, NotOpened
from domain.opened import OpenedEvent, OpenedSubject
from domain.record import Attestation, Leaf
from domain.values import start_of_london_day, to_text
from domain.vocabulary.assessment import AssessmentCompleted
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.parts import FactsPart, Kind, LinkageToken, SharedPart
from projections.catalogue import PROJECTIONS
from projections.projection import Projections, Way
from services.folding import FoldingRules
from services.ports import Head, StoredEntry
from services.projecting import Projector
from services.views import Counted, Period, Question, ViewStore
from tests.fakes_views import FakeViews

AGREEMENT = "bhr-themes@1"
ANOTHER_AGREEMENT = "case-work-only@1"
"""An agreement that does not name the purpose of the folds."""
RECORDED_MS = 1_700_000_000_000


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
            recorded_ms=RECORDED_MS + position,
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
        )
        self._append(event, header.source, int(header.sequence), event.stream_tag)
        return event.event_id

    def _header(self, kind: type[Kind], told: Told, stream: str) -> Header:
        source = f"/participants/{self.ledger}/{told.source}"
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
        leaf = Leaf(
            known, source, number, Attestation.SIGNED, known, 0, bytes(32), bytes(32), ()
        ).encode(RECORDED_MS + position)
        record = len(leaf).to_bytes(2, "big") + leaf
        self.entries.append(StoredEntry(position, known, stream, record, b""))
        self.opened.append(opened)

    def read(self, start: int, limit: int) -> Sequence[StoredEntry]:
        """Give up to `limit` entries from position `start` on."""
        return self.entries[start : start + limit]

    def head(self) -> Head:
        """Give the end of the ledger."""
        return Head(len(self.entries), RECORDED_MS, 0)


def _stream_tag(ledger: str, word: str) -> uuid.UUID:
    return uuid.UUID(bytes=hashlib.sha256(f"{ledger}/{word}".encode()).digest()[:16])


def rules(*boroughs: Borough, projections: Projections = PROJECTIONS) -> FoldingRules:
    """Give the rules under which these boroughs' entries open and fold."""
    by_name = {borough.ledger: borough for borough in boroughs}

    def open_entries(ledger: str, entries: Sequence[StoredEntry]) -> list[OpenedEvent | NotOpened]:
        opened = by_name[ledger].opened
        return [opened[entry.position] for entry in entries]

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


@dataclass(frozen=True, slots=True)
class Asked:
    """A store of views to be asked in few words."""

    store: ViewStore

    def cells(self, ledger: str, *cells: str) -> Mapping[str, tuple[int, int, int]]:
        """Give events, episodes and children of these cells, each by itself; zeros left out."""
        return {
            row.group: _numbers(row) for row in self._count({one: {one} for one in cells}, ledger)
        }

    def together(self, ledger: str, *cells: str, way: Way | None = None) -> tuple[int, int, int]:
        """Give distinct events, episodes and children over all of these cells."""
        rows = self._count({"all": set(cells)}, ledger, way=way)
        return _numbers(rows[0]) if rows else (0, 0, 0)

    def periods(
        self, ledger: str, cell: str, period: Period, way: Way | None = None
    ) -> Mapping[str, int]:
        """Give the children of a cell by period."""
        rows = self._count({"all": {cell}}, ledger, period, way)
        return {row.period: row.children for row in rows}

    def _count(
        self,
        groups: Mapping[str, Collection[str]],
        ledger: str,
        period: Period = "whole",
        way: Way | None = None,
    ) -> Sequence[Counted]:
        question = Question(
            groups={name: frozenset(cells) for name, cells in groups.items()},
            period=period,
            ledgers=(ledger,),
        )
        return self.store.count(question, way).rows


def _numbers(row: Counted) -> tuple[int, int, int]:
    return row.events, row.episodes, row.children
