"""The three ways in which a ledger is held to be verified: a hub's home, a served hub, a folder."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from adapters.assembly.ledgers import places_of
from adapters.assembly.processes import Failed, Processes
from adapters.client.http_hub import HttpHub, HubAddress
from adapters.ledger.postgres_evidence import PostgresEvidence
from adapters.ledger.sqlite_evidence import SqliteEvidence
from adapters.pack_folder import PackFolder
from adapters.settings import HubHome
from domain.errors import HomeNotReady, Unavailable
from domain.reference.participants import PARTNERSHIP
from services.audit.verifying.evidence import Evidence
from services.audit.verifying.ledgers import ScanAll, spans
from services.audit.verifying.scanning import Stretch, scan
from services.audit.verifying.tiled import TiledEvidence

_FOUND, _NOT_FOUND = 200, 404
_AHEAD = 16
"""Stretches of one ledger that are read, or wait to be put together, at most."""


@dataclass(frozen=True, slots=True)
class Held:
    """How ledgers are held; one of the three. It is told to other processes as it is."""

    home: Path | None = None
    folder: Path | None = None
    hub: str | None = None
    token: Path | None = None
    demo: bool = False
    """The home is a demonstration's."""
    served: tuple[str, ...] = ()
    """The ledgers that a hub is asked for: it is not believed to name them all."""

    def ledgers(self) -> list[str]:
        """Name them; raises HomeNotReady where there are none."""
        if self.home is not None:
            found = list(places_of(HubHome(self.home), reading=True))
        elif self.folder is not None:
            found = PackFolder(self.folder).ledgers()
        else:
            found = list(self.served)
        if not found:
            raise HomeNotReady("there is no ledger here to be verified")
        return sorted(found, key=lambda name: (name != PARTNERSHIP, name))


StoredEvidence = SqliteEvidence | PostgresEvidence


@contextmanager
def evidence_of(held: Held, ledger: str) -> Iterator[Evidence]:
    """Open one ledger as evidence; raises HomeNotReady, NotProven or Unavailable."""
    if held.home is not None:
        stored = _stored(HubHome(held.home), ledger)
        try:
            yield stored
        finally:
            stored.close()
    elif held.folder is not None:
        folder = PackFolder(held.folder)
        yield TiledEvidence(ledger, lambda path: folder.fetch(f"{ledger}/{path}"))
    else:
        if held.hub is None or held.token is None:
            raise HomeNotReady("a served hub is asked with a token: give --hub and --token")
        with HttpHub(HubAddress(held.hub), held.token) as door:
            yield TiledEvidence(ledger, partial(_served, door, ledger))


def _stored(home: HubHome, ledger: str) -> StoredEvidence:
    place = places_of(home, reading=True).get(ledger)
    return SqliteEvidence(home.ledger(ledger)) if place is None else PostgresEvidence(place)


def _served(door: HttpHub, ledger: str, path: str) -> bytes | None:
    answer = door.get(f"/ledgers/{ledger}/{path}")
    if answer.status == _NOT_FOUND:
        return None
    if answer.status != _FOUND:
        raise Unavailable(f"the hub's log (it answered {answer.status})")
    return answer.body


def scanning(work: Processes | None, held: Held, evidence: Evidence) -> ScanAll:
    """Give what reads every stretch of a ledger, in processes of their own where there are any."""
    if work is None:
        return lambda sizes: (scan(evidence, *piece, sizes) for piece in spans(evidence.size))
    return _Apart(work, held, evidence.ledger, evidence.size)


@dataclass(frozen=True, slots=True)
class _Apart:
    """Has stretches read in processes of their own, and gives them in order."""

    work: Processes
    held: Held
    ledger: str
    size: int

    def __call__(self, sizes: Sequence[int]) -> Iterator[Stretch]:
        """Read every stretch; raises Unavailable where one cannot be read."""
        running: deque[Future[Stretch | Failed]] = deque()
        waiting = spans(self.size)
        for start, end in islice(waiting, _AHEAD):
            running.append(self._begin(start, end, sizes))
        while running:
            yield self.work.ended(running.popleft())
            for start, end in islice(waiting, 1):
                running.append(self._begin(start, end, sizes))

    def _begin(self, start: int, end: int, sizes: Sequence[int]) -> Future[Stretch | Failed]:
        # Of the sizes each process is told its own alone.
        mine = frozenset(size for size in sizes if start < size <= end)
        return self.work.begin(_one, self.held, self.ledger, (start, end), mine)


def _one(held: Held, ledger: str, span: tuple[int, int], sizes: frozenset[int]) -> Stretch:
    with evidence_of(held, ledger) as evidence:
        return scan(evidence, *span, sizes)
