"""Who publishes, reads and controls data, since when, and what became of them.

Boroughs are data: a fourth one, or three others, is another version of this document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from domain.errors import Fault, ReferenceRefused
from domain.reference.dated import (
    Document,
    InForce,
    Prose,
    Title,
    dates_in_order,
    day_after,
    doubled,
    fault,
    shape_faults,
    unknown,
)
from domain.values import Day, GssCode, LaCode, LedgerName, ParticipantCode, SourceName, Strict

ParticipantKind = Literal[
    "auditor", "borough", "icb", "partnership", "police", "school-body", "trust"
]

EARLIEST = "1990-01-01"
"""The first day that any event may bear: bodies that are older are in force from here."""

KEEPERS = frozenset({"borough", "partnership"})
"""The kinds of participant that keep a ledger of their own."""

NEVER_PLAIN = frozenset({"police"})
"""The kinds of participant whose sources must always seal for themselves."""


class Participant(InForce):
    """One body. `ledger` names the ledger that it keeps; `successors` what it became part of."""

    code: ParticipantCode
    gss_code: GssCode | None = None
    kind: ParticipantKind
    la_code: LaCode | None = None
    ledger: LedgerName | None = None
    name: Title
    successors: tuple[ParticipantCode, ...] = ()


class Source(Strict):
    """One system of one participant; it writes to exactly one ledger.

    `plain` says that it cannot run the client, so that the hub seals for it at intake; `shielded`
    that its controller protects where its events come from. `rhythm_hours` is how often at least it
    gives a sign of life: when it has not, it is quiet.
    """

    controller: ParticipantCode
    description: Prose
    ledger: LedgerName
    name: SourceName
    participant: ParticipantCode
    plain: bool = False
    rhythm_hours: Annotated[int, Field(ge=1, le=8_784)] | None = None
    shielded: bool = False


class Participants(Document):
    """All bodies and their sources, past ones included."""

    kind: Literal["participants"]
    participants: tuple[Participant, ...]
    sources: tuple[Source, ...]

    def participant(self, code: str, day: Day) -> Participant | None:
        """Give a body, if it is in force on that day."""
        found = (p for p in self.participants if p.code == code and p.in_force(day))
        return next(found, None)

    def source(self, name: str, day: Day) -> Source | None:
        """Give a source, if its participant and its controller are in force on that day."""
        for source in self.sources:
            if source.name == name:
                bodies = (source.participant, source.controller)
                return source if all(self.participant(code, day) for code in bodies) else None
        return None

    def controllers(self, name: str, day: Day) -> frozenset[str]:
        """Give who answers on a day for what a source ever told: its controller, or the heirs.

        Whether the source still tells anything does not matter: what it told is still held.
        """
        codes = {one.controller for one in self.sources if one.name == name}
        return frozenset(heir.code for code in codes for heir in self.successors(code, day))

    def boroughs(self, day: Day) -> tuple[Participant, ...]:
        """Give the boroughs in force on a day, in the document's order."""
        return tuple(p for p in self.participants if p.kind == "borough" and p.in_force(day))

    def ledgers(self, day: Day) -> tuple[LedgerName, ...]:
        """Give the names of the ledgers in use on a day, in the document's order."""
        return tuple(p.ledger for p in self.participants if p.ledger and p.in_force(day))

    def keeper(self, ledger: str, day: Day) -> str | None:
        """Give the body whose ledger it is on a day: the controller of what boroughs tell in it."""
        found = (p.code for p in self.participants if p.ledger == ledger and p.in_force(day))
        return next(found, None)

    def successors(self, code: str, day: Day) -> tuple[Participant, ...]:
        """Give the bodies that stand on a day where `code` once stood: itself, if it still does."""
        bodies = {body.code: body for body in self.participants}
        reached: list[Participant] = []
        waiting, seen = [code], set[str]()
        while waiting:
            body = bodies.get(waiting.pop(0))
            if body is None or body.code in seen:
                continue
            seen.add(body.code)
            if body.in_force(day):
                reached.append(body)
            else:
                waiting += body.successors
        return tuple(reached)

    def rules(self) -> Iterator[Fault]:
        """Give what does not hold together between bodies and sources."""
        yield from super().rules()
        for attribute in ("code", "gss_code", "la_code", "ledger"):
            values = (getattr(body, attribute) for body in self.participants)
            yield from doubled(values, f"participants.{{}}.{attribute}")
        yield from doubled((source.name for source in self.sources), "sources.{}.name")
        for index, body in enumerate(self.participants):
            place = f"participants.{index}."
            yield from dates_in_order(body, place)
            yield from _marks_of_its_kind(body, place)
            yield from self._succession(body, place)
        for index, source in enumerate(self.sources):
            yield from self._belonging(source, f"sources.{index}.")

    def _succession(self, body: Participant, place: str) -> Iterator[Fault]:
        """A successor is there on the day after the last: no chain of them has a gap or a ring."""
        if not body.successors:
            return
        if body.effective_until is None:
            yield fault(f"{place}successors", "no-last-day")
            return
        codes = [p.code for p in self.participants]
        yield from unknown(body.successors, codes, place=f"{place}successors.{{}}")
        following = day_after(body.effective_until)
        for index, heir in enumerate(body.successors):
            if heir in codes and self.participant(heir, following) is None:
                yield fault(f"{place}successors.{index}", "not-in-force-next-day")

    def _belonging(self, source: Source, place: str) -> Iterator[Fault]:
        bodies = {body.code: body for body in self.participants}
        for attribute in ("participant", "controller"):
            if getattr(source, attribute) not in bodies:
                yield fault(f"{place}{attribute}", "unknown")
        if not source.name.startswith(f"/participants/{source.participant}/"):
            yield fault(f"{place}name", "of-another-participant")
        yield from self._right_ledger(source, f"{place}ledger")
        kinds = {
            p.kind for p in self.participants if p.code in {source.participant, source.controller}
        }
        if source.plain and (source.shielded or kinds & NEVER_PLAIN):
            yield fault(f"{place}plain", "never-plain")

    def _right_ledger(self, source: Source, place: str) -> Iterator[Fault]:
        """A body that keeps a ledger writes there, or to the partnership's: never to another's."""
        keepers = {p.ledger: p for p in self.participants if p.ledger}
        keeper = keepers.get(source.ledger)
        if keeper is None:
            yield fault(place, "unknown")
            return
        keeps_another = source.participant in {p.code for p in keepers.values()} - {keeper.code}
        if keeps_another and keeper.kind != "partnership":
            yield fault(place, "of-another-participant")


def _marks_of_its_kind(body: Participant, place: str) -> Iterator[Fault]:
    if body.kind == "borough":
        for attribute in ("gss_code", "la_code"):
            if getattr(body, attribute) is None:
                yield fault(f"{place}{attribute}", "missing")
    if body.kind in KEEPERS and body.ledger is None:
        yield fault(f"{place}ledger", "missing")
    if body.kind not in KEEPERS and body.ledger is not None:
        yield fault(f"{place}ledger", "keeps-no-ledger")


@dataclass(frozen=True, slots=True)
class Authority:
    """A local authority as published tables name it; `code` is the slug that we know it by."""

    code: str
    name: str
    la_code: str
    gss_code: str

    @classmethod
    def named(cls, name: str, *, la_code: str, gss_code: str) -> Authority:
        """Give the authority of a published name, its code made from that name."""
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].rstrip("-")
        return cls(slug, name, la_code, gss_code)


RHYTHM_HOURS = 24
"""How often a drafted source gives a sign of life; the client does so hourly where it runs."""

PARTNERSHIP = "bhr"
"""The partnership's code, which is also the name of its ledger."""


def participants_for(authorities: Sequence[Authority]) -> Participants:
    """Draft the participants for any authorities, and their partnership.

    Each has its ledger and one source. Which police and health bodies serve them is not guessed.
    Raises ReferenceRefused where the authorities do not make up such a document.
    """
    try:
        drafted = Participants(
            effective_from=EARLIEST,
            kind="participants",
            name=f"{PARTNERSHIP}-participants",
            origin="the authorities that were asked for",
            participants=(*map(_borough, authorities), _partnership()),
            rationale="drafted for a demonstration with these authorities",
            sources=(*map(_borough_source, authorities), _partnership_source()),
            version=1,
        )
    except ValidationError as error:
        raise ReferenceRefused("participants", shape_faults(error, Participants)) from None
    if faults := tuple(drafted.rules()):
        raise ReferenceRefused("participants", faults)
    return drafted


def _borough(authority: Authority) -> Participant:
    return Participant(
        code=authority.code,
        effective_from=EARLIEST,
        gss_code=authority.gss_code,
        kind="borough",
        la_code=authority.la_code,
        ledger=authority.code,
        name=authority.name,
    )


def _borough_source(authority: Authority) -> Source:
    return Source(
        controller=authority.code,
        description="The children's social care case system: its statutory returns and its events.",
        ledger=authority.code,
        name=f"/participants/{authority.code}/children-social-care",
        participant=authority.code,
        rhythm_hours=RHYTHM_HOURS,
    )


def _partnership() -> Participant:
    return Participant(
        code=PARTNERSHIP,
        effective_from=EARLIEST,
        kind="partnership",
        ledger=PARTNERSHIP,
        name="Safeguarding partners group",
    )


def _partnership_source() -> Source:
    return Source(
        controller=PARTNERSHIP,
        description="The hub itself: what the partnership decides, registers and reports.",
        ledger=PARTNERSHIP,
        name=f"/participants/{PARTNERSHIP}/hub",
        participant=PARTNERSHIP,
    )
