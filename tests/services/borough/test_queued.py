"""A borough's door by a queue: sealed to a key that is believed, asked after, told in the end."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from adapters.keys import encapsulation, signing
from adapters.keys.signing import Ed25519Signer
from domain.canonical import canonical
from domain.errors import NotTrusted
from domain.queued import MESSAGE_BYTES_MAX, IntakeKey, PublishedIntakeKey
from domain.reference.body_keys import PublicKey, fingerprint
from domain.values import to_text
from services.borough.directory import KeyDirectory
from services.borough.queued import IntakeKeyFinder, QueuedDoor, Sealing
from services.borough.speaker import Speaker
from services.hub_door import HubAnswer
from services.trust import Belief, Vouched
from tests.fakes_queue import QUEUE, MemoryIntakeKeys, MemoryQueue
from tests.hub_rig import MemoryTrust

HUB = Ed25519Signer(bytes(range(32)))
STRANGER = Ed25519Signer(bytes(range(1, 33)))
SUBMISSION = "01890a5d-ac96-774b-bcce-b302099a8057"
DOCUMENT = canonical({"events": [], "submission": {"id": SUBMISSION}})
SPEAKER = Speaker("havering", "/participants/havering/s", "havering", "havering", "a@1", "p")
ANSWER = HubAnswer(200, b"the acknowledgement")
NOTHING = HubAnswer(404, b"")


def listed(*signers: Ed25519Signer) -> bytes:
    """Give the hub's list of its own keys."""
    keys = [
        PublicKey(
            fingerprint=to_text(fingerprint("hub", one.public)),
            public=to_text(one.public),
            purpose="hub",
        ).model_dump(mode="json", exclude_defaults=True)
        for one in signers
    ]
    return json.dumps({"keys": keys, "participant": "bhr"}).encode()


@dataclass
class Door:
    """The hub over HTTP: `reached` and `answered` say what it has read and answered by now."""

    keys: MemoryIntakeKeys
    signer: Ed25519Signer = HUB
    reached: int = 0
    answered: bool = False
    posted: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Answer why it is refused."""
        self.posted.append(document)
        return HubAnswer(403, b"why")

    def post(self, path: str, document: bytes) -> HubAnswer:
        """Take anything."""
        return HubAnswer(200, document)

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> HubAnswer:
        """Answer what a client by a queue asks."""
        self.asked.append(path)
        if path == f"/v1/submissions/{SUBMISSION}":
            return ANSWER if self.answered else NOTHING
        if path == f"/v1/queues/{QUEUE}":
            return HubAnswer(200, canonical({"queue": str(QUEUE), "reached": self.reached}))
        if path == "/v1/intake-key":
            return HubAnswer(200, self.published())
        return HubAnswer(200, listed(HUB, STRANGER))

    def published(self) -> bytes:
        """Publish the intake key, signed."""
        said = IntakeKey(
            hub_key=to_text(fingerprint("hub", self.signer.public)),
            made="2026-01-01T00:00:00Z",
            public=to_text(self.keys.public),
        )
        signature = to_text(self.signer.sign(said.signed_bytes()))
        return PublishedIntakeKey(intake_key=said, signature=signature).canonical()


@dataclass
class Desk:
    """A client's door by a queue; `while_waiting` happens at each wait but the last."""

    door: Door = field(default_factory=lambda: Door(MemoryIntakeKeys()))
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    waits: int = 3
    while_waiting: Callable[[Door], None] = lambda _: None

    def __post_init__(self) -> None:
        """Believe the hub's key, and no other's."""
        trust = MemoryTrust()
        trust.add(Vouched("bhr", "hub", fingerprint("hub", HUB.public)))
        directory = KeyDirectory(self.door, Belief(trust, signing.verify))
        finder = IntakeKeyFinder(self.door, directory, signing.verify)
        sealing = Sealing(SPEAKER, encapsulation.seal_to, lambda: self.wait)
        self.queued = QueuedDoor(self.door, self.queue, finder, sealing)

    def wait(self, _: float) -> bool:
        """Let time pass, as long as there is some."""
        self.waits -= 1
        self.while_waiting(self.door)
        return self.waits > 0

    def submit(self, document: bytes = DOCUMENT) -> HubAnswer:
        """Send one submission."""
        return self.queued.submit(document, atomic=False)


def answers(door: Door) -> None:
    """Take the message in."""
    door.reached, door.answered = 1, True


def passes_over(door: Door) -> None:
    """Put the message away."""
    door.reached = 1


def test_it_is_sealed_and_its_answer_brought_back() -> None:
    """What lies in the queue opens for the hub alone; the answer is what the hub stored."""
    desk = Desk(while_waiting=answers)
    assert desk.submit() == ANSWER
    [message] = desk.queue.messages
    assert b"events" not in message.value
    assert message == desk.door.keys.message(DOCUMENT)._replace(value=message.value)
    assert desk.door.posted == []


def test_what_was_answered_is_not_put_there_again() -> None:
    """A submission whose answer was not heard is asked after first."""
    desk = Desk()
    desk.door.answered = True
    assert (desk.submit(), desk.queue.messages) == (ANSWER, [])


def test_what_was_refused_as_a_whole_is_told_over_http() -> None:
    """Where the hub has read on and has no answer, the same bytes go where they are told why."""
    desk = Desk(while_waiting=passes_over)
    assert desk.submit().status == 403
    assert desk.door.posted == [DOCUMENT]


def test_no_answer_in_time_is_none() -> None:
    """What is not taken in yet stays in the outbox, to be asked after next time."""
    desk = Desk()
    assert (desk.submit(), len(desk.queue.messages), desk.door.posted) == (HubAnswer(0, b""), 1, [])


def test_a_queue_that_is_away_is_no_answer() -> None:
    """While the brokers are away, what is to be sent stays in the outbox."""
    desk = Desk()
    desk.queue.away = True
    assert desk.submit() == HubAnswer(0, b"")


def test_what_is_too_large_goes_over_http() -> None:
    """A submission that no message holds goes the other way."""
    desk = Desk()
    noise = to_text(secrets.token_bytes(MESSAGE_BYTES_MAX))
    large = canonical({"events": [noise], "submission": {"id": SUBMISSION}})
    assert desk.submit(large).status == 403
    assert (desk.queue.messages, desk.door.posted) == ([], [large])


def test_a_key_that_somebody_else_published_is_not_used() -> None:
    """The hub may list whom it likes: nothing is sealed to what our trust file disbelieves."""
    desk = Desk()
    desk.door.signer = STRANGER
    with pytest.raises(NotTrusted):
        desk.submit()
    assert desk.queue.messages == []


def test_a_key_under_another_signature_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A published key whose signature is of another key is refused."""
    desk = Desk()
    right = json.loads(desk.door.published())
    right["intake_key"]["public"] = to_text(encapsulation.generate()[1])
    monkeypatch.setattr(Door, "published", lambda _: canonical(right))
    with pytest.raises(NotTrusted):
        desk.submit()
    assert desk.queue.messages == []


def test_everything_else_goes_over_http() -> None:
    """Whatever is asked or posted beside goes to the hub's other door."""
    desk = Desk()
    assert desk.queued.post("/v1/decisions", b"1") == HubAnswer(200, b"1")
    assert desk.queued.get(f"/v1/submissions/{SUBMISSION}") == NOTHING
