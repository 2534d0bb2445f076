"""Making receipts: that an event stands in the log, and is what its publisher sent."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from domain import tree
from domain.errors import NotFound
from domain.receipts import Receipt, SignedSubmission
from domain.record import Attestation, Leaf, leaf_bytes_of, leaf_of
from domain.signed_note import read_note
from domain.statement import PartClass, StatedPart, recipient_set, statement
from domain.tlog_proof import TlogProof
from domain.values import to_text
from services.fetching import Shelf
from services.log_ports import ProvenLedger
from services.ports import Caller, StoredEntry
from services.registry import Registry
from services.sessions import session_recipients


class Receipts:
    """Makes receipts for those who published."""

    def __init__(
        self,
        ledgers: Mapping[str, ProvenLedger],
        shelves: Mapping[str, Shelf],
        registry: Registry,
    ) -> None:
        """Make them of these ledgers, each with what opens its headers."""
        self._ledgers = ledgers
        self._shelves = shelves
        self._registry = registry

    def receipt(self, event: uuid.UUID, caller: Caller) -> Receipt:
        """Give the receipt of an event of the caller's own body's ledger.

        Raises NotFound: `event` where there is none that the caller may know of, `published
        checkpoint` where none covers it yet.
        """
        name = self._ledger_of(caller)
        ledger = self._ledgers.get(name or "")
        entry = None if ledger is None else ledger.find(event)
        if ledger is None or entry is None:
            raise NotFound("event")
        leaf = leaf_of(entry.record)
        by_publisher = leaf.attestation is Attestation.SIGNED
        shelf = self._shelves[ledger.name]
        return Receipt(
            event=str(event),
            ledger=ledger.name,
            receipt=_proof(ledger, entry).encode().decode(),
            signed=_signed(ledger, leaf) if by_publisher else None,
            statement=to_text(_statement(shelf, entry, leaf)) if by_publisher else None,
        )

    def _ledger_of(self, caller: Caller) -> str | None:
        source = None if caller.source is None else self._registry.source(caller.source)
        if source is not None:
            return source.ledger
        body = self._registry.participants().participant(caller.participant, self._registry.today())
        return None if body is None else body.ledger


def _proof(ledger: ProvenLedger, entry: StoredEntry) -> TlogProof:
    published = ledger.checkpoints.published_covering(entry.position)
    if published is None:
        raise NotFound("published checkpoint")
    path = tree.inclusion(entry.position, published.size, ledger.tiles.tile)
    note = read_note(published.note)
    return TlogProof(entry.position, tuple(path), note, leaf_bytes_of(entry.record))


def _statement(shelf: Shelf, entry: StoredEntry, leaf: Leaf) -> bytes:
    _, opened, header, _ = shelf.opening.header(entry)
    session = header.sealingsession and shelf.sessions.facts(header.sealingsession)
    recipients = session_recipients(session[1]) if session else ()
    return statement_of(leaf, [one.envelope_digest for one in opened.ring], recipients)


def statement_of(leaf: Leaf, envelopes: Sequence[bytes], recipients: Sequence[str]) -> bytes:
    """Give the statement that leaf, envelope digests and recipients make, in the leaf's order."""
    parts = [
        StatedPart(
            part.number,
            part.part_class,
            part.commitment,
            envelope if part.part_class is PartClass.RESTRICTED else b"",
            recipient_set(recipients),
        )
        for part, envelope in zip(leaf.parts, envelopes, strict=True)
    ]
    return statement(leaf.event_id.bytes, leaf.header_commitment, parts)


def _signed(ledger: ProvenLedger, leaf: Leaf) -> SignedSubmission:
    kept = ledger.signed(leaf.submission)
    if kept is None:
        raise NotFound("submission")
    return SignedSubmission(
        digests=tuple(to_text(one) for one in kept.digests),
        index=leaf.index,
        signature=to_text(kept.signature),
        source=kept.source,
        submission=str(leaf.submission),
    )
