"""What a ledger itself shows of each destruction of keys: who asked for it, who agreed, whose went.

A key's id says nothing of a person, but a leaf ties each part to its key. So the leaf of a request,
of which a publisher signed the statement, tells which keys may go for it: no key and no name is
needed to find that another's went.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from domain.erasure import DAY_MS, not_before_ms
from domain.opened import OpenedEvent
from domain.record import Attestation, Leaf, key_tag
from domain.statement import PartClass
from domain.values import to_bytes, to_text
from domain.vocabulary.custody import KeyDestroyed
from domain.vocabulary.deciding import (
    DecidedFacts,
    ErasureApproved,
    LegalHoldLifted,
    LegalHoldSet,
)
from domain.vocabulary.erasing import ErasureRequested
from services.audit.holds import Holds
from services.audit.sources_then import SourcesThen
from services.registry import Registry
from services.stated import marks_its_subjects, unrestricted_statement

APPROVERS = 2
"""Of different bodies, one of them the controller: nobody erases alone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for an erasure, as its own leaf and what was agreed make it."""

    leaf: Leaf
    controller: str | None
    """Whose source it came from; None where none of that name was registered then."""
    by: str | None
    """The body that it names; None once its own facts are erased."""
    not_before_ms: int | None
    """By what it names itself and by what was agreed for all; None where nothing was agreed."""
    marks: frozenset[str] | None
    """Of whom it says that it is about, as holds name them; None once its facts are erased."""
    its_own: bool
    """Whether these are of its subjects, as far as they open."""

    def signed(self) -> bool:
        """Say whether the controller itself asked for it, and signed that."""
        named = self.by is None or self.by == self.controller
        return named and self.leaf.attestation is Attestation.SIGNED and self.controller is not None

    def statement(self) -> str:
        """Give what bodies approve; empty for what nobody can."""
        found = unrestricted_statement(self.leaf)
        return "" if found is None else to_text(found)

    def names(self, key: bytes) -> bool:
        """Say whether it is about the subject of a key."""
        return any(
            key_tag(key, self.leaf.event_id, part.number) == part.key_tag
            for part in self.leaf.parts
            if part.part_class is PartClass.SHARED
        )


@dataclass(slots=True)
class Destructions:
    """Those of one ledger, in order of position: what comes later allowed nothing."""

    registry: Registry
    _asked: dict[str, Asked] = field(default_factory=dict)
    _approved: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """The bodies, by request and by the statement that they approved."""
    _holds: Holds = field(default_factory=Holds)
    _sources: SourcesThen = field(init=False)
    unknown: int = 0
    """Destructions of which nobody can say whether a hold stood against them."""

    def __post_init__(self) -> None:
        """Know whose sources were whose."""
        self._sources = SourcesThen(self.registry)

    def ask(self, event: OpenedEvent, leaf: Leaf) -> Asked | None:
        """Keep a request; None for any other event. The first of an id is the one."""
        if event.kind is not ErasureRequested:
            return None
        facts = event.facts if isinstance(event.facts, ErasureRequested.Facts) else None
        source = self._sources.at(event.header.source, event.recorded_ms)
        asked = Asked(
            leaf,
            None if source is None else source.controller,
            None if facts is None else facts.by_participant,
            self._not_before_ms(event, facts),
            None if facts is None else frozenset(facts.marks),
            facts is None or marks_its_subjects(facts, event),
        )
        return self._asked.setdefault(event.header.id, asked)

    def _not_before_ms(
        self, event: OpenedEvent, facts: ErasureRequested.Facts | None
    ) -> int | None:
        agreement = self.registry.agreement_text(event.header.agreement)
        if agreement is None:
            return None
        days = agreement.erasure_waiting_days
        if facts is None:
            return event.recorded_ms + days * DAY_MS
        return not_before_ms(facts.waiting_until, event.recorded_ms, days)

    def take(self, event: OpenedEvent, leaf: Leaf) -> None:
        """Keep what of an event is not there: a hold may be on its stream."""
        self._holds.note(event, leaf)

    def decide(self, event: OpenedEvent, facts: DecidedFacts) -> None:
        """Take in a decision whose signature stands; those that concern no erasure are passed."""
        if event.attestation is not Attestation.HUB:
            return
        if isinstance(facts, ErasureApproved.Facts):
            self._approve(facts)
        elif isinstance(facts, LegalHoldSet.Facts | LegalHoldLifted.Facts):
            self._holds.decide(event.header.id, facts)

    def _approve(self, facts: ErasureApproved.Facts) -> None:
        bodies = self._approved.setdefault((facts.request, facts.statement), set())
        bodies.add(facts.by_participant)

    def faults(self, event: OpenedEvent, facts: KeyDestroyed.Facts) -> Iterator[str]:
        """Say what is wrong with a destruction, by all that was recorded before it."""
        request = facts.erasure or ""
        asked = self._asked.get(request)
        if asked is None:
            yield "destroyed-without-request"
            return
        if not asked.signed():
            yield "destroyed-without-signed-request"
        if not _agreed(asked, self._approved.get((request, asked.statement()), set())):
            yield "destroyed-without-two-approvals"
        if asked.not_before_ms is None:
            yield "destroyed-under-no-agreement"
        elif event.recorded_ms < asked.not_before_ms:
            yield "destroyed-too-early"
        yield from self._of_whom(event, facts, asked)

    def _of_whom(
        self, event: OpenedEvent, facts: KeyDestroyed.Facts, asked: Asked
    ) -> Iterator[str]:
        if self._held(event, facts, asked):
            yield "destroyed-under-a-legal-hold"
        if not asked.its_own:
            yield "destroyed-for-a-request-that-marks-others"
        # A stream's key is in no request: what it opened shows whether it was to go.
        keys = facts.keys if facts.key_class == "subject" else ()
        if not all(asked.names(to_bytes(key)) for key in keys):
            yield "destroyed-beyond-the-request"

    def _held(self, event: OpenedEvent, facts: KeyDestroyed.Facts, asked: Asked) -> bool:
        keys = [to_bytes(key) for key in facts.keys]
        held = self._holds.against(keys, asked.marks, event.recorded_ms)
        self.unknown += held is None
        return held is True


def _agreed(asked: Asked, bodies: Collection[str]) -> bool:
    return len(bodies) >= APPROVERS and asked.controller in bodies
