"""One transaction's worth of events: planned steps become rows, documents and numbers together.

What a crash leaves is either all of it or nothing: pseudonyms, sequence numbers, sessions, what was
published, and the exact bytes in the outbox.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from domain.values import to_text
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.hub import ErasureRequested, SealingSessionOpened
from domain.vocabulary.parts import FactsPart, Kind
from services.acknowledging import instant
from services.borough.making import Maker, OwnEvent, Slot
from services.borough.pseudonyms import PSEUDONYM_BYTES, Pseudonyms, spelled
from services.borough.reconciling import Step
from services.borough.sessions import Sealers, SessionsInUse
from services.borough.speaker import BoroughKeys
from services.borough.submitting import Submissions
from services.client_ports import OWN_SCOPE, BoroughStore, Name, Published
from services.identifiers import uuid7

Reason = Literal["should-never-have-been-sent", "wrong-file", "wrong-key"]


@dataclass(frozen=True, slots=True)
class Writers:
    """What writing needs beside the store."""

    keys: BoroughKeys
    maker: Maker
    sealers: Sealers


@dataclass(frozen=True, slots=True)
class _Said:
    """What the client says on its own account."""

    kind: type[Kind]
    facts: FactsPart
    stream: str
    key: str = ""
    pseudonyms: tuple[str, ...] = ()


class Writing:
    """Writes events inside the store's open transaction. Every use ends with `close`."""

    def __init__(
        self, store: BoroughStore, writers: Writers, names: Collection[Name], *, atomic: bool
    ) -> None:
        """Begin; `names` are the natural keys that will be met, as far as they are known."""
        self._store = store
        self._writers = writers
        speaker, means = writers.sealers.speaker, writers.sealers.means
        self._now_ms = means.clock.now_ms()
        self._names = Pseudonyms(store.pseudonyms, names)
        self._sessions = SessionsInUse(store.sessions, writers.sealers)
        self._submissions = Submissions(
            speaker, writers.keys, store.outbox, now_ms=self._now_ms, atomic=atomic
        )
        self._first = store.outbox.take_sequence(0)
        self._taken = 0
        self._rows: list[Published] = []
        self._withdrawn: dict[uuid.UUID, uuid.UUID] = {}

    def step(self, step: Step, scope: str) -> Published | None:
        """Write what a step asks for; gives the row of its event, if it makes one.

        A new fact is of `scope`; a correction stays in the scope that its fact is of.
        """
        if not step.makes_an_event():
            self.withdraw(step.withdraw, "wrong-key")
            return None
        event = uuid7(self._now_ms)
        # The event that stands instead is named by the withdrawal, and follows it.
        self.withdraw(step.withdraw, "wrong-key", event)
        return self._event(step, event, step.scope or scope)

    def withdraw(
        self, rows: Collection[Published], reason: Reason, replacement: uuid.UUID | None = None
    ) -> None:
        """Write a withdrawal of each row."""
        for row in rows:
            facts: dict[str, str] = {"reason": reason}
            if replacement is not None:
                facts["replacement"] = str(replacement)
            stream = self._names.of(("stream", row.stream))
            said = _Said(RecordWithdrawn, RecordWithdrawn.Facts.model_validate(facts), stream)
            self._withdrawn[row.event] = self._own(said, row.event)

    def say(self, kind: type[Kind], facts: FactsPart, key: tuple[str, ...]) -> None:
        """Write an event of the client's own, in the one stream of its kind."""
        stream = self._names.of(("own", spelled((kind.name,))))
        self._own(_Said(kind, facts, stream, spelled(key)))

    def ask_erasure(self, facts: FactsPart, pseudonyms: tuple[str, ...]) -> uuid.UUID:
        """Write a request for erasure of whom the pseudonyms stand for, in a stream of its own."""
        stream = to_text(secrets.token_bytes(PSEUDONYM_BYTES))
        return self._own(_Said(ErasureRequested, facts, stream, pseudonyms=pseudonyms))

    def close(self) -> list[uuid.UUID]:
        """Put everything into the store; gives the submissions that went into the outbox."""
        self._submissions.close()
        self._names.keep()
        self._sessions.keep()
        self._store.published.add(self._rows)
        self._store.published.withdraw(self._withdrawn)
        self._store.outbox.take_sequence(self._taken)
        return self._submissions.ids

    def _slot(self, event: uuid.UUID, supersedes: uuid.UUID | None = None) -> Slot:
        sequence = self._first + self._taken
        self._taken += 1
        return Slot(event, sequence, supersedes)

    def _event(self, step: Step, event: uuid.UUID, scope: str) -> Published:
        tagged, draft = step.tagged, step.tagged.draft
        parts = sum(1 for _, restricted in tagged.parts if restricted is not None)
        seal = None
        if parts:
            recipients = self._writers.sealers.speaker.recipients(draft.recipients)
            seal = self._sessions.seal_for(recipients, parts, self._session_opened)
        slot = self._slot(event, step.supersedes)
        made = self._writers.maker.event(tagged, slot, self._names, seal)
        row = Published(
            event=event,
            sequence=slot.sequence,
            submission=self._submissions.add(made),
            kind=draft.kind.name,
            scope=scope,
            person=draft.person(),
            key=tagged.key,
            stream=tagged.stream,
            time=draft.time,
            fact=tagged.fact,
            digest=tagged.digest,
            likeness=tagged.likeness,
            supersedes=slot.supersedes,
            episode=tagged.episode,
            beside=tuple(one.person for one in draft.subjects[1:]),
        )
        self._rows.append(row)
        return row

    def _session_opened(self, facts: SealingSessionOpened.Facts) -> uuid.UUID:
        return self._own(_Said(SealingSessionOpened, facts, facts.session))

    def _own(self, said: _Said, withdraws: uuid.UUID | None = None) -> uuid.UUID:
        """Write an event of the client's own, and a row to find it by when it is answered."""
        slot = self._slot(uuid7(self._now_ms), withdraws)
        now = instant(self._now_ms)
        own = OwnEvent(said.kind, said.stream, now, said.facts, said.pseudonyms)
        made = self._writers.maker.own(own, slot)
        self._rows.append(
            Published(
                event=slot.event,
                sequence=slot.sequence,
                submission=self._submissions.add(made),
                kind=said.kind.name,
                scope=OWN_SCOPE,
                person="",
                key=said.key,
                stream="",
                time=now,
                fact=b"",
                digest=b"",
                likeness=b"",
            )
        )
        return slot.event
