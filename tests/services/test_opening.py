"""From a row of a ledger to an event, believing nothing of the row."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.keys.cipher import AesGcmCipher
from domain.canonical import canonical
from domain.errors import (
    CommitmentDiffers,
    KeyMissing,
    NotFound,
    NotOpened,
    RecordMalformed,
    StoredBytesDiffer,
)
from domain.record import Attestation, Leaf, Record, decode_record, encode_record
from domain.values import to_bytes
from services.opening import Opening
from services.ports import StoredEntry
from services.sealing import Sealing
from tests.fakes_keys import MemoryKeyStore
from tests.hub_rig import MODELS, REDBRIDGE, HubRig, open_rig
from tests.rig_publisher import Json, Publisher, a_subject, inner, subjects


@pytest.fixture(scope="module")
def rig() -> Iterator[HubRig]:
    """Give a hub that the tests of this file only read, or add to."""
    with open_rig() as opened:
        yield opened


@pytest.fixture(scope="module")
def havering(rig: HubRig) -> Publisher:
    """Give Havering's publisher."""
    return rig.publisher()


def recorded(rig: HubRig, publisher: Publisher, event: Json) -> StoredEntry:
    """Publish an event; gives its row."""
    publisher.publish(event)
    return found(rig, event, publisher.ledger)


def found(rig: HubRig, event: Json, ledger: str = "havering") -> StoredEntry:
    """Give the row of an event."""
    entry = rig.stands[ledger].ledger.find(uuid.UUID(str(event["id"])))
    assert entry is not None
    return entry


def a_sealed_row(rig: HubRig, publisher: Publisher) -> tuple[Json, StoredEntry]:
    """Publish an event about two children with a restricted part; gives it and its row."""
    opening = publisher.session({publisher.participant: publisher.recipient_public})
    event = publisher.sealed(opening.seal)
    inner(event, "data")["subjects"] = [*subjects(event), a_subject(role="sibling")]
    publisher.publish(opening.event, event)
    return event, found(rig, event, publisher.ledger)


def rewritten(entry: StoredEntry, leaf: Leaf, *pieces: bytes) -> StoredEntry:
    """Give the row with a forged record: other pieces, and a leaf that has their digests."""
    digests = [hashlib.sha256(piece).digest() for piece in pieces]
    parts = tuple(
        part._replace(sealed_digest=digest)
        for part, digest in zip(leaf.parts, digests[1:], strict=True)
    )
    forged = replace(leaf, header_digest=digests[0], parts=parts)
    return replace(entry, record=encode_record(forged.encode(5), pieces))


def pieces(record: Record) -> list[bytes]:
    """Give sealed header and parts."""
    return [record.sealed_header, *record.sealed_parts]


def test_everything_that_was_published_opens_where_it_stands(
    rig: HubRig, havering: Publisher
) -> None:
    """Header, facts and every person are what was sent; the restricted part stays closed."""
    event, entry = a_sealed_row(rig, havering)
    opened = rig.havering.opening.event(entry)
    sent = {name: value for name, value in event.items() if name != "data"}
    assert opened.header.model_dump(exclude_unset=True) == sent
    assert opened.facts is not None
    assert opened.facts.canonical() == canonical(inner(event, "data")["facts"])
    first, second = subjects(event)
    assert [(one.number, one.pseudonym, one.role) for one in opened.subjects] == [
        (1, first["pseudonym"], "child"),
        (3, second["pseudonym"], "sibling"),
    ]
    assert [one.shared and one.shared.canonical() for one in opened.subjects] == [
        canonical(first["shared"]),
        canonical(second["shared"]),
    ]
    assert (opened.ledger, opened.position) == ("havering", entry.position)
    assert (opened.attestation, opened.recorded_ms) == (Attestation.SIGNED, rig.clock.now_ms())


def test_exact_bytes_and_the_envelope_are_given_as_they_came(
    rig: HubRig, havering: Publisher
) -> None:
    """Auditors get the bytes that were committed to; recipients the publisher's own envelope."""
    event, entry = a_sealed_row(rig, havering)
    sealed = inner(subjects(event)[0], "restricted")
    envelope = to_bytes(str(sealed["envelope"]))
    parts = rig.havering.opening.parts(entry)
    assert parts.header == canonical({k: v for k, v in event.items() if k != "data"})
    assert [number for number, _ in parts.parts] == [0, 1, 2, 3]
    assert dict(parts.parts)[2] == hashlib.sha256(envelope).digest()
    header, given, commitment = rig.havering.opening.envelope(entry, 2)
    assert (header.id, given, commitment) == (
        event["id"],
        envelope,
        to_bytes(str(sealed["commitment"])),
    )
    for number in (0, 1, 3, 4, 250):
        with pytest.raises(NotFound):
            rig.havering.opening.envelope(entry, number)


def test_two_rows_exchanged_are_refused(rig: HubRig, havering: Publisher) -> None:
    """A record under another row's id, and a row under another stream, are named."""
    one = recorded(rig, havering, havering.event())
    other = recorded(rig, havering, havering.event())
    with pytest.raises(RecordMalformed, match="row: its event id is not the leaf's"):
        rig.havering.opening.event(replace(one, record=other.record))
    with pytest.raises(RecordMalformed, match="row: its stream is not the header's"):
        rig.havering.opening.event(replace(one, stream_tag=other.stream_tag))
    mine, yours = decode_record(one.record), decode_record(other.record)
    for leaf, said in ((mine.leaf, yours), (yours.leaf, mine)):
        entry = replace(one, event_id=leaf.event_id)
        with pytest.raises(NotOpened, match=r"^header does not open"):
            rig.havering.opening.event(rewritten(entry, leaf, *pieces(said)))


def test_a_leaf_that_says_otherwise_than_the_header_is_refused(
    rig: HubRig, havering: Publisher
) -> None:
    """Source and number in the leaf are those of the header."""
    entry = recorded(rig, havering, havering.event())
    record = decode_record(entry.record)
    for forged in (
        replace(record.leaf, source=REDBRIDGE),
        replace(record.leaf, sequence=record.leaf.sequence + 1),
    ):
        with pytest.raises(RecordMalformed, match="header: it is another event's"):
            rig.havering.opening.event(rewritten(entry, forged, *pieces(record)))


def test_two_parts_exchanged_are_refused(rig: HubRig, havering: Publisher) -> None:
    """With the leaf as it was the bytes are named; with a forged leaf the part that fails."""
    _, entry = a_sealed_row(rig, havering)
    record = decode_record(entry.record)
    for one, other in ((0, 1), (1, 2), (1, 3), (2, 3)):
        moved = pieces(record)
        moved[1 + one], moved[1 + other] = moved[1 + other], moved[1 + one]
        plainly = replace(entry, record=encode_record(record.leaf_bytes, tuple(moved)))
        with pytest.raises(StoredBytesDiffer, match=f"^part {one}:"):
            rig.havering.opening.event(plainly)
        with pytest.raises(NotOpened, match=r"^part [0-3] does not open here"):
            _ = [
                rig.havering.opening.event(rewritten(entry, record.leaf, *moved)),
                rig.havering.opening.envelope(rewritten(entry, record.leaf, *moved), 2),
            ]


def test_a_ledger_s_rows_do_not_open_in_another(rig: HubRig, havering: Publisher) -> None:
    """The hub holds the keys of both ledgers, and still neither opens what is the other's."""
    entry = recorded(rig, havering, havering.event())
    for name in ("redbridge", "bhr"):
        with pytest.raises(NotOpened, match=r"^header does not open"):
            rig.stands[name].opening.event(entry)


def test_two_versions_of_one_event_are_told_apart(rig: HubRig, havering: Publisher) -> None:
    """Pieces of what was never recorded do not pass for what was, though they are sealed alike."""
    event = havering.event()
    entry = recorded(rig, havering, event)
    with open_rig(HubRig(key_store=rig.key_store)) as twin:
        publisher = twin.publisher()
        changed = {**event, "time": "2024-05-02T00:00:00Z"}
        inner(changed, "data")["facts"] = {"source_code": "2B"}
        version = decode_record(recorded(twin, publisher, changed).record)
    record = decode_record(entry.record)
    for index, name in ((0, "header"), (1, "part 0")):
        mixed = pieces(record)
        mixed[index] = pieces(version)[index]
        with pytest.raises(CommitmentDiffers, match=f"^{name}:"):
            rig.havering.opening.event(rewritten(entry, record.leaf, *mixed))


def test_an_envelope_with_a_second_meaning_is_refused(rig: HubRig, havering: Publisher) -> None:
    """What the recipient is handed is what the publisher signed, even if more would open."""
    _, entry = a_sealed_row(rig, havering)
    sealing = Sealing("havering", SecondEnvelope(), rig.custody)
    with pytest.raises(CommitmentDiffers, match=r"^part 2:"):
        Opening("havering", sealing, rig.custody, MODELS).envelope(entry, 2)


class SecondEnvelope(AesGcmCipher):
    """A cipher under which what is sealed around an envelope opens to another one."""

    def open(self, key: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """Open honestly, but for part 2 of class 3."""
        if associated[-34:-32] == b"\x02\x03":
            return b"another envelope"
        return super().open(key, sealed, associated)


def test_what_was_destroyed_is_absent_and_what_is_missing_a_fault() -> None:
    """A destroyed subject's parts are None, the rest is there; a key that is lost is never zero."""
    with open_rig() as rig:
        publisher = rig.publisher()
        event, entry = a_sealed_row(rig, publisher)
        ring = rig.havering.opening.header(entry)[1].ring
        store = rig.key_store
        assert isinstance(store, MemoryKeyStore)
        _destroy(rig, store, ring[1].key_id)
        with pytest.raises(KeyMissing, match="part 1"):
            rig.havering.opening.event(entry)
        gone = {ring[1].key_id}
        sealing = Sealing("havering", rig.cipher, rig.custody)
        opening = Opening("havering", sealing, rig.custody, MODELS, gone=Told(gone))
        opened = opening.event(entry)
        assert (opened.subjects[0].pseudonym, opened.subjects[0].shared) == (None, None)
        assert (opened.subjects[0].number, opened.subjects[0].role) == (1, None)
        assert opened.subjects[1].pseudonym == subjects(event)[1]["pseudonym"]
        assert opened.facts is not None
        for read in (rig.havering.opening.parts, lambda row: rig.havering.opening.envelope(row, 2)):
            with pytest.raises(KeyMissing):
                read(entry)
        kept = dict(opened.keys)
        assert kept == {0: ring[0].key_id, 3: ring[3].key_id}
        gone.add(ring[0].key_id)  # and held still
        assert opening.event(entry).facts is None
        assert opened.without(gone) == opening.event(entry)


@dataclass(frozen=True)
class Told:
    """What a ledger might say of destroyed keys."""

    keys: set[bytes]

    def learn(self) -> None:
        """Learn nothing more."""

    def destroyed(self, key_id: bytes) -> bool:
        """Say whether a key is among them."""
        return key_id in self.keys


def _destroy(rig: HubRig, store: MemoryKeyStore, key_id: bytes) -> None:
    """Destroy a key, as an erasure will."""
    store._rows = {tag: row for tag, row in store._rows.items() if row.key_id != key_id}
    rig.custody.forget()


@pytest.fixture(scope="module")
def entry(rig: HubRig, havering: Publisher) -> StoredEntry:
    """Give one row to change in every way."""
    return a_sealed_row(rig, havering)[1]


@given(data=st.data())
@settings(max_examples=60)
def test_no_byte_of_a_record_can_be_changed(
    rig: HubRig, entry: StoredEntry, data: st.DataObject
) -> None:
    """A changed, cut or added byte is refused, or it changed the leaf that the tree commits to."""
    at = data.draw(st.integers(0, len(entry.record) - 1))
    flipped = bytes([entry.record[at] ^ data.draw(st.integers(1, 255))])
    record = data.draw(
        st.sampled_from(
            [
                entry.record[:at] + flipped + entry.record[at + 1 :],
                entry.record[:at],
                entry.record + flipped,
            ]
        )
    )
    try:
        opened = rig.havering.opening.event(replace(entry, record=record))
    except NotOpened:
        return
    assert decode_record(record).leaf_bytes != decode_record(entry.record).leaf_bytes
    assert opened.facts == rig.havering.opening.event(entry).facts
