"""Emptying the outbox: in order, the same bytes again and again, until the hub has answered.

What an answer does:

    200, or a 409/422 that carries an acknowledgement   checked, kept for ever; each event settled
    400 403 409 413 415 422, a problem of the hub's     the submission is refused as a whole; it is
                                                        kept, and does not hold up the next ones
    401                                                 stop: the token must be renewed first
    anything else, or no answer                         wait as long as told, and send again
    an answer whose key cannot be had now               the same: nobody can say yet that it holds

A refused event counts as not published, so that the source's next word on it is sent anew. When a
submission is refused as a whole that was sent before, nobody knows whether the hub took it then:
its events count as adrift, and are withdrawn before they are sent anew.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.errors import Fault, NotAuthorised, NotFound, Unavailable
from services.borough.acknowledged import Acknowledged, Acknowledgements
from services.borough.problems import problem_of
from services.borough.resending import Resending
from services.borough.speaker import Reach
from services.client_ports import Outgoing, Wait
from services.hub_door import HubAnswer

TRIES_MAX = 8
"""Of one submission in one `send`, without an answer."""
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
RETRY_AFTER_MAX_S = 3600.0

_OK = 200
_NO_TOKEN = 401
_WHOLE = frozenset({400, 403, 409, 413, 415, 422})


@dataclass(slots=True)
class Sent:
    """What one `send` came to. Counts are of events; `left` submissions wait for the next time.

    `fenced` were refused since a pseudonym's key was destroyed, and went out again under another
    one or are of an erased past: they do not count as refused.
    """

    recorded: int = 0
    refused: int = 0
    fenced: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    acknowledged: list[uuid.UUID] = field(default_factory=list)
    refused_whole: list[uuid.UUID] = field(default_factory=list)
    left: int = 0


def together(one: Sent, other: Sent) -> Sent:
    """Give what two rounds of sending came to, the other one being the later."""
    return Sent(
        one.recorded + other.recorded,
        one.refused + other.refused,
        one.fenced + other.fenced,
        one.codes + other.codes,
        [*one.acknowledged, *other.acknowledged],
        [*one.refused_whole, *other.refused_whole],
        other.left,
    )


class Sending:
    """Sends what is in the outbox of one source."""

    def __init__(
        self, reach: Reach, answers: Acknowledgements, resending: Resending, wait: Wait
    ) -> None:
        """Send through the door, and between two tries wait by `wait`."""
        self._store = reach.store
        self._door = reach.door
        self._answers = answers
        self._resending = resending
        self._wait = wait

    def send(self) -> Sent:
        """Send until the outbox is empty or the hub stays silent.

        Raises NotAuthorised when the token is refused, NotTrusted when an answer is not believed;
        whatever was not answered stays in the outbox.
        """
        sent = Sent()
        tries = 0
        while (outgoing := self._next_try()) is not None:
            answer = self._door.submit(outgoing.document, atomic=outgoing.atomic)
            if self._settled(outgoing, answer, sent):
                tries = 0
                continue
            tries += 1
            if tries == TRIES_MAX or not self._wait(_pause(tries, answer)):
                break
        with self._store.transaction():
            sent.left = self._store.outbox.waiting()
        return sent

    def _next_try(self) -> Outgoing | None:
        with self._store.transaction():
            return self._store.outbox.next_try()

    def _settled(self, outgoing: Outgoing, answer: HubAnswer, sent: Sent) -> bool:
        """Act on an answer; False when there was none that counts."""
        if answer.status == _OK:
            return self._believed(answer.body, outgoing, sent)
        problem = problem_of(answer.body)
        if answer.status == _NO_TOKEN:
            raise NotAuthorised(problem.code if problem else "token-refused")
        if problem is None or answer.status not in _WHOLE:
            return False
        if problem.acknowledgement is not None:
            return self._believed(problem.acknowledgement, outgoing, sent)
        self._refused(outgoing, problem.faults or (Fault(-1, "", problem.code),), sent)
        return True

    def _believed(self, raw: bytes, outgoing: Outgoing, sent: Sent) -> bool:
        """Settle what an acknowledgement says; False when the hub's key cannot be had now."""
        try:
            checked = self._answers.checked(raw, outgoing)
        except (NotAuthorised, NotFound, Unavailable):
            return False
        self._acknowledged(checked, outgoing, sent)
        return True

    def _acknowledged(self, told: Acknowledged, outgoing: Outgoing, sent: Sent) -> None:
        with self._store.transaction():
            if not self._store.outbox.acknowledge(outgoing.submission, told.raw, told.refused):
                return  # another process was told the same, and was quicker
            self._store.published.settle(told.recorded, tuple(told.refused))
            self._store.sessions.close_opened_by(tuple(told.refused))
            fenced = self._resending.refused(outgoing, told.refused)
        refused = [faults for event, faults in told.refused.items() if event not in fenced]
        sent.acknowledged.append(outgoing.submission)
        sent.recorded += len(told.recorded)
        sent.fenced += len(fenced)
        sent.refused += len(refused)
        sent.codes.update(fault.code for faults in refused for fault in faults)

    def _refused(self, outgoing: Outgoing, faults: Sequence[Fault], sent: Sent) -> None:
        with self._store.transaction():
            if not self._store.outbox.refuse(outgoing.submission, faults):
                return
            if outgoing.tries:
                # The hub may have taken it when it was sent before, and not have been heard.
                self._store.published.doubt(outgoing.events)
            else:
                self._store.published.settle((), outgoing.events)
            self._store.sessions.close_opened_by(outgoing.events)
        sent.refused_whole.append(outgoing.submission)
        sent.refused += len(outgoing.events)
        sent.codes.update(fault.code for fault in faults)


def _pause(tries: int, answer: HubAnswer) -> float:
    """Give the seconds to wait: what the hub asked for, else twice as long each time."""
    if answer.retry_after_s is not None:
        return min(max(float(answer.retry_after_s), 0.0), RETRY_AFTER_MAX_S)
    return float(min(FIRST_WAIT_S * 2 ** (tries - 1), LONGEST_WAIT_S))
