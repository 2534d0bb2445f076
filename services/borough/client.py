"""The borough's client: what a borough's own system imports, and the command line runs.

    client = BoroughClient(speaker, keys, means, reach)
    client.publish([Draft(…), …])     # durable when it returns, whether or not the hub is there
    client.send()                     # until acknowledged, or until the hub stays silent
    client.status()

One client speaks for one source and may be used by several threads and processes at a time: its
store lets one of them write.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.errors import NotFound
from domain.vocabulary.catalogue import STANDARD
from services.borough.acknowledged import Acknowledgements
from services.borough.canaries import Canaries
from services.borough.copies import Desk, KeptCopies
from services.borough.directory import KeyDirectory
from services.borough.drafting import Draft, Tagging
from services.borough.erasing import Erasing, Told, Wish
from services.borough.forgetting import Forgetting, Shelf
from services.borough.opening import OpenedPart, PartAsked, PartOpening, WaitingPart
from services.borough.problems import answered
from services.borough.queueing import Queued, Queueing, Watch
from services.borough.reconciling import Returning
from services.borough.resending import Resending
from services.borough.scribe import Scribe
from services.borough.sending import Sending, Sent
from services.borough.speaker import BoroughKeys, Means, Reach, Speaker
from services.borough.withdrawing import Withdrawing
from services.borough.writing import Reason
from services.client_ports import Refusal, State
from services.trust import Belief

ANSWERS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Status:
    """How a source stands with the hub.

    `counts` are of published events that are not withdrawn, by scope, kind and state; `canary` is
    when the last acknowledged one was sent.
    """

    waiting: int
    counts: Mapping[tuple[str, str, State], int]
    canary: str | None


class BoroughClient:
    """Publishes what one source says, and opens what is addressed to its participant."""

    def __init__(self, speaker: Speaker, keys: BoroughKeys, means: Means, reach: Reach) -> None:
        """Speak for a source, with its keys, over its own store and door."""
        self._speaker = speaker
        self._store = reach.store
        self._door = reach.door
        self._clock = means.clock
        self._scribe = Scribe(speaker, keys, means, reach)
        tagging = Tagging(keys.digests, speaker.source)
        shelf = Shelf(reach.store, reach.fences)
        self._forgetting = Forgetting(shelf, keys, tagging, means.clock)
        self._queueing = Queueing(self._scribe, tagging, reach.store)
        self._withdrawing = Withdrawing(self._scribe, reach.store, tagging, self._forgetting)
        self._canaries = Canaries(self._scribe, reach.store)
        directory = KeyDirectory(reach.door, Belief(reach.trust, means.verify))
        answers = Acknowledgements(speaker, directory, means.verify)
        resending = Resending(reach.store, self._forgetting, keys, means.clock)
        self._sending = Sending(reach, answers, resending, means.wait)
        self._erasing = Erasing(self._scribe, reach.store, reach.door, self._forgetting)
        self._parts = PartOpening(speaker, keys.private(), means, STANDARD)
        desk = Desk(reach.store, reach.copies, reach.door)
        self.copies = KeptCopies(desk, speaker.participant, keys, self._parts)

    def publish(
        self,
        drafts: Iterable[Draft],
        returning: Returning | None = None,
        *,
        watch: Watch | None = None,
        atomic: bool = False,
    ) -> Queued:
        """Put what `drafts` change into the outbox; with `returning` they are its whole scope.

        Drafts of one person come one after another; one return at a time is read through one open
        store. Raises NotTrusted for a recipient's key that is not vouched for, SubmissionRefused
        when `atomic` and it does not fit into one submission, Unavailable.
        """
        self._forgetting.heed()
        queued = self._queueing.queue(drafts, returning, watch=watch, atomic=atomic)
        self.beat()
        return queued

    def withdraw(self, submission: uuid.UUID, reason: Reason) -> int:
        """Take back every event of a submission that stands; gives how many there were.

        What should never have been sent is never sent again: a later return reports it as erased.
        Raises NotFound for a submission that this client never made.
        """
        return self._withdrawing.submission(submission, reason)

    def withdraw_events(self, events: Collection[uuid.UUID], reason: Reason) -> int:
        """Take back single events; raises NotFound when one of them was never made here."""
        return self._withdrawing.events(events, reason)

    def withdraw_told(self, drafts: Iterable[Draft], reason: Reason) -> int:
        """Take back whatever drafts told that still stands as they told it."""
        return self._withdrawing.told(drafts, reason)

    def send(self) -> Sent:
        """Send what is in the outbox, in order; raises NotAuthorised, NotTrusted, Unavailable."""
        self._forgetting.heed()
        return self._sending.send()

    def beat(self) -> bool:
        """Put a canary into the outbox when it is time for one."""
        return self._canaries.beat(self._clock.now_ms())

    def close_sessions(self) -> None:
        """Seal nothing more in the sessions in use: a key that they were sealed to is given up."""
        with self._store.transaction():
            self._store.sessions.close_all()

    def waiting_for(self, participant: str) -> list[uuid.UUID]:
        """Name the submissions that wait and hold something sealed to a participant already.

        Their bytes are signed, and go out as they are whatever is believed of its keys since.
        """
        with self._store.transaction():
            waiting = self._store.erasures.unanswered([f'"{participant}"'])
        return [one.submission for one in waiting]

    def open_part(
        self,
        event: uuid.UUID,
        number: int,
        *,
        ledger: str | None = None,
        purpose: str | None = None,
        keep: str | None = None,
    ) -> OpenedPart:
        """Fetch a restricted part that is addressed to us, and open it here.

        From our own ledger and for our own purpose unless told otherwise; with `keep` it is kept in
        that file. The hub records the fetch, and so do we. Raises NotFound, NotAuthorised,
        Unavailable, HomeNotReady for the file, or one of NotOpened by name; upon CommitmentDiffers
        the caller may publish `part-disputed`.
        """
        speaker = self._speaker
        asked = PartAsked(
            ledger or speaker.ledger, event, number, speaker.agreement, purpose or speaker.purpose
        )
        return self.copies.open_part(asked, keep)

    def waiting_parts(self) -> tuple[WaitingPart, ...]:
        """Ask which parts wait for us at the hub; raises NotAuthorised or Unavailable."""
        return self._parts.waiting(self._door)

    def request_erasure(self, persons: tuple[str, ...], wish: Wish) -> uuid.UUID:
        """Ask that what is held of a child be erased, by each id that our systems give the child.

        Put into the outbox; gives the request's event id. Raises NotFound for who was never
        published, QuestionRefused, Unavailable.
        """
        self._forgetting.heed()
        return self._erasing.request(persons, self._speaker, wish)

    def tidy(self) -> list[Told]:
        """Ask the hub how far our requests for erasure are, and forget here whom it has erased.

        Raises NotAuthorised, Unavailable, HomeNotReady for an erasure of a day that has not come.
        """
        self._forgetting.heed()
        return self._erasing.tidy()

    def receipt(self, event: uuid.UUID) -> bytes:
        """Fetch the receipt of an event of ours; raises NotFound, NotAuthorised, Unavailable.

        NotFound also while no published checkpoint covers it: then ask again later.
        """
        return answered(self._door.get(f"/v1/receipts/{event}"), "receipt (yet)")

    def status(self) -> Status:
        """Say how this source stands."""
        with self._store.transaction():
            canary = self._store.published.latest_own("canary", "recorded")
            return Status(
                self._store.outbox.waiting(),
                self._store.published.counts(),
                canary.time if canary else None,
            )

    def refusals(self, after: int = 0, limit: int = 500) -> list[Refusal]:
        """Give what the hub refused, from after a number on, at most `limit` at a time."""
        with self._store.transaction():
            return self._store.outbox.refusals(after, limit)

    def acknowledgements(self) -> Iterator[bytes]:
        """Give every signed answer of the hub that is kept, in order of sending."""
        after = 0
        while True:
            with self._store.transaction():
                page = self._store.outbox.acknowledgements(after, ANSWERS_AT_ONCE)
            if not page:
                return
            yield from (answer for _, answer in page)
            after = page[-1][0]

    def acknowledgement(self, submission: uuid.UUID) -> bytes:
        """Give the hub's signed answer to a submission; raises NotFound."""
        with self._store.transaction():
            found = self._store.outbox.acknowledgement(submission)
        if found is None:
            raise NotFound("acknowledgement")
        return found
