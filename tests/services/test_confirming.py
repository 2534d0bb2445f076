"""Confirming: a recipient's signed word on its copy, taken once, for what it was told alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from domain.canonical import JsonValue, canonical
from domain.erasure import confirmed_message
from domain.errors import NotAuthorised, NotFound, ReferenceRefused
from domain.values import to_text
from domain.vocabulary import hub
from services.confirming import Confirming
from services.fetching import Shelf
from services.notices import Notices
from services.ports import Caller
from tests.hub_rig import REDBRIDGE, HubRig, open_rig
from tests.rig_publisher import Json, Publisher, inner

RECIPIENT = Caller("redbridge", None, "social-worker", "reader-1")


@dataclass
class Scene:
    """Havering has taken back what it had sent to Redbridge."""

    rig: HubRig
    redbridge: Publisher
    move: Json
    because: str
    confirming: Confirming

    def document(self, **changes: JsonValue) -> bytes:
        """Sign a confirmation; `changes` replace its fields before it is signed."""
        said: dict[str, JsonValue] = {
            "because": self.because,
            "by_participant": "redbridge",
            "event": self.move["id"],
            "key": to_text(self.redbridge.key),
            "ledger": "havering",
            "outcome": "deleted",
            "part": 2,
            "signature": to_text(bytes(64)),
            **changes,
        }
        facts = hub.ErasureConfirmed.Facts.model_validate_json(canonical(said))
        signature = self.redbridge.signer.sign(confirmed_message(facts))
        return canonical({**said, "signature": to_text(signature)})

    def recorded(self) -> list[hub.ErasureConfirmed.Facts]:
        """Give what is recorded, in the ledger of the part."""
        facts = (one.facts for one in self.rig.havering.opened())
        return [one for one in facts if isinstance(one, hub.ErasureConfirmed.Facts)]


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Send, and take back."""
    with open_rig() as rig:
        havering, redbridge = rig.publisher(), rig.publisher(REDBRIDGE)
        both = {one.participant: one.recipient_public for one in (havering, redbridge)}
        opening = havering.session(both)
        move = havering.move(opening.seal)
        taking = havering.event("record-withdrawn", subject=move["subject"], supersedes=move["id"])
        inner(taking, "data").update(facts={"reason": "wrong-file"}, subjects=[])
        havering.publish(opening.event, move, taking)
        shelves = {n: Shelf(s.ledger, s.opening, s.sessions) for n, s in rig.stands.items()}
        notices = Notices(shelves, rig.registry)
        confirming = Confirming(rig.deciding, notices, rig.hub_events)
        yield Scene(rig, redbridge, move, str(taking["id"]), confirming)


def test_a_confirmation_is_recorded_whole_and_once(scene: Scene) -> None:
    """With the recipient's own signature, in the part's ledger; said again it stands already."""
    document = scene.document()
    assert not scene.confirming.confirm(document, RECIPIENT)
    assert scene.confirming.confirm(document, RECIPIENT)
    (facts,) = scene.recorded()
    assert json.loads(facts.canonical()) == json.loads(document)


def test_only_its_own_signed_word_is_taken(scene: Scene) -> None:
    """Not another body's, not with another key, not with another word than was signed."""
    other = replace(RECIPIENT, participant="barking-and-dagenham")
    with pytest.raises(NotAuthorised, match="not-of-this-token"):
        scene.confirming.confirm(scene.document(), other)
    with pytest.raises(NotAuthorised, match="signing-key-not-trusted"):
        scene.confirming.confirm(scene.document(key=to_text(bytes(32))), RECIPIENT)
    altered = scene.document().replace(b'"deleted"', b'"none-kept"')
    with pytest.raises(NotAuthorised, match="signature-does-not-hold"):
        scene.confirming.confirm(altered, RECIPIENT)
    assert scene.recorded() == []


@pytest.mark.parametrize(
    "changes", [{"part": 4}, {"ledger": "redbridge"}, {"ledger": "nowhere"}], ids=str
)
def test_what_was_not_told_is_not_confirmed(scene: Scene, changes: dict[str, JsonValue]) -> None:
    """Another part, another ledger, or one that there is not."""
    with pytest.raises(NotFound, match="notice to be confirmed"):
        scene.confirming.confirm(scene.document(**changes), RECIPIENT)


def test_what_is_no_confirmation_is_refused(scene: Scene) -> None:
    """No JSON, or another form."""
    for raw, code in ((b"{", "not-json"), (b"{}", "not-of-its-form")):
        with pytest.raises(ReferenceRefused) as refused:
            scene.confirming.confirm(raw, RECIPIENT)
        assert [fault.code for fault in refused.value.faults] == [code]
