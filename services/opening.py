"""From a row of a ledger to an opened event, believing nothing of the row.

In order: the record's bytes parse and every sealed piece is what the leaf commits to; the row's
own columns say the same as the leaf; header, facts and shared parts open at their places and match
their commitments; each is a document of its catalogue kind. A part whose key was destroyed is
absent; one whose key is missing without that is a fault, since nothing may be left out silently.
Restricted parts stay closed: the hub has no key to them.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeVar

from domain.envelope import Header
from domain.errors import CommitmentDiffers, KeyMissing, NotFound, NotOpened, RecordMalformed
from domain.opened import OpenedEvent
from domain.record import Attestation, Record, decode_record
from domain.statement import PartClass
from domain.stored import StoredModels
from domain.vocabulary.parts import Kind
from services.custody import DataKey, KeyCustody
from services.event_reading import EventReader
from services.ports import StoredEntry
from services.sealing import OpenedHeader, Sealing

P = ParamSpec("P")
T = TypeVar("T")
Headed = tuple[Record, OpenedHeader, Header, type[Kind]]
"""An entry whose header was opened."""


Ringed = tuple[OpenedEvent, Record, OpenedHeader]
"""An event, and what travels with it: its record, and the header with the keyring in it."""


@dataclass(frozen=True, slots=True)
class StoredParts:
    """An event's exact bytes, opened and checked: header, and each part by its number."""

    header: bytes
    parts: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Salted:
    """An event opened for an auditor: header and parts as salt and bytes, parts by number.

    A number alone is a part whose key was destroyed.
    """

    event: OpenedEvent
    header: tuple[bytes, bytes]
    parts: tuple[tuple[int, bytes, bytes] | int, ...]


class Gone(Protocol):
    """What the ledger says of destroyed keys: it explains why one is not there any more."""

    def learn(self) -> None:
        """Read what was destroyed since; called before entries are opened, once for all of them."""
        ...

    def destroyed(self, key_id: bytes) -> bool:
        """Say whether a key was destroyed, by what was learnt: asked of every part, so quick."""
        ...


class NothingGone:
    """A ledger of which nobody says that a key was destroyed."""

    def learn(self) -> None:
        """Learn nothing."""

    def destroyed(self, _: bytes) -> bool:
        """Explain no key that is missing."""
        return False


_NOTHING_GONE = NothingGone()


class Opens(Protocol):
    """Opens the entries of one ledger, with keys or with what an operator opened for an auditor."""

    def event(self, entry: StoredEntry) -> OpenedEvent:
        """Open one entry; raises one of the NotOpened family, naming what did not open."""
        ...

    def events(self, entries: Sequence[StoredEntry]) -> Sequence[OpenedEvent | NotOpened]:
        """Open entries each as `event` does; in place of those that do not open, what it raises."""
        ...


class Opening:
    """Opens the entries of one ledger with the hub's keys."""

    def __init__(
        self,
        ledger: str,
        sealing: Sealing,
        custody: KeyCustody,
        models: StoredModels,
        *,
        gone: Gone = _NOTHING_GONE,
    ) -> None:
        """Work for one ledger; `gone` explains keys that are not there any more."""
        self._ledger = ledger
        self._gone = gone
        self._sealing = sealing
        self._custody = custody
        self._reader = EventReader(ledger, models)

    def event(self, entry: StoredEntry) -> OpenedEvent:
        """Open one entry; raises one of the NotOpened family, naming what did not open."""
        self._gone.learn()
        return self._one(entry)

    def _one(self, entry: StoredEntry) -> OpenedEvent:
        headed = self.header(entry)
        return self._event(entry, headed, self._keys([headed]))

    def events(self, entries: Sequence[StoredEntry]) -> list[OpenedEvent | NotOpened]:
        """Open entries each as `event` does; in place of those that do not open, what it raises."""
        return [one if isinstance(one, NotOpened) else one[0] for one in self.ringed(entries)]

    def ringed(self, entries: Sequence[StoredEntry]) -> list[Ringed | NotOpened]:
        """Open entries as `events` does; gives record and keyring of each along with it."""
        self._gone.learn()
        headed = [_tried(self.header, entry) for entry in entries]
        keys: Mapping[bytes, DataKey] | None
        try:  # asked for all at once, keys cost a third
            keys = self._keys([one for one in headed if not isinstance(one, NotOpened)])
        except NotOpened:  # one of them is damaged: its own entries say so, and no others
            keys = None
        return [
            one if isinstance(one, NotOpened) else _tried(self._ringed, entry, one, keys)
            for entry, one in zip(entries, headed, strict=True)
        ]

    def _ringed(
        self, entry: StoredEntry, headed: Headed, keys: Mapping[bytes, DataKey] | None
    ) -> Ringed:
        found = self._keys([headed]) if keys is None else keys
        return self._event(entry, headed, found), headed[0], headed[1]

    def _keys(self, headed: Sequence[Headed]) -> Mapping[bytes, DataKey]:
        """Give the keys that there are for the parts of some entries."""
        return self._custody.held([ring.key_id for one in headed for ring in one[1].ring])

    def _event(
        self, entry: StoredEntry, headed: Headed, keys: Mapping[bytes, DataKey]
    ) -> OpenedEvent:
        record, opened, header, kind = headed
        leaf = record.leaf
        raws: dict[int, bytes | None] = {}
        held: list[tuple[int, bytes]] = []
        for index, part in enumerate(leaf.parts):
            if part.part_class is PartClass.RESTRICTED:
                continue
            number = part.number
            key = self._usable(opened.ring[index].key_id, keys, number)
            if key is None:
                raws[number] = None
                continue
            sealed = record.sealed_parts[index]
            raws[number] = self._sealing.open_salted(leaf, index, sealed, key)[1]
            held.append((number, key.key_id))
        return self._reader.event(entry, record, (header, kind), raws, tuple(held))

    def _usable(self, key_id: bytes, keys: Mapping[bytes, DataKey], number: int) -> DataKey | None:
        """Give a part's key; None once the ledger says it is destroyed, though it be held still."""
        if self._gone.destroyed(key_id):
            return None
        if key_id not in keys:
            raise KeyMissing(f"part {number}")
        return keys[key_id]

    def salted(self, entry: StoredEntry) -> Salted:
        """Open header, facts and shared parts with their salts, as an auditor is given them.

        Raises one of the NotOpened family.
        """
        self._gone.learn()
        record, opened, header, kind = self.header(entry)
        keys = self._custody.held([ring.key_id for ring in opened.ring])
        parts: list[tuple[int, bytes, bytes] | int] = []
        for index, (part, ring) in enumerate(zip(record.leaf.parts, opened.ring, strict=True)):
            if part.part_class is PartClass.RESTRICTED:
                continue
            key = self._usable(ring.key_id, keys, part.number)
            if key is None:
                parts.append(part.number)
            else:
                sealed = record.sealed_parts[index]
                salt, raw = self._sealing.open_salted(record.leaf, index, sealed, key)
                parts.append((part.number, salt, raw))
        raws: dict[int, bytes | None] = {one: None for one in parts if isinstance(one, int)}
        raws |= {one[0]: one[2] for one in parts if not isinstance(one, int)}
        event = self._reader.event(entry, record, (header, kind), raws)
        return Salted(event, (opened.salt, opened.content), tuple(parts))

    def header(self, entry: StoredEntry) -> Headed:
        """Open the header of an entry and hold the row's columns against the leaf."""
        record = decode_record(entry.record)
        if record.leaf.event_id != entry.event_id:
            raise RecordMalformed("row: its event id is not the leaf's")
        opened = self._sealing.open_header(record)
        header, kind = self._reader.header(record, opened.content)
        stream = self._custody.stream_tag(self._ledger, header.subject)
        if stream != entry.stream_tag.bytes:
            raise RecordMalformed("row: its stream is not the header's")
        return record, opened, header, kind

    def parts(self, entry: StoredEntry) -> StoredParts:
        """Give header bytes and part bytes as they are; of a restricted part, its keyring tag.

        Raises one of the NotOpened family, KeyMissing for a part whose key was destroyed.
        """
        record, opened, _, _ = self.header(entry)
        found: list[tuple[int, bytes]] = []
        for index, (part, ring) in enumerate(zip(record.leaf.parts, opened.ring, strict=True)):
            if part.part_class is PartClass.RESTRICTED:
                found.append((part.number, ring.envelope_digest))
                continue
            key = self._key(ring.key_id, part.number)
            raw = self._sealing.open_part(record.leaf, index, record.sealed_parts[index], key)
            found.append((part.number, raw))
        return StoredParts(opened.content, tuple(found))

    def _key(self, key_id: bytes, number: int) -> DataKey:
        """Give a part's key; raises KeyMissing also for one that is held still, but destroyed."""
        self._gone.learn()
        if self._gone.destroyed(key_id):
            raise KeyMissing(f"part {number}")
        return self._custody.key(key_id)

    def envelope(self, entry: StoredEntry, number: int) -> tuple[Header, bytes, bytes]:
        """Give header, publisher's envelope and commitment of a restricted part.

        Raises NotFound where there is none of that number, or one of the NotOpened family.
        """
        record, opened, header, _ = self.header(entry)
        leaf = record.leaf
        sealed = [p.number for p in leaf.parts if p.part_class is PartClass.RESTRICTED]
        if number not in sealed:
            raise NotFound("part")
        index = [part.number for part in leaf.parts].index(number)
        ring = opened.ring[index]
        key = self._key(ring.key_id, number)
        envelope = self._sealing.open_part(leaf, index, record.sealed_parts[index], key)
        # Of a plain source the keyring holds a tag of the content, which the hub no longer knows.
        if leaf.attestation is Attestation.SIGNED and not hmac.compare_digest(
            hashlib.sha256(envelope).digest(), ring.envelope_digest
        ):
            raise CommitmentDiffers(f"part {number}")
        return header, envelope, leaf.parts[index].commitment


def _tried(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T | NotOpened:
    try:
        return work(*given, **named)
    except NotOpened as fault:
        return fault


def stream_tag(custody: KeyCustody, ledger: str, stream: str) -> uuid.UUID:
    """Give the keyed tag of a stream that stands in a ledger's column in place of its pseudonym."""
    return uuid.UUID(bytes=custody.stream_tag(ledger, stream))
