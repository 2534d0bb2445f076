"""Serving a ledger as a log: checkpoints, tiles and entries, in the formats of others.

Checkpoints and tiles say how long a ledger is and nothing of what is in it: every known caller may
have them. Entries hold sizes, times and sources: a body may have those of its own ledger, and an
office those of every ledger where it holds the right `audit`. Each fetch of entries is recorded
before they leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from domain.errors import NotAuthorised, NotFound
from domain.tiles import TILE_WIDTH, bundle, width_of
from domain.vocabulary import hub
from services.cosignatures import gathered
from services.hub_events import HubEvents
from services.log_ports import ProvenLedger
from services.ports import Caller
from services.registry import Registry

AUDIT: Final = "audit"
"""The right to fetch every ledger's entries, and the purpose that it is for."""


_PAGE = 500


class LogReading:
    """Reads ledgers as logs, for those who may."""

    def __init__(
        self, ledgers: Mapping[str, ProvenLedger], registry: Registry, hub_events: HubEvents
    ) -> None:
        """Read these ledgers; who fetched entries is recorded in the ledger they are of."""
        self._ledgers = ledgers
        self._registry = registry
        self._hub_events = hub_events

    def checkpoint(self, ledger: str) -> bytes:
        """Give the latest published checkpoint; raises NotFound where there is none yet."""
        found = self._of(ledger).checkpoints.latest_published()
        if found is None:
            raise NotFound("checkpoint")
        return found.note

    def checkpoint_of(self, ledger: str, size: int) -> bytes:
        """Give the checkpoint of one size, with each witness's first and last cosignature."""
        book = self._of(ledger).checkpoints
        kept = book.kept(size, 1)
        if not kept or kept[0].size != size:
            raise NotFound("checkpoint")
        return gathered(kept[0].note, (one.line for one in book.cosignatures(size)))

    def sizes(self, ledger: str) -> bytes:
        """Give every size that was signed, ascending, one a line."""
        book, start, found = self._of(ledger).checkpoints, 1, list[str]()
        while page := book.kept(start, _PAGE):
            found += [f"{one.size}\n" for one in page]
            start = page[-1].size + 1
        return "".join(found).encode()

    def tile(self, ledger: str, level: int, number: int, width: int) -> bytes:
        """Give a tile's hashes; raises NotFound where there are not as many."""
        return self._of(ledger).tiles.tile(level, number, width)

    def entries(self, caller: Caller, ledger: str, number: int, width: int) -> bytes:
        """Give the entries under a tile of the lowest level; raises NotAuthorised or NotFound."""
        log = self._of(ledger)
        right = self._right(caller, ledger)
        if width_of(log.tiles.size(), 0, number) < width:
            raise NotFound("tile")
        first = number * TILE_WIDTH
        facts = hub.EntriesFetched.Facts(
            count=width,
            first=first,
            ledger=ledger,
            office=caller.office,
            participant=caller.participant,
            reader=caller.person,
            right=right,
        )
        self._hub_events.append(ledger, self._hub_events.made(hub.EntriesFetched, facts))
        return bundle(log.tiles.leaves(first, width))

    def _of(self, ledger: str) -> ProvenLedger:
        found = self._ledgers.get(ledger)
        if found is None:
            raise NotFound("ledger")
        return found

    def _right(self, caller: Caller, ledger: str) -> Literal["audit", "own"]:
        body = self._registry.participants().participant(caller.participant, self._registry.today())
        if body is not None and body.ledger == ledger:
            return "own"
        office = caller.office
        if office is not None and self._registry.has_right(
            caller.participant, office, right=AUDIT, purpose=AUDIT
        ):
            return "audit"
        raise NotAuthorised("no-right")
