"""The sealing sessions that a client has in use: opened when needed, turned after a day.

A session's secret is in the store while the session is in use, so that a restart goes on with it,
and nowhere afterwards: what was sealed in it opens through the encapsulations alone. Its opening
event goes into the outbox before the first part that is sealed in it, or beside it.
"""

from __future__ import annotations

import secrets
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.reference.body_keys import fingerprint
from domain.values import to_text
from domain.vocabulary.hub import SealingSessionOpened, SessionRecipient
from services.borough.sealing import SECRET_BYTES, SUITE, SessionName, SessionSeal, session_info
from services.borough.speaker import Means, Speaker
from services.client_ports import OpenSession, SessionTable

DAY_MS = 24 * 60 * 60 * 1000
PARTS_MAX = 10_000

Recipients = tuple[str, ...]
Announce = Callable[[SealingSessionOpened.Facts], uuid.UUID]
"""Puts the opening event into the outbox and gives its id."""


class KeysWanted(Exception):
    """A session must be opened to bodies whose keys were not asked for: ask, then begin again.

    Asking takes the network, and the store must not be held meanwhile.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        """Name the bodies."""
        super().__init__("recipients' keys are wanted")
        self.names = names


@dataclass(frozen=True, slots=True)
class Sealers:
    """What opening a session needs."""

    speaker: Speaker
    means: Means
    publics: Mapping[str, bytes]


class SessionsInUse:
    """The sessions of one transaction."""

    def __init__(self, table: SessionTable, sealers: Sealers) -> None:
        """Go on with the sessions that the store has."""
        self._table = table
        self._sealers = sealers
        self._now = sealers.means.clock.now_ms()
        self._found: dict[Recipients, tuple[OpenSession, SessionSeal]] = {}
        self._parts: Counter[bytes] = Counter()

    def seal_for(self, recipients: Recipients, parts: int, announce: Announce) -> SessionSeal:
        """Give the session to seal `parts` further parts in, opening one when there is none."""
        found = self._found.get(recipients)
        if found is None:
            found = self._stored(recipients)
        if found is None or self._used_up(found[0], parts):
            if found is not None:
                self._table.close(found[0].session)
                self._parts.pop(found[0].session, None)
            found = self._opened(recipients, announce)
        self._found[recipients] = found
        self._parts[found[0].session] += parts
        return found[1]

    def keep(self) -> None:
        """Keep the numbers of parts, in the transaction that sealed them."""
        for session, parts in self._parts.items():
            self._table.count(session, parts)
        self._parts.clear()

    def _used_up(self, stored: OpenSession, parts: int) -> bool:
        age = self._now - stored.opened_ms
        so_far = stored.parts + self._parts[stored.session]
        # A clock that was set back must not keep a session in use for longer.
        return not 0 <= age < DAY_MS or so_far + parts > PARTS_MAX

    def _stored(self, recipients: Recipients) -> tuple[OpenSession, SessionSeal] | None:
        stored = self._table.in_use(recipients)
        return None if stored is None else (stored, self._seal(stored))

    def _seal(self, session: OpenSession) -> SessionSeal:
        name = self._name(session.session, session.recipients)
        return SessionSeal(name, session.secret, self._sealers.means.cipher)

    def _name(self, session: bytes, recipients: Recipients) -> SessionName:
        speaker = self._sealers.speaker
        return SessionName(speaker.ledger, speaker.source, session, recipients)

    def _opened(
        self, recipients: Recipients, announce: Announce
    ) -> tuple[OpenSession, SessionSeal]:
        if wanted := tuple(one for one in recipients if one not in self._sealers.publics):
            raise KeysWanted(wanted)
        secret = secrets.token_bytes(SECRET_BYTES)
        name = self._name(secrets.token_bytes(SECRET_BYTES), recipients)
        facts = SealingSessionOpened.Facts(
            recipients=tuple(self._encapsulated(name, one, secret) for one in recipients),
            session=to_text(name.session),
            suite=SUITE,
        )
        event = announce(facts)
        session = OpenSession(name.session, recipients, secret, self._now, event)
        self._table.add(session)
        return session, self._seal(session)

    def _encapsulated(self, name: SessionName, recipient: str, secret: bytes) -> SessionRecipient:
        public = self._sealers.publics[recipient]
        sealed = self._sealers.means.encapsulation.encapsulate(
            public, secret, session_info(name, recipient)
        )
        return SessionRecipient(
            encapsulation=to_text(sealed),
            key=to_text(fingerprint("recipient", public)),
            participant=recipient,
        )
