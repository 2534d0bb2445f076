"""What views must show, told again from the whole list of entries, without memory or cleverness.

Nothing of `projections.standing`, `services.folding` or a store is used: the rules are written down
a second time, over lists that are looked through from the start for every question.
"""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from domain.errors import NotOpened
from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.values import london_day, recorded_day
from domain.vocabulary.data_quality import RestrictionLifted, RestrictionPlaced
from projections.projection import Contribution, Projections, Telling, Traits
from tests.projections.builders import AGREEMENT, Borough


@dataclass(slots=True)
class Truth:
    """What is true of a ledger after its first so many entries."""

    taken: list[OpenedEvent] = field(default_factory=list)
    """All that may stand for a fact, whatever of it the views may show."""
    parked: dict[int, str | None] = field(default_factory=dict)
    """Reason by position; None for an entry behind another."""
    stopped: set[uuid.UUID] = field(default_factory=set)
    left_out: Counter[str] = field(default_factory=Counter)
    opened: list[OpenedEvent] = field(default_factory=list)
    """Everything that a register of purpose None sees."""

    today: date = date.min
    """The London day of the last entry."""

    def rows(self, projections: Projections) -> list[tuple[int, date, Contribution]]:
        """Give the live rows: position, day and contribution of every event that stands."""
        hidden = self.restricted()
        return [
            (event.position, london_day(event.header.time), contribution)
            for event in self.standing()
            for contribution in _contributions(event, projections)
            if contribution.subject not in hidden
        ]

    def restricted(self) -> set[str]:
        """Give everybody whom some restriction leaves out that stands, and nothing lifts."""
        standing = self.standing()
        lifted = {
            self._root(uuid.UUID(event.facts.placed))
            for event in standing
            if isinstance(event.facts, RestrictionLifted.Facts)
        }
        return {
            one.pseudonym
            for event in standing
            if event.kind is RestrictionPlaced and self._root(event.event_id) not in lifted
            if not _is_over(event, self.today)
            for one in event.subjects
            if one.pseudonym is not None
        }

    def _root(self, event_id: uuid.UUID) -> uuid.UUID | None:
        for event in self.taken:
            if event.event_id == event_id:
                chain = self._chain(event)
                return None if chain is None else chain[-1].event_id
        return None

    def traits(self) -> dict[tuple[int, str | None], Traits]:
        """Give what the events that stand say of their children, by position and pseudonym."""
        found: dict[tuple[int, str | None], Traits] = {}
        for event in self.standing():
            for one in event.subjects:
                if one.shared is not None:
                    shared = one.shared.model_dump(include=set(Traits._fields))
                    found[event.position, one.pseudonym] = Traits(**shared)
        return found

    def told(self, telling: Telling) -> list[tuple[int, str, bytes]]:
        """Give what stands of a telling: position, key and body."""
        return [
            (event.position, said.key, said.body.canonical())
            for event in sorted(self.standing(), key=lambda one: one.position)
            if event.kind.name in telling.types and (telling.purpose is None or taken(event))
            for said in [telling.tell(event)]
            if said is not None
        ]

    def standing(self) -> list[OpenedEvent]:
        """Give who stands for each fact."""
        facts: dict[uuid.UUID, list[tuple[int, int, OpenedEvent]]] = {}
        withdrawn = self._withdrawn()
        for event in self.taken:
            chain = self._chain(event)
            if chain is not None and event.event_id not in withdrawn:
                fact = facts.setdefault(chain[-1].event_id, [])
                fact.append((len(chain), event.position, event))
        return [max(fact)[2] for fact in facts.values()]

    def waiting(self) -> int:
        """Count those that name an event that has not come."""
        known = {event.event_id for event in self.taken}
        return sum(1 for event in self.taken if names(event) not in {None, *known})

    def _withdrawn(self) -> set[uuid.UUID]:
        return {
            target.event_id
            for event in self.taken
            if withdraws(event)
            for target in self.taken
            if names(event) == target.event_id and fault(event, target) is None
        }

    def _chain(self, event: OpenedEvent) -> list[OpenedEvent] | None:
        """Give an event, what it corrects, what that corrects …; None when one is not there."""
        if withdraws(event):
            return None
        chain = [event]
        while (name := names(chain[-1])) is not None:
            found = [one for one in self.taken if one.event_id == name]
            if not found or fault(chain[-1], found[0]) or found[0] in chain:
                return None
            chain.append(found[0])
        return chain


def truth(borough: Borough, size: int, projections: Projections) -> Truth:
    """Tell what is true after the first `size` entries of a ledger."""
    told = Truth()
    for entry in borough.entries[:size]:
        told.today = recorded_day(borough.recorded_ms(entry.position))
        opened = borough.opens(entry.position)
        if entry.stream_tag in told.stopped:
            told.parked[entry.position] = None
            continue
        reason = _reason(told, opened, projections)
        if reason is not None:
            told.parked[entry.position] = reason
            told.stopped.add(entry.stream_tag)
        elif isinstance(opened, OpenedEvent):
            _take(told, opened)
    return told


def _reason(told: Truth, opened: OpenedEvent | NotOpened, projections: Projections) -> str | None:
    if isinstance(opened, NotOpened):
        return "commitment-differs"
    try:
        _contributions(opened, projections)
    except ValueError:
        return "fold-failed"
    if withdraws(opened) and opened.header.supersedes is None:
        return "names-nothing"
    targets = [one for one in (*told.taken, opened) if one.event_id == names(opened)]
    return fault(opened, targets[0]) if targets else None


def _take(told: Truth, event: OpenedEvent) -> None:
    told.opened.append(event)
    if not taken(event):
        told.left_out[event.header.agreement] += 1
    told.taken.append(event)
    for waiting in told.taken:
        if names(waiting) == event.event_id and (reason := fault(waiting, event)):
            told.parked[waiting.position] = reason
            told.stopped.add(waiting.stream_tag)


def taken(event: OpenedEvent) -> bool:
    """Say whether folds take an event."""
    by_the_hub = event.attestation is Attestation.HUB
    always = withdraws(event) or event.kind in {RestrictionPlaced, RestrictionLifted}
    return by_the_hub or always or event.header.agreement == AGREEMENT


def _is_over(event: OpenedEvent, today: date) -> bool:
    facts = event.facts
    until = facts.until if isinstance(facts, RestrictionPlaced.Facts) else None
    return until is not None and date.fromisoformat(until) < today


def withdraws(event: OpenedEvent) -> bool:
    """Say whether it is a withdrawal."""
    return event.kind.name == "record-withdrawn"


def names(event: OpenedEvent) -> uuid.UUID | None:
    """Give the event that this one corrects or withdraws."""
    return uuid.UUID(event.header.supersedes) if event.header.supersedes else None


def fault(event: OpenedEvent, target: OpenedEvent) -> str | None:
    """Say why an event may not name another."""
    for wrong, code in (
        (event.position == target.position, "names-itself"),
        (withdraws(target), "names-a-withdrawal"),
        (event.header.source != target.header.source, "names-another-source"),
        (withdraws(event), None),
        (event.header.subject != target.header.subject, "names-another-stream"),
        (event.kind.name != target.kind.name, "names-another-type"),
    ):
        if wrong:
            return code
    return None


def _contributions(event: OpenedEvent, projections: Projections) -> set[Contribution]:
    countings = projections.countings.get(event.kind.name, ()) if taken(event) else ()
    return {one for counting in countings for one in counting.contribute(event)}
