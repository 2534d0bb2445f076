"""The registry: what is in force is what was registered, whole and unaltered, and nothing else."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from adapters.keys import signing
from adapters.ledger.memory import MemoryLedger
from adapters.reference.shipped import AGREEMENT, shipped_document, shipped_documents
from domain.errors import HomeNotReady, Unavailable
from domain.record import Attestation
from domain.reference.agreements import Agreement
from domain.reference.participants import Participants
from domain.reference.rule_packs import RulePack
from domain.values import to_text
from domain.vocabulary import hub
from services.batches import Batch
from services.preparing import PreparedEvent
from services.registry import Registry
from services.trust import Belief
from tests.hub_rig import (
    HAVERING,
    HubRig,
    MemoryTrust,
    next_agreement,
    next_participants,
    open_rig,
)
from tests.rig_faults import Broken, FailingLedger

DAY_MS = 24 * 60 * 60 * 1000
THEMES = "bhr-themes@1"
PURPOSE = "partnership-themes"


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub with the shipped documents registered."""
    with open_rig() as opened:
        yield opened


def agreement(rig: HubRig, reference: str) -> Agreement | None:
    """Read on, and give an agreement in force."""
    rig.registry.refresh()
    return rig.registry.agreement(reference)


def piece(rig: HubRig, raw: bytes, **changes: object) -> PreparedEvent:
    """Give the event that registers a document in one piece; `changes` replace what it says."""
    said: dict[str, object] = {
        "content": to_text(raw),
        "digest": to_text(hashlib.sha256(raw).digest()),
        "document": "agreement",
        "effective_from": "2019-09-29",
        "name": "bhr-themes",
        "piece": 0,
        "pieces": 1,
        "version": 2,
        **changes,
    }
    facts = hub.ReferenceDataRegistered.Facts.model_validate(said)
    return rig.hub_events.made(hub.ReferenceDataRegistered, facts, to_text(bytes(32)))


def append(rig: HubRig, *events: PreparedEvent) -> None:
    """Append to the partnership's ledger, whoever attests it."""
    batch = Batch(
        uuid.uuid4(), "/participants/bhr/hub", tuple(event.digest for event in events), b"",
        tuple(enumerate(events)), lambda _: b"",
    )  # fmt: skip
    rig.partnership.committer.commit(batch)


def test_what_was_registered_is_there_byte_for_byte(rig: HubRig) -> None:
    """Each shipped document, long ones assembled from their pieces, with its digest and place."""
    standing = rig.registry.documents()
    for shipped in shipped_documents():
        found = [
            one
            for versions in standing.values()
            for one in versions
            if one.digest == hashlib.sha256(shipped.raw).digest()
        ]
        assert [one.document.kind for one in found] == [shipped.kind]
    shipped_ones = [name for kind, name in standing if kind != "body-keys"]
    assert len(shipped_ones) == len(shipped_documents())
    assert agreement(rig, THEMES) == Agreement.model_validate_json(shipped_document(AGREEMENT).raw)
    assert rig.registry.source(HAVERING) is not None
    assert rig.registry.source("/participants/havering/other") is None
    mapping, digest = rig.registry.mapping()
    assert standing["factor-mapping", mapping.name][0].digest == digest
    assert {pack.name for pack in rig.registry.rule_packs()} == {
        name for kind, name in standing if kind == "rule-pack"
    } & {pack.name for pack, _ in rig.registry.in_force(RulePack)}


def test_two_registries_agree(rig: HubRig) -> None:
    """Another process that reads the same ledger comes to the same, whenever it began."""
    first = rig.another_registry()
    first.refresh()
    rig.registering.register(next_agreement())
    rig.registering.register(next_participants())
    rig.suspend(THEMES, "2025-06-01T00:00:00Z")
    second = rig.another_registry()
    second.refresh()
    assert first.documents() == second.documents() == rig.registry.documents()
    for registry in (first, second):
        assert registry.agreement(THEMES) is None
        assert registry.agreement("bhr-themes@2") is not None
        assert registry.participants().version == 2


def test_many_threads_read_one_registry(rig: HubRig) -> None:
    """Whoever asks while it reads on is answered with whole documents."""
    fresh = rig.another_registry()
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: fresh.source(HAVERING), range(64)))
    assert set(found) == {rig.registry.source(HAVERING)}
    assert [len(one) for one in fresh.documents().values()] == [1] * len(fresh.documents())


WRONG: list[dict[str, object]] = [
    {"digest": to_text(bytes(32))},
    {"document": "participants"},
    {"pieces": 2},
    {"content": to_text(b"{}"), "digest": to_text(hashlib.sha256(b"{}").digest())},
    {"content": to_text(b"[1"), "digest": to_text(hashlib.sha256(b"[1").digest())},
]


@pytest.mark.parametrize("changes", WRONG)
def test_a_document_that_is_not_what_it_says_is_ignored(
    rig: HubRig, changes: dict[str, object]
) -> None:
    """Another digest or kind, a missing piece, no such document: nothing is registered by it."""
    before = dict(rig.registry.documents())
    append(rig, piece(rig, next_agreement(), **changes))
    assert agreement(rig, "bhr-themes@2") is None
    assert dict(rig.registry.documents()) == before
    rig.registering.register(next_agreement())
    assert agreement(rig, "bhr-themes@2") is not None


def test_pieces_come_together_in_any_order_and_only_of_one_stream(rig: HubRig) -> None:
    """A document of several pieces is whole when the last has come."""
    raw = next_agreement()
    halves = (raw[:1000], raw[1000:])
    digest = to_text(hashlib.sha256(raw).digest())
    events = [
        piece(rig, raw, content=to_text(half), digest=digest, piece=index, pieces=2)
        for index, half in enumerate(halves)
    ]
    append(rig, events[1])
    assert agreement(rig, "bhr-themes@2") is None
    append(rig, events[0])
    found = agreement(rig, "bhr-themes@2")
    assert found == Agreement.model_validate_json(raw)


@pytest.mark.parametrize("attestation", [Attestation.SIGNED, Attestation.PLAIN])
def test_what_a_source_publishes_registers_and_grants_nothing(
    rig: HubRig, attestation: Attestation
) -> None:
    """Only the hub's own events speak here, even if an agreement let others into the ledger."""
    right = hub.RightGranted.Facts(
        effective_from="2020-01-01", office="analyst", participant="havering",
        purposes=(PURPOSE,), right="live",
    )  # fmt: skip
    grant = rig.hub_events.made(hub.RightGranted, right)
    suspended = hub.AgreementSuspended.Facts(
        agreement=THEMES, by_office="director", by_participant="havering",
        effective_from="2020-01-01T00:00:00Z",
    )  # fmt: skip
    stop = rig.hub_events.made(hub.AgreementSuspended, suspended)
    events = [piece(rig, next_agreement()), grant, stop]
    append(rig, *(replace(event, attestation=attestation) for event in events))
    assert agreement(rig, "bhr-themes@2") is None
    assert agreement(rig, THEMES) is not None
    assert not rig.registry.has_right("havering", "analyst", right="live", purpose=PURPOSE)


def test_a_broken_entry_grants_nothing_and_stops_nobody(rig: HubRig) -> None:
    """What does not open is passed over; what comes after it is read."""
    rig.registering.register(next_agreement())
    ledger = rig.partnership.ledger
    assert isinstance(ledger, MemoryLedger)
    at = ledger.head().size - 1
    ledger._entries[at] = replace(ledger._entries[at], record=ledger._entries[at - 1].record)
    rig.registering.register(next_participants())
    fresh = rig.another_registry()
    assert fresh.participants().version == 2
    assert fresh.agreement("bhr-themes@2") is None
    assert fresh.agreement(THEMES) is not None


def test_a_ledger_that_does_not_answer_is_read_on_later() -> None:
    """Nothing is skipped and nothing folded twice when reading fails half way."""
    ledgers: dict[str, FailingLedger] = {}

    def make(name: str) -> FailingLedger:
        return ledgers.setdefault(name, FailingLedger(MemoryLedger(name)))

    with open_rig(HubRig(make_ledger=make)) as rig:
        fresh = rig.another_registry()
        for error in (Unavailable("the ledger"), Broken()):
            ledgers["bhr"].plan.error = error
            ledgers["bhr"].plan.fail("read")
            with pytest.raises(type(error)):
                fresh.refresh()
        assert fresh.documents() == rig.registry.documents()


def test_nothing_is_in_force_before_anything_is_registered() -> None:
    """An empty ledger says what to do."""
    with open_rig() as rig:
        opening, trust = rig.partnership.opening, MemoryTrust()
        empty = Registry(MemoryLedger("bhr"), opening, Belief(trust, signing.verify), rig.clock)
        for ask in (empty.participants, empty.mapping):
            with pytest.raises(HomeNotReady, match="bhr register"):
                ask()
        assert empty.agreement(THEMES) is None
        assert empty.body_keys("havering") is None


def test_the_latest_version_in_force_on_the_day_counts(rig: HubRig) -> None:
    """By its days, in London, both included; then by its version."""
    rig.registering.register(next_participants(version=3, effective_from="2025-06-17"))
    rig.registering.register(next_participants(version=2, effective_until="2025-06-18"))
    found = []
    for _ in range(5):
        found.append((rig.registry.today(), rig.registry.participants().version))
        rig.clock.at_ms += DAY_MS
    assert found == [(f"2025-06-{day}", 2 if day < 17 else 3) for day in range(15, 20)]
    rig.clock.at_ms = 1_750_028_399_999  # 2025-06-15, 23:59:59.999 in London
    assert rig.registry.today() == "2025-06-15"
    rig.clock.at_ms += 1
    assert rig.registry.today() == "2025-06-16"
    found_by_name = rig.registry.in_force(Participants, "bhr-participants")
    assert [one.version for one, _ in found_by_name] == [2]
    assert rig.registry.in_force(Participants, "others") == []
