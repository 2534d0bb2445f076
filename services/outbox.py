"""The outbox: it follows ledgers, and tells participants what they are to be told of them.

How far it is in a ledger is kept in that ledger, as the number of the first entry of which nobody
was told yet (`Offsets`, under an id of its own). It is moved on after participants were told: who
is killed in between tells it again, under the same ids. Who follows which ledger leases say; of two
that believe to have one the broker listens to the one that began last, and the other moves nothing.

This is the one thing of ours that tells anybody anything. Folding, rebuilding and replaying have no
outbox, and so nothing is told by them.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from domain.errors import HubError
from services.intake_ports import Advance, OffsetMoved
from services.log_ports import ProvenLedger
from services.outbox_ports import FOLLOWED, NobodyTold, Outgoing, Outrun
from services.reading import RELEASES, Reading, Right
from services.telling import Given, Telling, ToTell
from services.watching import Watch, unwatched

BATCH = 200
TIMER_S = 0.5
AGAIN_S = 2.0
"""How long is waited after nobody could be told."""
_log = logging.getLogger("bhr.outbox")


class Records(Protocol):
    """Where it is recorded that somebody is about to be given something."""

    def record(
        self,
        reading: Reading,
        view: str,
        *,
        positions: Mapping[str, int],
        filters: Mapping[str, str],
        right: Right,
    ) -> None:
        """Record it; durable when this returns."""
        ...


class Outbox:
    """Follows ledgers, a batch of each at a time."""

    def __init__(
        self,
        ledgers: Mapping[str, ProvenLedger],
        telling: Telling,
        outgoing: Outgoing,
        records: Records,
    ) -> None:
        """Follow these ledgers, from where each says that it was told of."""
        self.shared_out: Callable[[], Sequence[str]] = lambda: tuple(ledgers)
        """Which of the ledgers are this one's to tell of now."""
        self.watch: Watch = unwatched
        self.waits: dict[str, str] = {}
        """Of which ledgers nothing can be told just now, and the class of what hinders it."""
        self._ledgers = ledgers
        self._telling = telling
        self._outgoing = outgoing
        self._records = records
        self._recorded: set[uuid.UUID] = set()

    def step(self) -> int:
        """Tell of one batch of every ledger that is ours; gives how many entries that were.

        What hinders one ledger holds up no other; where nobody can be told, none is tried further.
        """
        followed, ours = 0, self.shared_out()
        for name in [one for one in self.waits if one not in ours]:
            del self.waits[name]  # whoever has it now says how it is
        for name in ours:
            try:
                followed += self._batch(name)
            except (OffsetMoved, Outrun):
                _log.warning("outbox-outrun ledger=%s", name)
                self.waits.pop(name, None)
            except HubError as fault:
                self._wait(name, fault)
                if isinstance(fault, NobodyTold):
                    break
            else:
                self.waits.pop(name, None)
        return followed

    def run(self, wait: Callable[[float], bool]) -> None:
        """Follow until told to stop; `wait(seconds)` returns early when nudged, True to stop."""
        while True:
            try:
                followed = self.step()
            except HubError as fault:
                _log.warning("outbox-waits kind=%s", type(fault).__name__)
                followed = 0
            pause = AGAIN_S if self.waits else TIMER_S
            if wait(0 if followed else pause):
                return

    def hindrances(self) -> tuple[str, ...]:
        """Say of which ledgers nothing can be told, in constant words and their names."""
        return tuple(f"untold {name}" for name in sorted(self.waits))

    def _batch(self, name: str) -> int:
        ledger = self._ledgers[name]
        before = ledger.offsets.reached(FOLLOWED)
        entries = ledger.read(before, BATCH)
        if not entries:
            return 0
        found = self._telling.of(name, entries)
        if found.messages:
            with self.watch("tell", name, len(found.messages)):
                self._tell(name, found)
        ledger.offsets.advance(Advance(FOLLOWED, before, entries[-1].position + 1))
        self._recorded -= {one.message for one in found.given}
        return len(entries)

    def _tell(self, name: str, found: ToTell) -> None:
        self._outgoing.begin(name)
        for one in found.given:
            self._record(one)
        self._outgoing.tell(name, found.messages)

    def _record(self, given: Given) -> None:
        """Record that a release is about to be given, once however often that is tried."""
        if given.message in self._recorded:
            return
        self._records.record(
            given.reading,
            RELEASES,
            positions={one.ledger: one.position for one in given.release.positions},
            filters={"release": given.release.month},
            right=given.right,
        )
        self._recorded.add(given.message)

    def _wait(self, name: str, fault: HubError) -> None:
        kind = type(fault).__name__
        if self.waits.get(name) != kind:
            _log.warning("outbox-waits ledger=%s kind=%s", name, kind)
        self.waits[name] = kind
