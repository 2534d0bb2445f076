"""Reference documents in a pack: each as a file, and what shows that the ledger commits to it.

    reference/<hex of SHA-256>.json   a registered document, its exact bytes
    reference/openings   the entries that registered them, as lines of `domain.openings`

They are about no child and every body has them, so they go with every pack that is made where the
keys are. What else the partnership's ledger holds stays shut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from domain.errors import NotOpened
from domain.logged_checkpoint import is_event
from domain.opened import OpenedEvent
from domain.openings import entry_line
from domain.record import Attestation
from domain.reference.documents import document_digest
from domain.values import to_bytes
from domain.vocabulary.offices import ReferenceDataRegistered
from services.opening import Opening
from services.ports import StoredEntry
from services.projecting import BATCH, Log
from services.registry import Registry

FOLDER = "reference"
OPENINGS = f"{FOLDER}/openings"


def document_path(digest: bytes) -> str:
    """Give where a document stands in its ledger's folder."""
    return f"{FOLDER}/{digest.hex()}.json"


def show_reference(
    log: Log, opening: Opening, registry: Registry, put: Callable[[str, bytes], None]
) -> int:
    """Write every document that the registry counts, of the same entries; gives how many."""
    standing = {one.digest for versions in registry.documents().values() for one in versions}
    pieces: dict[str, dict[int, bytes]] = {}
    lines = []
    for entry, event, facts in _registrations(log, opening):
        salted = opening.salted(entry)
        lines.append(entry_line(entry.position, salted.header, salted.parts))
        pieces.setdefault(event.header.subject, {})[facts.piece] = to_bytes(facts.content)
    written = set()
    for one in pieces.values():
        raw = b"".join(one[index] for index in sorted(one))
        digest = document_digest(raw)
        if digest in standing and digest not in written:
            put(document_path(digest), raw)
            written.add(digest)
    put(OPENINGS, b"".join(lines))
    return len(written)


def _registrations(
    log: Log, opening: Opening
) -> Iterator[tuple[StoredEntry, OpenedEvent, ReferenceDataRegistered.Facts]]:
    at = 0
    while entries := log.read(at, BATCH):
        events = [one for one in entries if is_event(one.record)]
        for entry, event in zip(events, opening.events(events), strict=True):
            if isinstance(event, NotOpened) or event.attestation is not Attestation.HUB:
                continue
            if isinstance(event.facts, ReferenceDataRegistered.Facts):
                yield entry, event, event.facts
        at = entries[-1].position + 1
