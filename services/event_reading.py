"""From opened bytes to an event: each part a document of its kind, the header that of its leaf."""

from __future__ import annotations

from collections.abc import Mapping

from domain.envelope import Header
from domain.errors import RecordMalformed
from domain.opened import OpenedEvent, OpenedSubject
from domain.record import Record
from domain.statement import FACTS_NUMBER
from domain.stored import StoredModels
from domain.vocabulary.parts import Kind
from services.ports import StoredEntry


class EventReader:
    """Reads the opened bytes of one ledger's entries, however they came to be open."""

    def __init__(self, ledger: str, models: StoredModels) -> None:
        """Work for one ledger."""
        self._ledger = ledger
        self._models = models

    def header(self, record: Record, content: bytes) -> tuple[Header, type[Kind]]:
        """Read header bytes that are what the leaf commits to; raises RecordMalformed."""
        header, kind = self._models.header(content)
        leaf = record.leaf
        # Texts: a header's id and number have one spelling each.
        same = header.id.replace("-", "") == leaf.event_id.hex and header.source == leaf.source
        if not same or header.sequence != str(leaf.sequence):
            raise RecordMalformed("header: it is another event's")
        return header, kind

    def event(
        self,
        entry: StoredEntry,
        record: Record,
        headed: tuple[Header, type[Kind]],
        raws: Mapping[int, bytes | None],
        keys: tuple[tuple[int, bytes], ...] = (),
    ) -> OpenedEvent:
        """Read facts and shared parts by number; None for one whose key was destroyed.

        `keys` are those of the parts that are there, where they are known.
        """
        header, kind = headed
        models = self._models
        facts = raws.get(FACTS_NUMBER)
        return OpenedEvent(
            ledger=self._ledger,
            position=entry.position,
            recorded_ms=record.recorded_ms,
            event_id=entry.event_id,
            stream_tag=entry.stream_tag,
            attestation=record.leaf.attestation,
            header=header,
            kind=models.catalogue.current(kind.name),
            facts=None if facts is None else models.facts(kind, facts),
            subjects=tuple(
                [
                    self._subject(kind, number, raw)
                    for number, raw in raws.items()
                    if number != FACTS_NUMBER
                ]
            ),
            keys=keys,
        )

    def _subject(self, kind: type[Kind], number: int, raw: bytes | None) -> OpenedSubject:
        if raw is None:
            return OpenedSubject(number, None, None, None)
        entry, shared = self._models.entry(kind, raw)
        return OpenedSubject(number, entry.pseudonym, entry.role, shared, entry.linkage)
