"""Who may read which view, and the record of it, made before the answer leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from domain.canonical import canonical
from domain.errors import NotAuthorised
from domain.reference.agreements import Agreement
from domain.values import to_text
from domain.vocabulary import hub
from services.deciding import NOT_SIGNED, Deciding
from services.hub_events import HubEvents
from services.ports import Caller
from services.registry import Registry

Right = Literal["live", "released"]

LIVE: Final = "live"
RELEASED: Final = "released"
RELEASES: Final = "releases"
"""The view by which agreements name releases."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One request to read a view: who, under which agreement, what for, and in which form."""

    caller: Caller
    agreement: str
    purpose: str
    format: str


class Admission(Protocol):
    """Lets a reader in, and writes it down before anything is shown."""

    def allow(self, reading: Reading, view: str) -> Agreement | None:
        """Give the agreement under which the view may be read; raises NotAuthorised."""
        ...

    def record(
        self,
        reading: Reading,
        view: str,
        *,
        positions: Mapping[str, int],
        filters: Mapping[str, str],
    ) -> None:
        """Record that this view is about to be shown; durable when this returns."""
        ...


class Entitlements:
    """Decides who may read what, by what is registered."""

    def __init__(self, registry: Registry, is_bound: Callable[[str, str], bool]) -> None:
        """Decide by this register; `is_bound` says whether a body signed an agreement."""
        self._registry = registry
        self._is_bound = is_bound

    def allow(self, reading: Reading, view: str) -> Agreement:
        """Give the agreement under which a live view may be read; raises NotAuthorised.

        Who may read releases alone is told so: `released-only`.
        """
        agreement = self._covered(reading, view)
        if not self._holds(reading, LIVE):
            raise NotAuthorised("released-only" if self._holds(reading, RELEASED) else "no-right")
        return agreement

    def allow_release(self, reading: Reading) -> Right:
        """Give the right by which releases may be read: either does; raises NotAuthorised."""
        self._covered(reading, RELEASES)
        for right in (RELEASED, LIVE):
            if self._holds(reading, right):
                return right
        raise NotAuthorised("no-right")

    def _covered(self, reading: Reading, view: str) -> Agreement:
        """Give the agreement, if it covers reader, view and purpose; raises NotAuthorised."""
        caller = reading.caller
        if caller.office is None:
            raise NotAuthorised("not-a-reading-token")
        self._registry.refresh()
        agreement = self._registry.agreement(reading.agreement)
        if agreement is None:
            raise NotAuthorised("agreement-not-in-force")
        if not agreement.may_read(
            participant=caller.participant,
            office=caller.office,
            view=view,
            purpose=reading.purpose,
        ):
            raise NotAuthorised("agreement-does-not-cover")
        if not self._is_bound(caller.participant, reading.agreement):
            raise NotAuthorised(NOT_SIGNED)
        return agreement

    def _holds(self, reading: Reading, right: Right) -> bool:
        caller = reading.caller
        return caller.office is not None and self._registry.has_right(
            caller.participant, caller.office, right=right, purpose=reading.purpose
        )


class ReadingDesk(Entitlements):
    """Decides a reading, and records it in the partnership's ledger."""

    def __init__(self, deciding: Deciding, hub_events: HubEvents, partnership: str) -> None:
        """Record reads in the ledger named `partnership`."""
        super().__init__(deciding.registry, deciding.is_bound)
        self._hub_events = hub_events
        self._partnership = partnership

    def record(
        self,
        reading: Reading,
        view: str,
        *,
        positions: Mapping[str, int],
        filters: Mapping[str, str],
        right: Right = LIVE,
    ) -> None:
        """Record that this view is about to be shown; durable when this returns."""
        facts: dict[str, object] = {
            "agreement": reading.agreement,
            "format": reading.format,
            "office": reading.caller.office,
            "participant": reading.caller.participant,
            "positions": tuple(
                hub.LedgerPosition(ledger=ledger, position=position)
                for ledger, position in sorted(positions.items())
            ),
            "purpose": reading.purpose,
            "reader": reading.caller.person,
            "right": right,
            "view": view,
        }
        if filters:
            digest = hashlib.sha256(canonical(dict(filters))).digest()
            facts["filters"] = to_text(digest)
        made = self._hub_events.made(hub.ViewRead, hub.ViewRead.Facts.model_validate(facts))
        self._hub_events.append(self._partnership, made)
