"""What was destroyed is never sealed to again, whoever had its key in memory, and says `fenced`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.keys.key_encryption import KeyEncryptionFile
from domain.canonical import canonical
from domain.erasure import erasures_stream
from domain.errors import KeyMissing
from domain.values import to_text
from domain.vocabulary import hub
from domain.vocabulary.custody import KeyDestroyed
from services.custody import KeyCustody, KeyName
from services.destroyed_keys import DestroyedKeys
from services.opening import Opening
from services.ports import Caller
from services.sealing import Sealing
from tests.fakes_keys import MemoryKeyStore
from tests.http_rig import PLAIN, sources_with_a_plain_one
from tests.hub_rig import KEY_ENCRYPTION_KEY, MODELS, HubRig, next_participants, open_rig
from tests.rig_publisher import Json, Publisher, a_subject, inner, outcomes, subjects, token


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub."""
    with open_rig() as opened:
        yield opened


@pytest.fixture
def publisher(rig: HubRig) -> Publisher:
    """Give a publisher of Havering's."""
    return rig.publisher()


def child_of(event: Json) -> str:
    """Give the pseudonym of an event's child."""
    return str(subjects(event)[0]["pseudonym"])


def name_of(child: str) -> KeyName:
    """Name a child's key in Havering's ledger."""
    return KeyName("havering", "subject", child)


def say_destroyed(rig: HubRig, *names: KeyName) -> tuple[list[bytes], list[bytes]]:
    """Append the entry that says so, and leave the keys' rows where they are."""
    keys = [one.key_id for one in rig.custody.keys_for(names).values()]
    tags = [rig.custody.tag(one) for one in names]
    facts = KeyDestroyed.Facts(
        fence=rig.havering.ledger.head().fences + 1,
        fenced=tuple(sorted(map(to_text, tags))),
        key_class="stream" if names[0].key_class == "stream" else "subject",
        keys=tuple(sorted(map(to_text, keys))),
        lapses="2025-07-20",
    )
    made = rig.hub_events.made(KeyDestroyed, facts, erasures_stream("havering"))
    rig.hub_events.append("havering", made, fence=True)
    return keys, tags


def destroy(rig: HubRig, *names: KeyName) -> None:
    """Say so, and destroy the rows."""
    store = rig.key_store
    assert isinstance(store, MemoryKeyStore)
    store.destroy(*say_destroyed(rig, *names))


def told(answer: Json) -> list[tuple[str, set[str]]]:
    """Give of each event its outcome and codes."""
    found = []
    for one in outcomes(answer):
        faults = one.get("faults", [])
        assert isinstance(faults, list)
        found.append((str(one["outcome"]), {str(fault["code"]) for fault in faults}))
    return found


@pytest.mark.parametrize("destroying", [say_destroyed, destroy], ids=["said", "destroyed"])
def test_what_is_fenced_is_refused_and_its_neighbours_are_not(
    rig: HubRig, publisher: Publisher, destroying: object
) -> None:
    """From the entry on, whether the row is gone or not: as `fenced`, and its number is filled."""
    first = publisher.event()
    publisher.publish(first)
    assert callable(destroying)
    destroying(rig, name_of(child_of(first)))
    size = rig.havering.ledger.head().size
    again = publisher.event()
    subjects(again)[0]["pseudonym"] = child_of(first)
    answer = publisher.publish(publisher.event(), again, publisher.event())
    assert told(answer) == [("recorded", set()), ("refused", {"fenced"}), ("recorded", set())]
    (refusal,) = rig.havering.refusals(size)
    assert (refusal.codes, refusal.event, refusal.sequence) == (
        ("fenced",), again["id"], again["sequence"],
    )  # fmt: skip


def test_a_new_pseudonym_is_taken_at_once(rig: HubRig, publisher: Publisher) -> None:
    """A fence never keeps a later risk from being shared."""
    first = publisher.event()
    publisher.publish(first)
    destroy(rig, name_of(child_of(first)))
    assert told(publisher.publish(publisher.event())) == [("recorded", set())]


def test_a_fenced_stream_is_refused(rig: HubRig, publisher: Publisher) -> None:
    """Also about a child that was never erased."""
    first = publisher.event()
    publisher.publish(first)
    destroy(rig, KeyName("havering", "stream", str(first["subject"])))
    later = publisher.event(subject=first["subject"])
    assert told(publisher.publish(later)) == [("refused", {"fenced"})]


def test_a_refusal_says_which_name_was_erased(rig: HubRig, publisher: Publisher) -> None:
    """By its place in the event, so that of two children the one alone is named anew."""
    first = publisher.event()
    publisher.publish(first)
    destroy(rig, name_of(child_of(first)))
    destroy(rig, KeyName("havering", "stream", str(first["subject"])))
    again = publisher.event(subject=first["subject"])
    erased = a_subject(pseudonym=child_of(first))
    inner(again, "data")["subjects"] = [*subjects(again), erased]
    faults = publisher.send(publisher.submission(again)).faults
    assert [(fault.place, fault.code) for fault in faults] == [
        ("subject", "fenced"),
        ("data.subjects.1.pseudonym", "fenced"),
    ]


def test_what_stands_stands_when_it_is_sent_again(rig: HubRig, publisher: Publisher) -> None:
    """The same bytes have the same answer; the same event in another submission stands already."""
    event = publisher.event()
    raw = publisher.submission(event)
    before = publisher.send(raw)
    destroy(rig, name_of(child_of(event)))
    size = rig.havering.ledger.head().size
    assert publisher.send(raw).acknowledgement == before.acknowledgement
    new = publisher.event()
    answer = publisher.publish(event, new)
    assert [one["outcome"] for one in outcomes(answer)] == ["recorded", "recorded"]
    assert rig.havering.ledger.head().size == size + 1
    altered = {**event, "time": "2024-05-02T00:00:00Z"}
    assert told(publisher.publish(altered)) == [("refused", {"fenced"})]


def test_all_or_nothing(rig: HubRig, publisher: Publisher) -> None:
    """A batch that is to be taken whole is not taken at all."""
    first = publisher.event()
    publisher.publish(first)
    destroy(rig, name_of(child_of(first)))
    again = publisher.event()
    subjects(again)[0]["pseudonym"] = child_of(first)
    answer = publisher.send(publisher.submission(publisher.event(), again), atomic=True)
    assert answer.recorded == 0


def test_another_process_had_it_in_memory(rig: HubRig, publisher: Publisher) -> None:
    """Neither its writer seals to it, nor does its reader open it any more."""
    event = publisher.event()
    publisher.publish(event)
    (entry,) = [e for e in rig.havering.ledger.read(0, 100) if str(e.event_id) == event["id"]]
    custody = KeyCustody(rig.key_store, KeyEncryptionFile(KEY_ENCRYPTION_KEY))
    sealing = Sealing("havering", rig.cipher, custody)
    shut = Opening("havering", sealing, custody, MODELS)
    destroyed = DestroyedKeys(rig.havering.ledger, custody, shut)
    opening = Opening("havering", sealing, custody, MODELS, gone=destroyed)
    assert opening.event(entry).subjects[0].pseudonym == child_of(event)
    destroy(rig, name_of(child_of(event)))
    assert opening.event(entry).subjects[0].pseudonym is None
    with pytest.raises(KeyMissing):
        opening.parts(entry)
    assert custody.held([bytes(32)]) == {}


def test_a_sibling_in_the_same_event_opens(rig: HubRig, publisher: Publisher) -> None:
    """Of two children in one event one is erased: the other, and the facts, are as they were."""
    event = publisher.event()
    one, other = a_subject(), a_subject()
    inner(event, "data")["subjects"] = [one, other]
    publisher.publish(event)
    destroy(rig, name_of(str(one["pseudonym"])))
    (opened,) = [e for e in rig.havering.opened() if e.header.id == event["id"]]
    assert [each.pseudonym for each in opened.subjects] == [None, other["pseudonym"]]
    assert opened.facts is not None


def test_a_publisher_cannot_say_that_keys_are_gone(rig: HubRig, publisher: Publisher) -> None:
    """Only what the hub itself recorded counts, whatever stands in that stream."""
    event = publisher.event(subject=erasures_stream("havering"))
    publisher.publish(event)
    destroy(rig, name_of(token()))
    assert len(rig.havering.destroyed.destructions()) == 1


def test_a_plain_source_is_told_so_too(rig: HubRig) -> None:
    """New or sent again: what is about the erased answers `fenced`, since it cannot be compared."""
    rig.registering.register(next_participants(sources=sources_with_a_plain_one()))
    publisher = rig.publisher()
    caller = Caller("havering", PLAIN, None, "system")
    subject: Json = {
        "pseudonym": token(),
        "restricted": {"name": "Invented Child"},
        "role": "child",
        "shared": {"sex": "female"},
    }
    data: Json = {"facts": {"source_code": "2A"}, "subjects": [subject]}
    first = {**publisher.event(source=PLAIN), "data": data}
    assert rig.plain.submit(canonical(first), caller, batch=False).recorded == 1
    destroy(rig, name_of(str(subject["pseudonym"])))
    bare: Json = {
        "facts": {},
        "subjects": [{k: v for k, v in subject.items() if k != "restricted"}],
    }
    later = {**publisher.event(source=PLAIN), "data": data}
    without = {**publisher.event(source=PLAIN), "data": bare}
    for event in (later, without, first):
        answer = rig.plain.submit(canonical(event), caller, batch=False)
        assert {fault.code for fault in answer.faults} == {"fenced"}
    assert all(isinstance(one, hub.SubmissionRefused.Facts) for one in rig.havering.refusals())
