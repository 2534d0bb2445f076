"""Every refusal and failure the hub knows, in one tree.

    HubError
    ├── Refused                      whoever sent it must change something first
    │   ├── SubmissionRefused        a whole submission cannot be read (faults by place)
    │   ├── NotAuthorised            nobody said that this may be done (reason code)
    │   ├── QuestionRefused          a question that the views do not answer (reason code)
    │   │   └── AnswerRefused        a stored answer that cannot be asked again
    │   ├── NotFound                 no such event, part, view or document
    │   ├── AlreadyDifferent         the same id was recorded with another content
    │   ├── ReferenceRefused         a reference document does not hold together (faults)
    │   ├── Fenced                   what it is about was erased: a new pseudonym is needed
    │   ├── NotProtected             a release in which small numbers could be worked out
    │   ├── OpeningsRefused          an openings pack that is not what its ledger says (code)
    │   └── ReturnNotReadable        a statutory return that cannot be read on (code, line)
    ├── NotTrusted                   a key or signature from outside our own trust file
    ├── NotProven                    a note, proof or policy that proves nothing (code, place)
    ├── NotOpened                    sealed bytes that do not open where they stand
    │   ├── RecordMalformed          stored bytes that are not a record
    │   ├── StoredBytesDiffer        stored bytes that are not those the leaf commits to
    │   ├── CommitmentDiffers        opened bytes that are not those the leaf commits to
    │   └── KeyMissing               no such key here (destroyed, or never ours)
    ├── TreeDiffers                  tiles or roots of a log that do not fit together
    │   └── RootDiffers              a size that is kept already, with another root
    ├── Unavailable                  try again later; nothing was recorded
    │   ├── Unforeseen               a fault at this one thing, for no reason that we know
    │   ├── AppendingStopped         nothing is appended until somebody has seen to it
    │   │   ├── ClockWentBack        the clock is behind what is already recorded
    │   │   └── ClockJumped          the clock ran ahead
    │   └── LedgerBehind             others saw more of a ledger than is here: read-only
    └── HomeNotReady                 settings, key files or stores that are not in order

Rules of the house: a message says what happened, to which event or field, and what to do. It never
holds a value that was sent, a name, a key, or the text of somebody else's exception.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Severity = Literal["refused", "noted"]


class HubError(Exception):
    """The root: whatever leaves the hub as an exception is one of these."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong with one event: where (a place in our own schema) and a code, never a value.

    `event` is the index in the submission, or -1 for all of it; `place` a path of our field names.
    """

    event: int
    place: str
    code: str


class Refused(HubError):
    """The sender must change something before sending again."""


class SubmissionRefused(Refused):
    """A submission that cannot be taken as a whole."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """Keep the faults, all of them at once."""
        super().__init__(f"submission refused: {len(faults)} fault(s); correct them and send again")
        self.faults = faults


class NotAuthorised(Refused):
    """Nobody said that this may be done; `reason` is a constant code."""

    def __init__(self, reason: str) -> None:
        """Keep the reason code."""
        super().__init__(f"not authorised: {reason}")
        self.reason = reason


class QuestionRefused(Refused):
    """A question that the views do not answer; `reason` is a constant code."""

    def __init__(self, reason: str) -> None:
        """Keep the reason code."""
        super().__init__(f"not answered: {reason}")
        self.reason = reason


class AnswerRefused(QuestionRefused):
    """A stored answer that is none, or could not be given by these ledgers."""


class NotFound(Refused):
    """No such thing, or none that the asker may know of."""

    def __init__(self, what: str) -> None:
        """Name the kind of thing that was asked for, not the words it was asked with."""
        super().__init__(f"no such {what}")
        self.what = what


class AlreadyDifferent(Refused):
    """The same identifier is recorded already, with another content."""

    def __init__(self, what: str) -> None:
        """Name the kind of thing that stands already."""
        super().__init__(f"this {what} id is recorded with another content; use a new id")
        self.what = what


class ReferenceRefused(Refused):
    """A reference document that does not hold together; `faults` says where."""

    def __init__(self, document: str, faults: tuple[Fault, ...]) -> None:
        """Name the kind of document and keep its faults."""
        super().__init__(f"{document} refused: {len(faults)} fault(s)")
        self.document = document
        self.faults = faults


class Fenced(Refused):
    """Events about a subject or stream whose key was destroyed, and that never has one again."""

    def __init__(self, events: Mapping[uuid.UUID, tuple[str, ...]]) -> None:
        """Keep which events these are, and the places of theirs that name what was erased."""
        super().__init__(f"{len(events)} event(s) about what was erased: give it a new pseudonym")
        self.events = events


class NotProtected(Refused):
    """A release of which an attack could work out a hidden figure."""

    def __init__(self) -> None:
        """Say that nothing was published."""
        super().__init__("an attack on the release narrowed a hidden figure; it is not published")


class OpeningsRefused(Refused):
    """An openings pack that is not one, or not one of these entries."""

    def __init__(self, ledger: str, code: str, position: int | None = None) -> None:
        """Keep the ledger, a constant code, and the position where it was found."""
        at = "" if position is None else f" at position {position}"
        super().__init__(f"the openings of {ledger} are refused{at}: {code}")
        self.code = code
        self.position = position


class ReturnNotReadable(Refused):
    """A statutory return that cannot be read on from `line`."""

    def __init__(self, code: str, line: int) -> None:
        """Keep a constant code and the line reached."""
        super().__init__(f"the return cannot be read on from line {line}: {code}")
        self.code = code
        self.line = line


class NotTrusted(HubError):
    """A key or a signature that our own trust file does not vouch for."""

    def __init__(self, what: str) -> None:
        """Name what was not believed."""
        super().__init__(
            f"{what} is not trusted: compare fingerprints with its owner by other means, "
            "then `bhr trust add`"
        )
        self.what = what


class NotProven(HubError):
    """Something that proves nothing: malformed, unsigned, or about something else.

    `code` is a constant word; `ledger`, `position`, `line` say where. Nothing else leaves a check.
    """

    def __init__(
        self,
        code: str,
        *,
        ledger: str | None = None,
        position: int | None = None,
        line: int | None = None,
    ) -> None:
        """Keep the code and the place."""
        at = "" if position is None else f" at position {position}"
        of = "" if ledger is None else f" of {ledger}"
        on = "" if line is None else f" on line {line}"
        super().__init__(f"not proven{of}{at}{on}: {code}")
        self.code = code
        self.ledger = ledger
        self.position = position
        self.line = line


class NotOpened(HubError):
    """Sealed bytes that do not open at the place where they stand."""

    said: ClassVar = "{} does not open here: moved, altered, or sealed to another key"

    def __init__(self, what: str) -> None:
        """Name the sealed thing (`header`, `part 3`, `session`), or which piece of it."""
        super().__init__(self.said.format(what))
        self.what = what


class RecordMalformed(NotOpened):
    """Stored bytes that are not a record of a format we know."""

    said = "malformed record: {}"


class StoredBytesDiffer(NotOpened):
    """Stored bytes that are not those the leaf commits to."""

    said = "{}: the stored bytes are not those the leaf commits to"


class CommitmentDiffers(NotOpened):
    """Opened bytes that are not those the leaf commits to."""

    said = "{}: the opened bytes are not those the leaf commits to"


class KeyMissing(NotOpened):
    """No such key here: destroyed, or never ours."""

    said = "no key for {}: destroyed, or never held here"


class TreeDiffers(HubError):
    """Tiles, bundles or roots of a log that do not fit together: altered, or of another log."""

    def __init__(self, what: str) -> None:
        """Say which of them, by level and number alone."""
        super().__init__(f"the log does not hold together: {what}")
        self.what = what


class RootDiffers(TreeDiffers):
    """A checkpoint for a size that is kept with another root: one of two histories is not true."""

    def __init__(self, size: int) -> None:
        """Name the size."""
        super().__init__(f"size {size} is kept with another root; sign nothing, and find out why")
        self.size = size


class Unavailable(HubError):
    """Try again later: nothing was recorded."""

    def __init__(self, what: str) -> None:
        """Name the store or service that did not answer."""
        super().__init__(f"{what} is not available; nothing was recorded, try again")
        self.what = what


class Unforeseen(Unavailable):
    """A fault at this one thing, which may come again with it: it must not hold up what follows."""


class AppendingStopped(Unavailable):
    """Nothing is appended until somebody has seen to it."""

    def __init__(self, what: str) -> None:
        """Say what is wrong, and what to do about it."""
        HubError.__init__(self, f"nothing is appended: {what}")
        self.what = what


class ClockWentBack(AppendingStopped):
    """The clock is behind what is recorded already."""


class ClockJumped(AppendingStopped):
    """The clock ran ahead by more than it may."""


class LedgerBehind(Unavailable):
    """Others saw more of a ledger, or another history, than is here: read-only until it is back."""

    def __init__(self, ledger: str, size: int, seen: int, who: Sequence[str]) -> None:
        """Name the ledger, how much of it is here, how much was seen, and by whom."""
        missing = f"entries {size} to {seen - 1} are missing"
        lacks = missing if seen > size else "its past is another"
        HubError.__init__(
            self,
            f"{ledger} is read-only: {lacks}, says {', '.join(who)}. Nothing is appended or signed:"
            " restore a later backup, or the entries from an auditor's export, and start again",
        )
        self.what = ledger


class HomeNotReady(HubError):
    """What is not in order, and what to do: our own sentences and the operator's paths alone."""
