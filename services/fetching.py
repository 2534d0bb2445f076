"""A recipient fetches a restricted part: still sealed, and recorded before it leaves."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from domain.canonical import JsonValue, canonical
from domain.envelope import Header
from domain.errors import NotAuthorised, NotFound, NotOpened
from domain.values import to_text
from domain.vocabulary import hub
from domain.vocabulary.custody import SealingSessionOpened
from services.deciding import NOT_SIGNED, Deciding
from services.hub_events import HubEvents
from services.opening import Opening
from services.ports import Caller, Ledger, StoredEntry
from services.sessions import StoredSessions


@dataclass(frozen=True, slots=True)
class Shelf:
    """One ledger as parts are fetched from it."""

    ledger: Ledger
    opening: Opening
    sessions: StoredSessions


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part is asked for, and why."""

    ledger: str
    event: uuid.UUID
    number: int
    agreement: str
    purpose: str


class Withheld(Protocol):
    """Knows which parts are given to nobody but their controller."""

    def withheld(self, ledger: str, said: tuple[str, str], key: bytes) -> str | None:
        """Give why, as a code, for a part of an event of a source, by the id of the part's key."""
        ...


class Fetching:
    """Hands out sealed parts to those whom they are addressed to."""

    def __init__(
        self,
        shelves: Mapping[str, Shelf],
        deciding: Deciding,
        withheld: Withheld,
        hub_events: HubEvents,
    ) -> None:
        """Fetch from these ledgers."""
        self._withheld = withheld
        self._shelves = shelves
        self._deciding = deciding
        self._registry = deciding.registry
        self._hub_events = hub_events

    def part(self, wanted: Wanted, caller: Caller) -> bytes:
        """Give a part's envelope, commitment and session; raises NotAuthorised or NotFound.

        Whether an event exists is told only to those whom it is addressed to. Once its source has
        withdrawn it, and while the person is restricted, it is released to its controller alone.
        """
        shelf = self._shelves.get(wanted.ledger)
        entry = shelf.ledger.find(wanted.event) if shelf else None
        if shelf is None or entry is None:
            raise NotFound("part")
        header = _header(shelf, entry)
        session = header.sealingsession
        opened = shelf.sessions.facts(session) if session else None
        if session is None or opened is None:
            raise NotFound("part")
        source, facts = opened
        if caller.participant not in {one.participant for one in facts.recipients}:
            raise NotFound("part")
        controls = self._controls(header, caller)
        self._allowed(header, wanted, caller, controls=controls)
        if not controls:
            self._refuse_withheld(shelf, entry, wanted)
        _, envelope, commitment = shelf.opening.envelope(entry, wanted.number)
        self._record(wanted, caller)
        return canonical(
            {
                "commitment": to_text(commitment),
                "envelope": to_text(envelope),
                "event": str(wanted.event),
                "ledger": wanted.ledger,
                "part": wanted.number,
                "session": _session(session, source, facts),
                "type": header.type,
            }
        )

    def _refuse_withheld(self, shelf: Shelf, entry: StoredEntry, wanted: Wanted) -> None:
        _, opened, header, _ = shelf.opening.header(entry)
        for ring in opened.ring:
            if ring.number == wanted.number:
                said = header.id, header.source
                reason = self._withheld.withheld(wanted.ledger, said, ring.key_id)
                if reason is not None:
                    raise NotAuthorised(reason)

    def _controls(self, header: Header, caller: Caller) -> bool:
        self._registry.refresh()
        return caller.participant in self._registry.controllers(header.source)

    def _allowed(self, header: Header, wanted: Wanted, caller: Caller, *, controls: bool) -> None:
        agreement = self._registry.agreement(wanted.agreement)
        if agreement is None:
            raise NotAuthorised("agreement-not-in-force")
        kind = header.kind_name()
        covered = (
            agreement.covers_purpose(kind, wanted.purpose)
            if controls
            else agreement.may_receive(kind, caller.participant, purpose=wanted.purpose)
        )
        if not covered:
            raise NotAuthorised("agreement-does-not-cover")
        if not self._deciding.is_bound(caller.participant, wanted.agreement):
            raise NotAuthorised(NOT_SIGNED)

    def _record(self, wanted: Wanted, caller: Caller) -> None:
        """Record the fetch in the event's own ledger, where its sender sees it; then let it go."""
        facts = hub.PartFetched.Facts.model_validate(
            {
                "agreement": wanted.agreement,
                "event": str(wanted.event),
                "ledger": wanted.ledger,
                "part": wanted.number,
                "participant": caller.participant,
                "purpose": wanted.purpose,
                "reader": caller.person,
            }
        )
        self._hub_events.append(wanted.ledger, self._hub_events.made(hub.PartFetched, facts))


def _header(shelf: Shelf, entry: StoredEntry) -> Header:
    """Give the header; where it does not open nobody can say whom the event is addressed to."""
    try:
        return shelf.opening.header(entry)[2]
    except NotOpened:
        raise NotFound("part") from None


def _session(session: str, source: str, facts: SealingSessionOpened.Facts) -> JsonValue:
    recipients: list[JsonValue] = [
        {"encapsulation": one.encapsulation, "key": one.key, "participant": one.participant}
        for one in facts.recipients
    ]
    return {"id": session, "recipients": recipients, "source": source, "suite": facts.suite}
