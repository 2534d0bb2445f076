"""A hub as a borough meets it: it checks what was signed, keeps it, answers, and can misbehave."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from adapters.keys import signing
from adapters.keys.signing import Ed25519Signer
from domain.canonical import JsonValue, canonical
from domain.erasure import confirmed_message
from domain.reference.body_keys import KeyPurpose, fingerprint
from domain.statement import acknowledged_bytes, signed_bytes
from domain.values import to_bytes, to_text
from domain.vocabulary.catalogue import STANDARD
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.hub import ErasureConfirmed, SealingSessionOpened
from domain.wire import AnySigned, Unread, Wire
from services.hub_door import HubAnswer
from services.preparing import from_signed

HUB_KEY = bytes(range(32))

Judge = Callable[[AnySigned], str | None]
"""Gives the code of what is wrong with an event, or None."""


@cache
def wire() -> Wire:
    """Give the wire models; building them takes a second."""
    return Wire(STANDARD)


def takes_all(_: AnySigned) -> str | None:
    """Find nothing wrong."""
    return None


@dataclass
class FakeHub:
    """The `PostingDoor` port onto a hub of the test's own.

    `signing` are the public keys that it takes; `listed` is what its directory says of each body.
    The next `silent` submissions do not arrive, the next `unheard` do and their answers are lost;
    once it has taken `until_gone` more (None: as many as come), none arrives any longer;
    the next `keyless` questions for a body's keys are not answered.
    """

    signing: dict[bytes, bytes] = field(default_factory=dict)
    listed: dict[str, list[tuple[KeyPurpose, bytes]]] = field(default_factory=dict)
    models: Callable[[], Wire] = wire
    judge: Judge = takes_all
    silent: int = 0
    unheard: int = 0
    until_gone: int | None = None
    keyless: int = 0
    problem: HubAnswer | None = None
    received: list[bytes] = field(default_factory=list)
    answers: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    events: dict[str, AnySigned] = field(default_factory=dict)
    sessions: dict[str, SealingSessionOpened.Facts] = field(default_factory=dict)
    recorded: dict[str, bytes] = field(default_factory=dict)
    fenced: set[str] = field(default_factory=set)
    notices: list[dict[str, JsonValue]] = field(default_factory=list)
    confirmed: list[ErasureConfirmed.Facts] = field(default_factory=list)
    uncounted: set[str] = field(default_factory=set)
    erasures: dict[str, dict[str, JsonValue]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the key that answers are signed with."""
        self.signer = Ed25519Signer(HUB_KEY)
        self.listed.setdefault("bhr", []).append(("hub", self.signer.public))

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Take a submission as intake would."""
        self.received.append(document)
        if self.silent:
            self.silent -= 1
            return HubAnswer(0, b"")
        if self.until_gone == 0:
            return HubAnswer(0, b"")
        if self.until_gone is not None:
            self.until_gone -= 1
        if self.problem is not None:
            return self.problem
        answer = self._taken(document, atomic=atomic)
        if self.unheard:
            self.unheard -= 1
            return HubAnswer(503, b"", 5)
        return answer

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> HubAnswer:
        """Give the keys of a body, or a part."""
        steps = path.removeprefix("/v1/").split("/")
        if steps[0] == "participants":
            return self._keys(steps[1])
        if steps[0] == "notices":
            listed: list[JsonValue] = list(self.notices)
            return HubAnswer(200, canonical({"notices": listed, "participant": "redbridge"}))
        if steps[0] == "erasures":
            if steps[1] in self.uncounted:
                code = "urn:bhr:problem:request-not-by-the-controller"
                return HubAnswer(403, canonical({"type": code}))
            told = self.erasures.get(steps[1])
            return HubAnswer(404, b"") if told is None else HubAnswer(200, canonical(told))
        return self.part(steps[1], steps[2], int(steps[3]))

    def post(self, path: str, document: bytes) -> HubAnswer:
        """Take a confirmation: its notice is told no longer."""
        assert path == "/v1/confirmations"
        facts = ErasureConfirmed.Facts.model_validate_json(document)
        key = self.signing[to_bytes(facts.key)]
        if not signing.verify(key, to_bytes(facts.signature), confirmed_message(facts)):
            return HubAnswer(403, b"")
        left = [one for one in self.notices if one["because"] != facts.because]
        if left == self.notices:
            return HubAnswer(404, b"")
        self.notices = left
        self.confirmed.append(facts)
        return HubAnswer(200, b"{}")

    def _keys(self, code: str) -> HubAnswer:
        if self.keyless:
            self.keyless -= 1
            return HubAnswer(0, b"")
        if code not in self.listed:
            return HubAnswer(404, b"")
        keys: list[JsonValue] = [
            {
                "fingerprint": to_text(fingerprint(purpose, public)),
                "public": to_text(public),
                "purpose": purpose,
            }
            for purpose, public in self.listed[code]
        ]
        return HubAnswer(200, canonical({"keys": keys, "participant": code}))

    def _taken(self, document: bytes, *, atomic: bool) -> HubAnswer:
        parsed = self.models().signed_submission(document)
        head = parsed.head
        if head.id in self.answers:
            before, answer = self.answers[head.id]
            assert before == document, "a submission was sent again with other bytes"
            return HubAnswer(200, answer)
        digests = [to_bytes(one) for one in head.statements]
        message = signed_bytes(head.ledger, head.source, uuid.UUID(head.id), digests)
        public = self.signing[to_bytes(head.key)]
        assert signing.verify(public, to_bytes(head.signature), message)
        codes = list(map(self._judged, parsed.events, digests))
        held_back = "held-back" if atomic and any(codes) else None
        outcomes = [
            self._outcome(event, digest, code or held_back)
            for event, digest, code in zip(parsed.events, digests, codes, strict=True)
        ]
        inner: dict[str, JsonValue] = {
            "events": outcomes,
            "key": to_text(fingerprint("hub", self.signer.public)),
            "ledger": head.ledger,
            "source": head.source,
            "submission": head.id,
        }
        answer = self.signed(inner)
        self.answers[head.id] = (document, answer)
        return HubAnswer(200, answer)

    def destroy(self, request: uuid.UUID, at: str = "2023-11-14T10:00:00.000Z") -> None:
        """Carry an erasure out: its subjects' pseudonyms, and streams of nobody else, are fenced.

        What was recorded of these subjects alone stands no longer; its header does.
        """
        asked = self.events[str(request)]
        self.fence({one.pseudonym for one in asked.data.subjects})
        self.erasures[str(request)] = {
            "destroyed": at,
            "lapses": "2023-12-19",
            "recipients": [{"confirmed": 0, "fetched": 1, "participant": "redbridge"}],
            "request": str(request),
            "state": "destroyed",
        }

    def fence(self, pseudonyms: set[str]) -> None:
        """Destroy the keys of some subjects."""
        self.fenced |= pseudonyms
        streams: dict[str, set[str]] = {}
        for event in self.events.values():
            told = {one.pseudonym for one in event.data.subjects}
            streams.setdefault(event.subject, set()).update(told)
        self.fenced |= {stream for stream, told in streams.items() if told and told <= self.fenced}

    def _fence_met(self, event: AnySigned) -> str | None:
        """Give the place at which an event names what was destroyed."""
        for at, subject in enumerate(event.data.subjects):
            if subject.pseudonym in self.fenced:
                return f"data.subjects.{at}.pseudonym"
        return "subject" if event.subject in self.fenced else None

    def signed(self, inner: Mapping[str, JsonValue]) -> bytes:
        """Sign an acknowledgement."""
        signature = self.signer.sign(acknowledged_bytes(canonical(inner)))
        return canonical({"acknowledgement": inner, "signature": to_text(signature)})

    def _judged(self, event: AnySigned | Unread, digest: bytes) -> str | None:
        assert not isinstance(event, Unread), event
        assert from_signed(event).digest == digest, "the statement is not the event's"
        facts = event.data.facts
        code = "fenced" if self._fence_met(event) else self.judge(event)
        if isinstance(facts, SealingSessionOpened.Facts) and code is None:
            assert facts.session == event.subject
            self.sessions[facts.session] = facts
        for subject in event.data.subjects:
            if subject.restricted is not None:
                session = self.sessions.get(event.sealingsession or "")
                if session is None:
                    return "not-opened-by-this-source"
                names = tuple(one.participant for one in session.recipients)
                assert subject.restricted.recipients == names
        return code

    def _outcome(self, event: AnySigned | Unread, digest: bytes, code: str | None) -> JsonValue:
        assert not isinstance(event, Unread)
        again = event.id in self.recorded
        if code is not None and not again:
            place = self._fence_met(event) or "data.facts"
            faults: list[JsonValue] = [{"code": code, "place": place}]
            return {"faults": faults, "id": event.id, "outcome": "refused"}
        if not again:
            self.events[event.id] = event
        assert self.recorded.setdefault(event.id, digest) == digest, "another content, one id"
        return {
            "id": event.id,
            "outcome": "recorded",
            "position": list(self.recorded).index(event.id),
            "recorded": "2026-01-01T00:00:00.000Z",
        }

    def part(self, ledger: str, event_id: str, number: int) -> HubAnswer:
        """Give a sealed part as the hub does."""
        event = self.events.get(event_id)
        at = (number - 2) // 2
        if event is None or number % 2 or not 0 <= at < len(event.data.subjects):
            return HubAnswer(404, b"")
        sealed = event.data.subjects[at].restricted
        if sealed is None:
            return HubAnswer(404, b"")
        facts = self.sessions[event.sealingsession or ""]
        recipients: list[JsonValue] = [one.model_dump() for one in facts.recipients]
        session = {
            "id": facts.session,
            "recipients": recipients,
            "source": event.source,
            "suite": facts.suite,
        }
        told: dict[str, JsonValue] = {
            "commitment": sealed.commitment,
            "envelope": sealed.envelope,
            "event": event_id,
            "ledger": ledger,
            "part": number,
            "session": session,
            "type": event.type,
        }
        return HubAnswer(200, canonical(told))

    def standing(self) -> list[AnySigned]:
        """Give what stands, as folds see it: of each fact the deepest left, and then the latest."""
        withdrawn = {
            event.supersedes
            for event in self.events.values()
            if isinstance(event.data.facts, RecordWithdrawn.Facts)
        }
        place: dict[str, tuple[str, int]] = {}
        best: dict[str, tuple[int, AnySigned]] = {}
        for event in self.events.values():
            if not event.data.subjects:
                continue
            if event.supersedes is None:
                place[event.id] = event.id, 0
            elif event.supersedes in place:
                target = self.events[event.supersedes]
                assert (target.subject, target.type) == (event.subject, event.type)
                root, depth = place[event.supersedes]
                place[event.id] = root, depth + 1
            else:
                continue  # it corrects what is not there, and waits
            root, depth = place[event.id]
            if event.id not in withdrawn and depth >= best.get(root, (0, event))[0]:
                best[root] = depth, event
        return [one for _, one in best.values() if not self._is_erased(one)]

    def _is_erased(self, event: AnySigned) -> bool:
        return {one.pseudonym for one in event.data.subjects} <= self.fenced


def events_in(document: bytes) -> list[dict[str, str]]:
    """Give the events of a submission, as far as they are texts."""
    events: list[dict[str, str]] = json.loads(document)["events"]
    return events
