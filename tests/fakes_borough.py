"""The tables of a borough's store in memory: what `fakes_borough_store` is made of."""

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.errors import Fault
from services.client_ports import OWN_SCOPE, Name, OpenSession, Outgoing, Published, Refusal, State
from services.unseen import Unseen


@dataclass
class MemoryPseudonyms:
    """The `PseudonymTable` port."""

    rows: dict[Name, tuple[bytes, ...]] = field(default_factory=dict)

    def find(self, names: Collection[Name]) -> dict[Name, bytes]:
        """Give the latest pseudonym of each name that has one."""
        return {name: self.rows[name][-1] for name in names if name in self.rows}

    def generations(self, names: Collection[Name]) -> dict[Name, tuple[bytes, ...]]:
        """Give every pseudonym that each name ever had, the oldest first."""
        return {name: self.rows[name] for name in names if name in self.rows}

    def add(self, made: Mapping[Name, bytes]) -> None:
        """Keep a pseudonym for each name, as its next generation."""
        for name, pseudonym in made.items():
            self.rows[name] = (*self.rows.get(name, ()), pseudonym)


@dataclass
class MemorySessions:
    """The `SessionTable` port."""

    rows: list[OpenSession] = field(default_factory=list)

    def in_use(self, recipients: tuple[str, ...]) -> OpenSession | None:
        """Give the session in use for these recipients (sorted)."""
        return next((row for row in self.rows if row.recipients == recipients), None)

    def add(self, session: OpenSession) -> None:
        """Keep a new session."""
        assert self.in_use(session.recipients) is None
        self.rows.append(session)

    def count(self, session: bytes, parts: int) -> None:
        """Add to the number of parts sealed in a session."""
        self.rows = [
            replace(row, parts=row.parts + parts) if row.session == session else row
            for row in self.rows
        ]

    def close(self, session: bytes) -> None:
        """Put a session out of use and forget its secret."""
        self.rows = [row for row in self.rows if row.session != session]

    def close_opened_by(self, events: Collection[uuid.UUID]) -> None:
        """Do so for sessions whose opening event was refused."""
        self.rows = [row for row in self.rows if row.event not in events]

    def close_all(self) -> None:
        """Do so for every session."""
        self.rows = []


@dataclass
class MemoryPublished:
    """The `PublishedTable` port."""

    rows: dict[uuid.UUID, Published] = field(default_factory=dict)
    tags: set[bytes] = field(default_factory=set)

    def _where(self, holds: Callable[[Published], bool]) -> list[Published]:
        return [row for row in self.rows.values() if holds(row)]

    def standing(self, facts: Collection[bytes]) -> list[Published]:
        """Give the standing rows of some facts, in the order in which they were made."""
        return self._where(lambda row: _stands(row) and row.fact in facts)

    def standing_of(self, scope: str, persons: Collection[str]) -> list[Published]:
        """Give the standing rows of some persons in a scope, in the order of making."""
        return self._where(
            lambda row: _stands(row) and row.scope == scope and row.person in persons
        )

    def of_submission(self, submission: uuid.UUID) -> list[Published]:
        """Give every row of a submission, in the order of making."""
        return self._where(lambda row: row.submission == submission)

    def of_events(self, events: Collection[uuid.UUID]) -> list[Published]:
        """Give the rows of some events, in the order of making."""
        return self._where(lambda row: row.event in events)

    def latest_own(self, kind: str, *states: State) -> Published | None:
        """Give the last made row of the client's own of a kind, in one of these states."""
        found = self._where(
            lambda row: row.scope == OWN_SCOPE and row.kind == kind and row.state in states
        )
        return found[-1] if found else None

    def counts(self) -> Mapping[tuple[str, str, State], int]:
        """Count the rows that are not withdrawn, by scope, kind and state."""
        rows = self._where(lambda row: row.withdrawn_by is None)
        return Counter((row.scope, row.kind, row.state) for row in rows)

    def add(self, rows: Sequence[Published]) -> None:
        """Keep new rows."""
        self.rows.update({row.event: row for row in rows})

    def withdraw(self, by: Mapping[uuid.UUID, uuid.UUID]) -> None:
        """Mark rows as withdrawn."""
        for event, taker in by.items():
            self.rows[event] = replace(self.rows[event], withdrawn_by=taker)

    def settle(self, recorded: Sequence[uuid.UUID], refused: Sequence[uuid.UUID]) -> None:
        """Put pending rows into the state that the hub told."""
        for event in refused:
            self._settled(event, "refused")
        for row in self._where(lambda row: row.withdrawn_by in refused):
            self.rows[row.event] = replace(row, withdrawn_by=None)
        for event in recorded:
            known = self.rows.get(event)
            supersedes = known.supersedes if known is not None else None
            target = self.rows.get(supersedes) if supersedes is not None else None
            lost = target is not None and target.state in {"refused", "adrift"}
            self._settled(event, "adrift" if lost else "recorded")

    def _settled(self, event: uuid.UUID, state: State) -> None:
        row = self.rows.get(event)
        if row is not None and row.state == "pending":
            self.rows[event] = replace(row, state=state)

    def doubt(self, events: Collection[uuid.UUID]) -> None:
        """Put pending rows adrift, and whatever these events would have taken back."""
        for event in events:
            self._settled(event, "adrift")
        for row in self._where(lambda row: row.withdrawn_by in events):
            self.rows[row.event] = replace(row, withdrawn_by=None, state="adrift")

    def forget_seen(self) -> None:
        """Begin a new reading of a return."""
        self.tags = set()

    def see(self, tags: Collection[bytes]) -> None:
        """Note facts and persons as seen."""
        self.tags.update(tags)

    def seen(self, tags: Collection[bytes]) -> set[bytes]:
        """Give those of the tags that were seen."""
        return self.tags & set(tags)

    def unseen(self, scope: str, after: int, limit: int) -> list[Unseen]:
        """Give standing facts of a scope that were not seen, each as its last row has it."""
        last = {row.fact: row for row in self._where(_stands)}
        found = [
            row
            for row in last.values()
            if row.scope == scope and row.sequence > after and row.fact not in self.tags
        ]
        in_order = sorted(found, key=lambda row: row.sequence)[:limit]
        return [
            Unseen(one.sequence, one.kind, one.person, one.stream, one.time) for one in in_order
        ]


def _stands(row: Published) -> bool:
    return row.scope != OWN_SCOPE and row.state != "refused" and row.withdrawn_by is None


@dataclass
class MemoryOutbox:
    """The `Outbox` port."""

    next_sequence: int = 1
    entries: dict[uuid.UUID, Outgoing] = field(default_factory=dict)
    answers: dict[uuid.UUID, bytes | None] = field(default_factory=dict)
    faults: list[Refusal] = field(default_factory=list)

    def take_sequence(self, count: int) -> int:
        """Take `count` numbers of the source's own counter; gives the first."""
        first = self.next_sequence
        self.next_sequence += count
        return first

    def add(self, outgoing: Outgoing) -> None:
        """Put a submission at the end."""
        assert outgoing.submission not in self.entries
        self.entries[outgoing.submission] = outgoing

    def next_try(self) -> Outgoing | None:
        """Give the oldest submission that was not answered, and count the try."""
        left = self._left()
        waiting = (one for one in self.entries.values() if one.submission in left)
        first = min(waiting, key=lambda one: not one.renamed, default=None)
        if first is not None:
            self.entries[first.submission] = replace(first, tries=first.tries + 1)
        return first

    def waiting(self) -> int:
        """Count the submissions that were not answered."""
        return len(self._left())

    def acknowledge(
        self, submission: uuid.UUID, answer: bytes, refused: Mapping[uuid.UUID, Sequence[Fault]]
    ) -> bool:
        """Keep a checked acknowledgement; False when there was an answer already."""
        if submission not in self._left():
            return False
        self.answers[submission] = answer
        for event, faults in refused.items():
            self._refusals(submission, event, faults)
        return True

    def refuse(self, submission: uuid.UUID, faults: Sequence[Fault]) -> bool:
        """Mark a submission as refused as a whole; False when it was answered."""
        if submission not in self._left():
            return False
        self.answers[submission] = None
        self._refusals(submission, None, faults)
        return True

    def acknowledgement(self, submission: uuid.UUID) -> bytes | None:
        """Give the acknowledgement of a submission."""
        return self.answers.get(submission)

    def acknowledgements(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Give kept acknowledgements, from after a number on."""
        kept = [one for one in self.answers.values() if one is not None]
        numbered = list(enumerate(kept, start=1))
        return [one for one in numbered if one[0] > after][:limit]

    def refusals(self, after: int, limit: int) -> list[Refusal]:
        """Give faults that the hub told, from after a number on."""
        return [one for one in self.faults if one.number > after][:limit]

    def _left(self) -> set[uuid.UUID]:
        return self.entries.keys() - self.answers.keys()

    def _refusals(
        self, submission: uuid.UUID, event: uuid.UUID | None, faults: Sequence[Fault]
    ) -> None:
        for one in faults:
            number = len(self.faults) + 1
            self.faults.append(Refusal(number, submission, event, one.place, one.code))
