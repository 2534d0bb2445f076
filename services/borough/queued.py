"""A door to the hub by a queue: a submission is sealed and put there, and its answer asked for.

    1. is it answered? A submission that was sent before may be; its answer stands under its id
    2. the hub's intake key, believed only as far as the hub's signing key is: by our trust file
    3. seal the same bytes anew, and put them into the ledger's queue
    4. ask for the answer, until it is there or there is no more time; the outbox tries again later

An answer is kept by the hub for what was judged event by event. What is refused as a whole has
none: once the hub has read past the message, and there is no answer, the same bytes go over HTTP
and are told why. So does what is too large for a message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from domain.canonical import strict_json
from domain.errors import NotFound, NotProven, NotTrusted, Unavailable
from domain.queued import (
    MESSAGE_BYTES_MAX,
    headers_of,
    intake_fingerprint,
    packed,
    public_of,
    read_published,
    sealing_info,
)
from domain.values import to_bytes
from services.borough.directory import KeyDirectory
from services.borough.problems import answered
from services.borough.speaker import Speaker
from services.client_ports import Wait
from services.copy_ports import PostingDoor
from services.hub_door import HubAnswer
from services.ports import Verify
from services.queue_ports import Queue, Queued, SealTo

FIRST_ASKING_S = 0.05
LONGEST_ASKING_S = 2.0
_OK = 200
_NOT_THERE = 404
_NO_ANSWER = HubAnswer(0, b"")
_WHAT = "the hub's intake key"


class IntakeKeyFinder:
    """Finds the key to seal to, through the hub, and believes it by our own trust file."""

    def __init__(self, door: PostingDoor, directory: KeyDirectory, verify: Verify) -> None:
        """Ask through a door; the hub's signing key is one that `directory` finds trusted."""
        self._door = door
        self._directory = directory
        self._verify = verify

    def public(self, hub: str) -> bytes:
        """Give the key in use; asked for each time, since those before it are destroyed.

        Raises NotTrusted, and NotFound, NotAuthorised or Unavailable when the hub gives none.
        """
        raw = answered(self._door.get("/v1/intake-key"), "intake key")
        try:
            found = read_published(raw)
            public = public_of(found.intake_key)
        except NotProven:
            raise NotTrusted(_WHAT) from None
        signer = self._directory.named(hub, "hub", to_bytes(found.intake_key.hub_key))
        message = found.intake_key.signed_bytes()
        if not self._verify(signer, to_bytes(found.signature), message):
            raise NotTrusted(_WHAT)
        return public


@dataclass(frozen=True, slots=True)
class Sealing:
    """Who speaks, what seals, and how long the answer to each submission is waited for."""

    speaker: Speaker
    seal: SealTo
    patience: Callable[[], Wait]


class QueuedDoor:
    """The `PostingDoor` port by a queue; what is asked of the hub is asked over HTTP."""

    def __init__(
        self, door: PostingDoor, queue: Queue, finder: IntakeKeyFinder, sealing: Sealing
    ) -> None:
        """Put submissions into `queue`, and ask through `door`."""
        self._door = door
        self._queue = queue
        self._finder = finder
        self._sealing = sealing

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> HubAnswer:
        """Get a document, over HTTP."""
        return self._door.get(path, query)

    def post(self, path: str, document: bytes) -> HubAnswer:
        """Post a JSON document, over HTTP."""
        return self._door.post(path, document)

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Put one submission's bytes into the queue, and wait for what the hub says of it.

        Raises NotTrusted where the intake key is not to be believed.
        """
        submission = _submission(document)
        before = self._door.get(f"/v1/submissions/{submission}")
        if before.status != _NOT_THERE:
            return before
        try:
            public = self._finder.public(self._sealing.speaker.hub)
            key = intake_fingerprint(public)
            info = sealing_info(self._sealing.speaker.ledger, key, atomic=atomic)
            sealed = self._sealing.seal(public, packed(document), info)
            if len(sealed) > MESSAGE_BYTES_MAX:
                return self._door.submit(document, atomic=atomic)
            put = self._queue.put(headers_of(key, atomic=atomic), sealed)
        except (NotFound, Unavailable):
            return _NO_ANSWER
        told = self._told(submission, put)
        return self._door.submit(document, atomic=atomic) if told is None else told

    def _told(self, submission: str, put: Queued) -> HubAnswer | None:
        """Wait for an answer; None where the hub has read on and has none to give."""
        pause, wait = FIRST_ASKING_S, self._sealing.patience()
        while True:
            # In this order: what was read past by then is answered by now, or never.
            passed = self._reached(put) > put.offset
            answer = self._door.get(f"/v1/submissions/{submission}")
            if answer.status == _OK:
                return answer
            if passed and answer.status == _NOT_THERE:
                return None
            if not wait(pause):
                return _NO_ANSWER
            pause = min(2 * pause, LONGEST_ASKING_S)

    def _reached(self, put: Queued) -> int:
        answer = self._door.get(f"/v1/queues/{put.queue}")
        if answer.status != _OK:
            return 0
        try:
            said = strict_json(answer.body)
        except ValueError:
            return 0
        reached = said.get("reached") if isinstance(said, Mapping) else None
        return reached if isinstance(reached, int) else 0


def _submission(document: bytes) -> str:
    """Give the id of a submission of ours."""
    said = strict_json(document)
    head = said.get("submission") if isinstance(said, Mapping) else None
    found = head.get("id") if isinstance(head, Mapping) else None
    if not isinstance(found, str):
        raise NotFound("submission in the outbox")
    return found
