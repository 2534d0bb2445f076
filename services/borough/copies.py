"""Copies of parts that were fetched from others: noted, told of, made to go, and confirmed.

Before a part is fetched it is noted here, with the file that it will be kept in, if it will: a new
one, made before it is noted, so that nobody else's file is ever noted. When the hub tells
(`GET /v1/notices`) that the part's event was taken back or its subject erased, files that were kept
go and that is confirmed, signed with this body's key. What was shown on a screen alone may stand in
somebody's record, and a file that is not where it was kept, or not as it was written, may stand
elsewhere: a person says what became of it, and what stands in its place is not touched.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field, replace
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
    """One notice, whether copies of ours went and that was confirmed now, and what was not there.

    `missing` are files that the part was kept in and that somebody else moved or removed.
    """

    notice: Notice
    confirmed: bool
    missing: tuple[str, ...] = field(default=(), repr=False)

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
        """Fetch a part and open it; with `keep` its content is written to that new file.

        Raises HomeNotReady where a file stands there already, and then fetches nothing.
        """
        if keep is None:
            self._note(Fetch(asked.ledger, asked.event, asked.number))
            return self._parts.open_part(self._desk.door, asked)
        self._desk.copies.reserve(keep)
        is_new = False
        fetch = Fetch(asked.ledger, asked.event, asked.number, keep)
        try:
            is_new = self._note(fetch)
            opened = self._parts.open_part(self._desk.door, asked)
            content = opened.content + b"\n"
            with self._desk.store.transaction():
                mark = hashlib.sha256(content).digest()
                self._desk.store.fetches.marked(replace(fetch, mark=mark))
            self._desk.copies.write(keep, content)
        except BaseException:
            self._desk.copies.take_back(keep)
            if is_new:
                with self._desk.store.transaction():
                    self._desk.store.fetches.take_back(fetch)
            raise
        return opened

    def _note(self, fetch: Fetch) -> bool:
        with self._desk.store.transaction():
            return self._desk.store.fetches.note(fetch)

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
        return [self._heard(one) for one in listed.notices]

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

    def _heard(self, notice: Notice) -> Heard:
        if notice.what == "restricted":
            return Heard(notice, confirmed=False)
        with self._desk.store.transaction():
            found = self._desk.store.fetches.of(notice.ledger, uuid.UUID(notice.event), notice.part)
        missing = tuple(one.kept for one in found if one.kept is not None and not self._goes(one))
        if not found or missing or any(one.kept is None for one in found):
            return Heard(notice, confirmed=False, missing=missing)
        self.confirm(notice, "deleted")
        return Heard(notice, confirmed=True)

    def _goes(self, fetch: Fetch) -> bool:
        """Make a kept file go; False when it is not where we kept it, and we did not remove it."""
        if fetch.kept is None:
            return False
        if not fetch.going:
            if not self._desk.copies.holds(fetch.kept, fetch.mark):
                return False
            # Dying after it went, we must know next time that it was us.
            with self._desk.store.transaction():
                self._desk.store.fetches.goes(fetch)
        self._desk.copies.destroy(fetch.kept, fetch.mark)
        return True
