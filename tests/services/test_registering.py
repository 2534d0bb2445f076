"""Registering: exact bytes, one transaction, and one content for a version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest

from adapters.ledger.memory import MemoryLedger
from adapters.reference.shipped import shipped_documents
from domain.canonical import JsonValue
from domain.errors import ReferenceRefused, Unavailable
from domain.record import decode_record
from domain.values import to_bytes
from domain.vocabulary import hub
from services.ports import Ledger
from services.registering import PIECE_BYTES
from tests.hub_rig import (
    LEDGERS,
    HubRig,
    next_agreement,
    next_participants,
    open_rig,
    shipped_fields,
)
from tests.rig_faults import FailingLedger, When


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub with the shipped documents registered."""
    with open_rig() as opened:
        yield opened


def pieces(rig: HubRig, start: int) -> list[hub.ReferenceDataRegistered.Facts]:
    """Give the registrations that are recorded from a position on."""
    facts = (event.facts for event in rig.partnership.opened(start))
    return [one for one in facts if isinstance(one, hub.ReferenceDataRegistered.Facts)]


def long_agreement(**changes: JsonValue) -> bytes:
    """Give a version of the agreement that takes several events."""
    padding = " " * (3 * PIECE_BYTES)
    return json.dumps({**json.loads(next_agreement()), **changes}).encode() + padding.encode()


def test_the_exact_bytes_are_registered_in_pieces(rig: HubRig) -> None:
    """Spaces and order included, in as many events as needed, all in one submission."""
    raw, start = long_agreement(), rig.sizes()["bhr"]
    done = rig.registering.register(raw)
    digest = hashlib.sha256(raw).digest()
    assert (done.reference, done.kind, done.digest, done.again) == (
        "bhr-themes@2", "agreement", digest, False,
    )  # fmt: skip
    found = pieces(rig, start)
    assert b"".join(to_bytes(one.content) for one in found) == raw
    assert [(one.piece, one.pieces) for one in found] == [
        (n, len(found)) for n in range(len(found))
    ]
    assert len(found) == -(-len(raw) // PIECE_BYTES)
    assert {to_bytes(one.digest) for one in found} == {digest}
    rows = rig.partnership.ledger.read(start, 99)
    assert len({decode_record(row.record).leaf.submission for row in rows}) == 1
    assert len({event.header.subject for event in rig.partnership.opened(start)}) == 1


def test_every_piece_is_small_enough_for_an_event(rig: HubRig) -> None:
    """No event of the hub's own is larger than one of anybody else's may be."""
    rig.registering.register(long_agreement())
    assert max(len(row.record) for row in rig.partnership.ledger.read(0, 999)) < 32 * 1024


def test_the_same_bytes_again_change_nothing(rig: HubRig) -> None:
    """Whoever runs it twice is told that it stands."""
    sizes = rig.sizes()
    for shipped in shipped_documents():
        done = rig.registering.register(shipped.raw)
        assert (done.again, done.digest) == (True, hashlib.sha256(shipped.raw).digest())
    assert rig.sizes() == sizes


def refused(rig: HubRig, raw: bytes) -> set[tuple[str, str]]:
    """Give the faults with which a document is refused; nothing is recorded."""
    sizes = rig.sizes()
    with pytest.raises(ReferenceRefused) as found:
        rig.registering.register(raw)
    assert rig.sizes() == sizes
    return {(fault.place, fault.code) for fault in found.value.faults}


def test_a_version_has_one_content(rig: HubRig) -> None:
    """Other bytes under a version that stands are refused, even if only a space is other."""
    for raw in (
        next_agreement(version=1),
        next_participants(version=1, rationale="Another."),
        *(shipped.raw + b"\n" for shipped in shipped_documents()),
    ):
        assert refused(rig, raw) == {("version", "stands-with-other-bytes")}
    assert rig.registering.register(next_agreement()).again is False


def test_two_at_once_register_one_content() -> None:
    """Of two processes that register one version at the same moment the first stands, for all."""
    inner = {name: MemoryLedger(name) for name in LEDGERS}
    failing = {name: FailingLedger(ledger) for name, ledger in inner.items()}
    with open_rig(HubRig(make_ledger=lambda name: failing[name])) as rig:
        other = HubRig(key_store=rig.key_store, make_ledger=lambda name: inner[name])
        with open_rig(other):
            mine, theirs = next_agreement(), next_agreement(rationale="Another.")
            failing["bhr"].pausing.append(lambda: register(other, theirs))
            with pytest.raises(ReferenceRefused) as found:
                rig.registering.register(mine)
            assert [fault.code for fault in found.value.faults] == ["stands-with-other-bytes"]
            for registry in (rig.registry, other.registry, rig.another_registry()):
                versions = registry.documents()["agreement", "bhr-themes"]
                assert [one.document.version for one in versions] == [1, 2]
                assert versions[1].digest == hashlib.sha256(theirs).digest()
                assert registry.agreement("bhr-themes@2") == versions[1].document


def register(rig: HubRig, raw: bytes) -> None:
    """Register, as another process would."""
    rig.registering.register(raw)


MALFORMED: list[tuple[bytes, set[tuple[str, str]]]] = [
    (b"", {("", "not-json")}),
    (b"[]", {("kind", "unknown")}),
    (b'{"kind":"a","kind":"b"}', {("", "duplicate-key")}),
    (b'{"kind":"minutes"}', {("kind", "unknown")}),
    (next_agreement(version=0), {("version", "greater-than-equal")}),
    (next_agreement(parties=["havering", "havering"]), {("parties.1", "doubled")}),
]


@pytest.mark.parametrize(("raw", "expected"), MALFORMED)
def test_what_does_not_hold_together_is_not_registered(
    rig: HubRig, raw: bytes, expected: set[tuple[str, str]]
) -> None:
    """Every fault by place and code."""
    assert expected <= refused(rig, raw)


def test_an_agreement_is_between_participants(rig: HubRig) -> None:
    """A party that is no participant is named by its place; nothing is recorded."""
    parties = shipped_fields("agreement-bhr-themes.json")["parties"]
    assert isinstance(parties, list)
    raw = next_agreement(parties=[*parties, "tower-hamlets"])
    assert refused(rig, raw) == {(f"parties.{len(parties)}", "unknown")}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_registration_is_whole_or_not_there(when: When) -> None:
    """When the ledger fails nothing of it is in force; if it stood all the same, it stands."""
    ledgers: dict[str, FailingLedger] = {}

    def make(name: str) -> Ledger:
        return ledgers.setdefault(name, FailingLedger(MemoryLedger(name)))

    with open_rig(HubRig(make_ledger=make)) as rig:
        ledgers["bhr"].plan.fail("append", when)
        with pytest.raises(Unavailable):
            rig.registering.register(long_agreement())
        done = rig.registering.register(long_agreement())
        assert done.again == (when == "after")
        assert rig.registry.agreement("bhr-themes@2") is not None


def test_a_right_is_granted_in_the_partnership_s_ledger(rig: HubRig) -> None:
    """As an event of the hub's own, by which every registry knows it."""
    facts = hub.RightGranted.Facts(
        effective_from="2025-01-01", office="analyst", participant="havering",
        purposes=("partnership-themes",), right="live",
    )  # fmt: skip
    rig.registering.grant(facts)
    assert rig.partnership.opened()[-1].facts == facts
    assert rig.another_registry().has_right(
        "havering", "analyst", right="live", purpose="partnership-themes"
    )
