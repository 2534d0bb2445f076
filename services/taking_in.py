"""One message of a ledger's queue, from sealed bytes to a durable answer, or put away.

    what it is                                 what becomes of it
    a submission that stands, or is refused    committed with the queue's new offset, as over HTTP
    event by event                             (services.publishing); its answer waits to be asked
                                               for by its id
    one that is not signed by who it says,     put away without its content: reason and ids alone
    another ledger's, or of a taken id
    what does not open, or cannot be read      put away as it came, still sealed, with a reason
    one that we fail at for no known reason    the same

Whatever is put away is durable there before the queue moves on: a crash between the two puts it
away twice, under the same id. What is not to be had now (the ledger, the place for dead letters)
moves nothing, and the message is taken again.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from dataclasses import dataclass

from domain.errors import (
    AlreadyDifferent,
    HubError,
    NotAuthorised,
    NotFound,
    SubmissionRefused,
    Unforeseen,
)
from domain.queued import (
    KEY_HEADER,
    MESSAGE_BYTES_MAX,
    is_atomic,
    sealing_info,
    unpacked,
)
from domain.wire import Parsed
from services.intake_ports import (
    Advance,
    Arrived,
    DeadLetter,
    DeadLetters,
    IntakeKeys,
    OffsetMoved,
    Offsets,
)
from services.publishing import Publishing

TAKEN = "taken"
"""What is counted of a message that was answered; of any other its reason is."""
TAKEN_BEFORE = "taken-before"
"""What becomes of a dead letter whose submission was answered since: nothing."""
UNEXPECTED = "unexpected-fault"
_LOG = logging.getLogger("bhr.intake")
_NAMESPACE = uuid.UUID("6f0ee5a6-5a3c-5d6b-9d6f-5f1d8c9b7a10")


@dataclass(frozen=True, slots=True)
class Means:
    """What opens messages, and where those go that are not taken."""

    keys: IntakeKeys
    dead_letters: DeadLetters


class _Refused(Exception):
    """A message that is not taken: why, whose it is as far as known, and whether it is kept."""

    def __init__(self, reason: str, submission: uuid.UUID | None = None, *, kept: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.submission = submission
        self.kept = kept


class TakingIn:
    """Takes the messages of one ledger's queue, one after another."""

    def __init__(self, ledger: str, offsets: Offsets, publishing: Publishing, means: Means) -> None:
        """Take into one ledger."""
        self._ledger = ledger
        self._offsets = offsets
        self._publishing = publishing
        self._means = means
        self.counts: Counter[str] = Counter()

    def take(self, message: Arrived, before: int) -> int:
        """Take one message where the queue stands at `before`; gives where it stands then.

        Raises Unavailable, upon which it is to be taken again, and OffsetMoved when another reader
        was here.
        """
        advance = Advance(message.queue, before, message.offset + 1)
        try:
            self._answer(message, advance)
        except _Refused as refusal:
            self._pass_over(message, refusal, advance)
        except Exception as error:
            if isinstance(error, HubError | OffsetMoved) and not isinstance(error, Unforeseen):
                raise
            # One message that we fail at must not hold up the queue.
            self._pass_over(message, _Refused(UNEXPECTED, kept=True), advance)
        else:
            self.counts[TAKEN] += 1
        return advance.after

    def again(self, message: Arrived, *, dry_run: bool) -> str:
        """Try a dead letter once more, where it moves no queue; gives TAKEN, or why it is not.

        In a dry run nothing is recorded, and what is refused event by event counts as taken. Raises
        Unavailable.
        """
        try:
            parsed = self._read(message)
            if self._was_taken(parsed):
                return TAKEN_BEFORE
            if not dry_run:
                self._commit(parsed, message, None)
        except _Refused as refusal:
            return refusal.reason
        except Unforeseen:
            return UNEXPECTED
        except HubError:
            raise
        except Exception:  # noqa: BLE001 - one letter that we fail at still must not hide the next
            return UNEXPECTED
        return TAKEN

    def _answer(self, message: Arrived, advance: Advance | None) -> None:
        self._commit(self._read(message), message, advance)

    def _commit(self, parsed: Parsed, message: Arrived, advance: Advance | None) -> None:
        atomic = is_atomic(message.headers) is True
        try:
            self._publishing.take_in(parsed, self._ledger, atomic=atomic, advance=advance)
        except (NotAuthorised, SubmissionRefused, AlreadyDifferent) as error:
            raise _whole(error, parsed) from None

    def _was_taken(self, parsed: Parsed) -> bool:
        try:
            return self._publishing.was_taken(parsed, self._ledger)
        except (NotAuthorised, SubmissionRefused) as error:
            raise _whole(error, parsed) from None

    def _read(self, message: Arrived) -> Parsed:
        """Open and read a message; raises _Refused."""
        atomic, key = is_atomic(message.headers), message.headers.get(KEY_HEADER, b"")
        if atomic is None:
            raise _Refused("headers-malformed", kept=True)
        if len(message.value) > MESSAGE_BYTES_MAX:
            raise _Refused("too-large", kept=True)
        info = sealing_info(self._ledger, key, atomic=atomic)
        try:
            opened = self._means.keys.opened(key, message.value, info)
        except NotFound:
            raise _Refused("key-unknown", kept=True) from None
        if opened is None:
            raise _Refused("not-opened", kept=True)
        try:
            return self._publishing.read(unpacked(opened))
        except SubmissionRefused as error:
            raise _Refused(error.faults[0].code, kept=True) from None

    def _pass_over(self, message: Arrived, refusal: _Refused, advance: Advance) -> None:
        """Put a message away, durably, and only then move on."""
        self._means.dead_letters.put(
            DeadLetter(
                id=letter_id(message),
                queue=message.queue,
                offset=message.offset,
                reason=refusal.reason,
                submission=refusal.submission,
                headers=message.headers if refusal.kept else {},
                sealed=message.value if refusal.kept else b"",
            )
        )
        _LOG.warning(
            "intake-put-away ledger=%s offset=%d reason=%s",
            self._ledger,
            message.offset,
            refusal.reason,
        )
        self._offsets.advance(advance)
        self.counts[refusal.reason] += 1


def letter_id(message: Arrived) -> uuid.UUID:
    """Give the id of a message that is put away: the same each time."""
    return uuid.uuid5(_NAMESPACE, f"{message.queue}/{message.offset}")


def _whole(error: NotAuthorised | SubmissionRefused | AlreadyDifferent, parsed: Parsed) -> _Refused:
    """Give why a submission that could be read is refused as a whole: its id, and no more of it."""
    submission = uuid.UUID(parsed.head.id)
    if isinstance(error, NotAuthorised):
        return _Refused(error.reason, submission, kept=False)
    if isinstance(error, SubmissionRefused):
        return _Refused(error.faults[0].code, submission, kept=False)
    return _Refused("already-recorded-differently", submission, kept=False)
