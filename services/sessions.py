"""The sealing sessions that a ledger holds, found by the stream that bears their id."""

from __future__ import annotations

import uuid
from collections import OrderedDict

from domain.errors import NotOpened
from domain.opened import OpenedEvent
from domain.vocabulary.custody import SealingSessionOpened
from services.authorising import Session
from services.custody import KeyCustody
from services.opening import Opening
from services.ports import Ledger

CACHED_SESSIONS_MAX = 1_000


class StoredSessions:
    """Looks a session up by id: its event's stream pseudonym is the session's own id."""

    def __init__(self, ledger: Ledger, custody: KeyCustody, opening: Opening) -> None:
        """Look into one ledger."""
        self._ledger = ledger
        self._custody = custody
        self._opening = opening
        self._known: OrderedDict[str, Session] = OrderedDict()

    def __call__(self, session: str) -> Session | None:
        """Give a session, or None when no source has opened it here."""
        found = self._known.get(session)
        if found is not None:
            return found
        opened = self._opened(session)
        if opened is None:
            return None
        event, facts = opened
        found = Session(event.header.id, event.header.source, session_recipients(facts))
        self._known[session] = found
        if len(self._known) > CACHED_SESSIONS_MAX:
            self._known.popitem(last=False)
        return found

    def facts(self, session: str) -> tuple[str, SealingSessionOpened.Facts] | None:
        """Give the source and the facts of the event that opened a session."""
        opened = self._opened(session)
        return None if opened is None else (opened[0].header.source, opened[1])

    def _opened(self, session: str) -> tuple[OpenedEvent, SealingSessionOpened.Facts] | None:
        """Give the event that opened a session: the first, whatever was said of it later."""
        tag = uuid.UUID(bytes=self._custody.stream_tag(self._ledger.name, session))
        for entry in self._ledger.stream(tag):
            try:
                event = self._opening.event(entry)
            except NotOpened:
                continue
            facts = event.facts
            if isinstance(facts, SealingSessionOpened.Facts) and facts.session == session:
                return event, facts
        return None


def session_recipients(facts: SealingSessionOpened.Facts) -> tuple[str, ...]:
    """Give who can open a session's parts, sorted."""
    return tuple(sorted(recipient.participant for recipient in facts.recipients))
