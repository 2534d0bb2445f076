"""Copies of parts that were fetched from others: noted, told of, made to go, and confirmed.

Before a part is fetched it is noted here, with the file that it will be kept in, if it will. When
the hub tells (`GET /v1/notices`) that the part's event was taken back or its subject erased, files
that were kept go and that is confirmed, signed with this body's key. What was shown on a screen
alone may stand in somebody's record: a person says what became of it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

from domain.canonical import canonical, strict_json
from domain.erasure import confirmed_message
from domain.errors import NotFound, Unavailable
from domain.values import EventId, Instant, LedgerName, ParticipantCode, Strict, to_text
from domain.vocabulary.data_quality import PartNumber
from domain.vocabulary.hub import ErasureConfirmed
from services.borough.opening import OpenedPart, PartAsked, PartOpening
from services.borough.problems import answered
from services.borough.speaker import BoroughKeys
from services.copy_ports import Copies, Fetch, PostingDoor
from services.erasing_ports import ErasingStore

_UNSIGNED = to_text(bytes(64))
_ANSWER = "the hub's list of notices"


class Notice(Strict):
    """What the hub says became of one part that was addressed to us."""

    because: EventId
    event: EventId
    fetched: bool
    ledger: LedgerName
    part: PartNumber
    recorded: Instant
    what: Literal["erased", "restricted", "withdrawn"]


class _Listed(Strict):
    notices: tuple[Notice, ...]
    participant: ParticipantCode


@dataclass(frozen=True, slots=True)
class Heard:
    """One notice, and whether copies of ours went and that was confirmed now."""

    notice: Notice
    confirmed: bool

    def is_open(self) -> bool:
        """Say whether somebody has to say what became of our copy."""
        told = self.notice
        return told.fetched and told.what != "restricted" and not self.confirmed


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a body's copies are, and how it reaches the hub."""

    store: ErasingStore
    copies: Copies
    door: PostingDoor


class KeptCopies:
    """The copies of one body."""

    def __init__(self, desk: Desk, participant: str, keys: BoroughKeys, parts: PartOpening) -> None:
        """Sign for a participant with its keys."""
        self._desk = desk
        self._participant = participant
        self._keys = keys
        self._parts = parts

    def open_part(self, asked: PartAsked, keep: str | None = None) -> OpenedPart:
        """Fetch a part and open it; with `keep` its content is written to that file."""
        fetch = Fetch(asked.ledger, asked.event, asked.number, keep)
        with self._desk.store.transaction():
            self._desk.store.fetches.note(fetch)
        opened = self._parts.open_part(self._desk.door, asked)
        if keep is not None:
            self._desk.copies.keep(keep, opened.content + b"\n")
        return opened

    def hear(self) -> list[Heard]:
        """Ask for our notices; copies that were kept of what is erased or taken back go.

        Raises NotAuthorised, Unavailable; what went by then stays gone, and is confirmed next time.
        """
        body = answered(self._desk.door.get("/v1/notices"), "notices")
        try:
            strict_json(body)
            listed = _Listed.model_validate_json(body)
        except ValueError:
            raise Unavailable(_ANSWER) from None
        return [Heard(one, self._goes(one)) for one in listed.notices]

    def confirm(self, notice: Notice, outcome: str) -> None:
        """Say what became of our copy; raises NotFound, NotAuthorised, Unavailable."""
        said: dict[str, str | int] = {
            "because": notice.because,
            "by_participant": self._participant,
            "event": notice.event,
            "key": to_text(self._keys.signing_fingerprint()),
            "ledger": notice.ledger,
            "outcome": outcome,
            "part": notice.part,
            "signature": _UNSIGNED,
        }
        message = confirmed_message(ErasureConfirmed.Facts.model_validate(said))
        signed = {**said, "signature": to_text(self._keys.signer.sign(message))}
        answered(self._desk.door.post("/v1/confirmations", canonical(signed)), "notice")
        with self._desk.store.transaction():
            self._desk.store.fetches.gone(notice.ledger, uuid.UUID(notice.event), notice.part)

    def confirm_part(self, event: uuid.UUID, number: int, outcome: str) -> int:
        """Say it of every notice of a part; gives how many. Raises NotFound where there is none."""
        told = [
            one.notice
            for one in self.hear()
            if one.is_open() and (one.notice.event, one.notice.part) == (str(event), number)
        ]
        if not told:
            raise NotFound("notice of this part")
        for notice in told:
            self.confirm(notice, outcome)
        return len(told)

    def _goes(self, notice: Notice) -> bool:
        if notice.what == "restricted":
            return False
        with self._desk.store.transaction():
            found = self._desk.store.fetches.of(notice.ledger, uuid.UUID(notice.event), notice.part)
        places = [one.kept for one in found]
        for place in places:
            if place is not None:
                self._desk.copies.destroy(place)
        if not places or None in places:
            return False
        self.confirm(notice, "deleted")
        return True
