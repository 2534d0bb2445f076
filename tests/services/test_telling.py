"""Who is told what: releases to their readers, changes to whom they concern, and what waits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from adapters.kafka.described_told import EXAMPLE
from adapters.reference.shipped import AGREEMENT
from domain.canonical import JsonValue, canonical
from domain.reference.documents import document_digest
from domain.reference.releases import Release
from domain.values import to_text
from domain.vocabulary import hub
from services.outbox import Outbox
from tests.fakes_outbox import Topics, outbox_of, told_all
from tests.hub_rig import (
    REDBRIDGE,
    HubRig,
    next_agreement,
    next_participants,
    open_rig,
    shipped_fields,
)
from tests.inside_documents import texts
from tests.rig_publisher import Json, Publisher, inner

ANALYST, THEMES = "analyst", "partnership-themes"
LEFT_OUT = "metropolitan-police-east"


@dataclass
class Scene:
    """A hub of which everything was told that was registered before."""

    rig: HubRig
    topics: Topics
    outbox: Outbox
    havering: Publisher

    def told(self) -> dict[str, list[tuple[str, Json]]]:
        """Tell of what came since, and give for each body the kind and data of its messages."""
        self.topics.told.clear()
        told_all(self.outbox)
        return {
            body: [(kind_of(one), dict(inner(one, "data"))) for one in self.topics.documents(body)]
            for body in sorted({one.participant for one in self.topics.told})
        }


def kind_of(message: Mapping[str, JsonValue]) -> str:
    """Give the kind of a message without prefix and version."""
    return str(message["type"]).removeprefix("uk.bhr.told.").removesuffix(".v1")


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Set it up, and let the outbox come to the end."""
    with open_rig() as rig:
        topics, havering = Topics(), rig.publisher()
        outbox = outbox_of(rig, topics)
        told_all(outbox)
        yield Scene(rig, topics, outbox, havering)


def everybody(rig: HubRig) -> list[str]:
    """Give the participants that are in force."""
    bodies = rig.registry.participants().participants
    return sorted(one.code for one in bodies if one.in_force(rig.registry.today()))


# --- the register ---------------------------------------------------------------------------------


def test_a_document_is_told_to_everybody(scene: Scene) -> None:
    """By name, version and digest; once to each body that is in force."""
    raw = next_participants()
    scene.rig.registering.register(raw)
    found = scene.told()
    assert sorted(found) == everybody(scene.rig)
    [(kind, data)] = found["havering"]
    assert (kind, data["document"], data["version"]) == ("document-registered", "participants", 2)
    assert data["digest"] == to_text(document_digest(raw))
    assert all(one == found["havering"] for one in found.values())


def test_an_agreement_is_told_to_its_parties(scene: Scene) -> None:
    """That it was registered, signed and stopped; to nobody else."""
    scene.rig.registering.register(next_agreement(**without(LEFT_OUT)))
    scene.rig.sign("bhr-themes@2", "redbridge")
    scene.rig.suspend("bhr-themes@2", "2026-01-01T00:00:00Z")
    found = scene.told()
    assert sorted(found) == [one for one in everybody(scene.rig) if one != LEFT_OUT]
    kinds = [kind for kind, _ in found["havering"]]
    assert kinds == ["document-registered", "agreement-signed", "agreement-suspended"]
    assert found["havering"][-1][1] == {
        "agreement": "bhr-themes@2",
        "by_participant": "havering",
        "effective_from": "2026-01-01T00:00:00Z",
    }


def without(body: str) -> dict[str, JsonValue]:
    """Give the fields of the shipped agreement in which a body is named, without it."""

    def of_it_alone(value: JsonValue) -> bool:
        return isinstance(value, Mapping) and value.get("participants") == [body]

    def left(value: JsonValue) -> JsonValue:
        if isinstance(value, Mapping):
            return {name: left(one) for name, one in value.items()}
        if isinstance(value, list):
            return [left(one) for one in value if one != body and not of_it_alone(one)]
        return value

    fields = shipped_fields(AGREEMENT)
    return {name: left(fields[name]) for name in ("controllers", "groups", "parties", "readers")}


def test_a_right_is_told_to_the_body_alone(scene: Scene) -> None:
    """Whose office is given it, or loses it."""
    grant(scene, "redbridge")
    removed = hub.RightRemoved.Facts(
        effective_until="2026-11-01", office=ANALYST, participant="redbridge", right="released"
    )
    scene.rig.registering.remove(removed)
    assert scene.told() == {
        "redbridge": [
            (
                "right-granted",
                {
                    "effective_from": "2020-01-01",
                    "office": ANALYST,
                    "purposes": [THEMES],
                    "right": "released",
                },
            ),
            (
                "right-removed",
                {"effective_until": "2026-11-01", "office": ANALYST, "right": "released"},
            ),
        ]
    }


def grant(scene: Scene, body: str, office: str = ANALYST) -> None:
    """Let an office of a body read releases."""
    facts = hub.RightGranted.Facts(
        effective_from="2020-01-01",
        office=office,
        participant=body,
        purposes=(THEMES,),
        right="released",
    )
    scene.rig.registering.grant(facts)


# --- releases -------------------------------------------------------------------------------------


def publish(scene: Scene, release: Release = EXAMPLE) -> None:
    """Publish a release."""
    facts = hub.ReleasePublished.Facts(
        cells_hidden=1,
        cells_shown=1,
        digest=to_text(document_digest(release.canonical())),
        policy=release.policy,
        positions=(),
        release=release.name,
        tables=("knife-crime-and-gangs",),
    )
    scene.rig.registering.publish(release, release.canonical(), facts)


def reads(scene: Scene) -> list[tuple[str, str, str]]:
    """Give the reads that are recorded: by which body and office, and in whose person."""
    facts = (one.facts for one in scene.rig.partnership.opened())
    found = [one for one in facts if isinstance(one, hub.ViewRead.Facts)]
    return [(one.participant, one.office, one.reader) for one in found]


def test_a_release_is_told_whole_to_who_may_read_it(scene: Scene) -> None:
    """Byte for byte, to bodies with an office that may; and that it is given is recorded."""
    grant(scene, "havering")
    grant(scene, "redbridge", "caretaker")  # no agreement names such an office
    scene.told()
    publish(scene)
    found = scene.told()
    assert sorted(found) == ["havering"]
    [(kind, data)] = found["havering"]
    assert kind == "release-published"
    assert canonical(data["release"]) == EXAMPLE.canonical()
    assert data["digest"] == to_text(document_digest(EXAMPLE.canonical()))
    assert reads(scene) == [("havering", ANALYST, "outbox")]


def test_nobody_is_given_a_release_without_an_agreement(scene: Scene) -> None:
    """A right alone is not enough: where its agreement is stopped, a body is told nothing."""
    grant(scene, "havering")
    scene.rig.suspend("bhr-themes@1", "2020-01-01T00:00:00Z")
    scene.told()
    publish(scene)
    assert (scene.told(), reads(scene)) == ({}, [])


# --- what waits -----------------------------------------------------------------------------------


def moved(scene: Scene) -> tuple[Json, list[Json]]:
    """Publish a move that is addressed to Redbridge too; gives it, and all that was published."""
    publisher = scene.havering
    redbridge = scene.rig.publisher(REDBRIDGE)
    keys = {one.participant: one.recipient_public for one in (publisher, redbridge)}
    both = publisher.session(keys)
    alone = publisher.session({"havering": publisher.recipient_public})
    events = [both.event, alone.event, publisher.move(both.seal), publisher.sealed(alone.seal)]
    scene.told()
    publisher.publish(*events)
    return events[2], events


def test_a_part_is_told_to_its_recipients(scene: Scene) -> None:
    """Of two sealed events one alone is addressed to another body, and that one is told."""
    moved(scene)
    assert scene.told() == {"redbridge": [("waiting", {"ledger": "havering", "what": "part"})]}


def test_nothing_of_what_was_published_is_told(scene: Scene) -> None:
    """No id, pseudonym, time or code of any event stands in a message."""
    _, events = moved(scene)
    scene.told()
    [message] = scene.topics.told
    known = {"2.0", "1.0", "application/json", "havering", "redbridge", "part"}
    said = {one for event in events for one in texts(event) if len(one) > 5} - known
    assert len(said) > 30
    assert {one for one in said if one in message.value.decode()} == set()


def test_a_withdrawal_is_told_to_the_same(scene: Scene) -> None:
    """Who was told of a part is told that it was taken back."""
    move, _ = moved(scene)
    scene.told()
    taking = scene.havering.event(
        "record-withdrawn", subject=move["subject"], supersedes=move["id"]
    )
    inner(taking, "data")["facts"] = {"reason": "wrong-key"}
    inner(taking, "data")["subjects"] = []
    scene.havering.publish(taking)
    assert scene.told() == {"redbridge": [("waiting", {"ledger": "havering", "what": "withdrawn"})]}


def test_an_erasure_is_told_to_who_fetched(scene: Scene) -> None:
    """Who holds a copy of what was erased is told that the hub waits to hear of it."""
    move, _ = moved(scene)
    scene.told()
    facts = hub.ErasureNotified.Facts.model_validate(
        {
            "copies": ({"event": move["id"], "part": 2},),
            "erasure": move["id"],
            "ledger": "havering",
            "participant": "redbridge",
        }
    )
    made = scene.rig.hub_events.made(hub.ErasureNotified, facts)
    scene.rig.hub_events.append("havering", made)
    found = scene.told()
    assert found == {"redbridge": [("waiting", {"ledger": "havering", "what": "erased"})]}
    assert str(move["id"]) not in json.dumps(found)
