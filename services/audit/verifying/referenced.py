"""The reference documents that a pack shows, held against the entries that registered them.

Nothing of the pack is believed: an entry's opening is what its leaf commits to, an entry is of the
hub's own and registers something, and a file has the digest that the entries say. So documents can
be read, and keys believed by them, where everything else is sealed. That no other document was
registered only the openings of the whole ledger show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

from domain.errors import NotOpened, RecordMalformed
from domain.opened import OpenedEvent
from domain.openings import EntryShut, NotAPack, check, entry_of
from domain.record import Attestation, bare_record
from domain.reference.documents import LARGEST
from domain.stored import StoredModels
from domain.vocabulary.offices import ReferenceDataRegistered
from services.audit.verifying import report
from services.audit.verifying.evidence import Evidence, row_of
from services.audit.verifying.report import Checked, Finding
from services.event_reading import EventReader
from services.ports import Head, StoredEntry
from services.registered import Registered
from services.registry import Registry

FOLDER, OPENINGS = "reference", "reference/openings"
FINDINGS_MAX = 1_000
Fetch = Callable[[str], bytes | None]
"""Gives what stands at a path of the ledger's folder; None where nothing does."""
Opened = tuple[StoredEntry, OpenedEvent]


class ShownReference:
    """The entries of a ledger that a pack opens: a `Log` of these alone, and it `Opens` them."""

    def __init__(self, evidence: Evidence, models: StoredModels, fetch: Fetch) -> None:
        """Read the openings, and hold each against its leaf."""
        self.ledger = evidence.ledger
        self.findings: list[Finding] = []
        self._evidence = evidence
        self._reader = EventReader(evidence.ledger, models)
        self._fetch = fetch
        self._opened: dict[int, Opened] = {}
        raw = fetch(OPENINGS)
        self.is_there = raw is not None
        for line in (raw or b"").splitlines(keepends=True):
            self._line(line)

    def head(self) -> Head:
        """Give the end of the ledger."""
        return Head(self._evidence.size, 0, 0)

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give up to `limit` of the entries that are opened, from position `start` on."""
        found = [self._opened[at][0] for at in sorted(self._opened) if at >= start]
        return found[:limit]

    def event(self, entry: StoredEntry) -> OpenedEvent:
        """Give what an entry opened to."""
        return self._opened[entry.position][1]

    def events(self, entries: Sequence[StoredEntry]) -> list[OpenedEvent | NotOpened]:
        """Give what entries opened to."""
        return [self.event(one) for one in entries]

    def hold(self, registry: Registry, names: Sequence[str]) -> Iterator[Checked]:
        """Hold the files of these names against what is registered; says how many there are.

        The registry reads these openings, or those of the whole ledger where an auditor has them.
        """
        if not self.is_there:
            why = "no reference documents are in the pack: it was made without the keys"
            yield Checked(report.OPENINGS, self.ledger, 0, why)
            return
        documents = [one for versions in registry.documents().values() for one in versions]
        for one in documents:
            self._document(one)
        known = {f"{one.digest.hex()}.json" for one in documents} | {OPENINGS.rpartition("/")[2]}
        for name in names:
            if name not in known:
                self._find(-1, "reference-document-not-registered")
        yield Checked(report.OPENINGS, self.ledger, len(documents))

    def _document(self, one: Registered) -> None:
        raw = self._fetch(f"{FOLDER}/{one.digest.hex()}.json")
        if raw is None:
            self._find(one.position, "reference-document-missing")
        elif len(raw) > LARGEST or hashlib.sha256(raw).digest() != one.digest:
            self._find(one.position, "reference-document-differs")

    def _line(self, line: bytes) -> None:
        try:
            entry = entry_of(line)
        except NotAPack:
            self._find(-1, "reference-opening-malformed")
            return
        try:
            if isinstance(entry, EntryShut):
                raise RecordMalformed("an opening that opens nothing")
            (found,) = self._evidence.entries(entry.position, 1)
            row = row_of(entry.position, found.leaf)
            record = bare_record(row.record)
            header_bytes, parts = check(record.leaf, entry)
            header = self._reader.header(record, header_bytes)
            event = self._reader.event(row, record, header, parts)
        except (NotAPack, NotOpened, ValueError):  # also where no such entry is
            self._find(entry.position, "reference-opening-differs")
            return
        registers = isinstance(event.facts, ReferenceDataRegistered.Facts)
        if event.attestation is not Attestation.HUB or not registers:
            self._find(entry.position, "opened-and-registers-nothing")
            return
        self._opened[entry.position] = row, event

    def _find(self, position: int, code: str) -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(report.OPENINGS, self.ledger, position, code))
