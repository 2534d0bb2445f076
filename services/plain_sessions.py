"""Sealing sessions that the hub opens on behalf of plain sources, to the controller alone.

The secret is in memory only, and only while the session is in use: a restart opens a new one.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass

from domain.errors import NotTrusted
from domain.reference.body_keys import fingerprint
from domain.values import to_text
from domain.vocabulary.custody import SealingSessionOpened, SessionRecipient
from domain.vocabulary.hub import OWN_SOURCE
from services.borough.sealing import SECRET_BYTES, SUITE, SessionName, SessionSeal, session_info
from services.borough.sessions import DAY_MS, PARTS_MAX
from services.hub_events import HubEvents
from services.ports import Cipher, Clock, Encapsulation
from services.registry import Registry


@dataclass(slots=True)
class _InUse:
    seal: SessionSeal
    opened_ms: int
    parts: int = 0

    def used_up(self, now_ms: int, parts: int) -> bool:
        """A day, or so many parts; a clock that was set back must not make the day longer."""
        return self.parts + parts > PARTS_MAX or not 0 <= now_ms - self.opened_ms < DAY_MS


@dataclass(frozen=True, slots=True)
class SealingMeans:
    """What sealing to a controller takes."""

    cipher: Cipher
    encapsulation: Encapsulation
    clock: Clock


class PlainSessions:
    """The sessions in use, one for each ledger and controller."""

    def __init__(self, registry: Registry, hub_events: HubEvents, means: SealingMeans) -> None:
        """Seal to keys that are registered and that our own trust file vouches for."""
        self._registry = registry
        self._hub_events = hub_events
        self._means = means
        self._in_use: dict[tuple[str, str], _InUse] = {}
        self._lock = threading.Lock()

    def seal(self, ledger: str, controller: str, *, parts: int) -> SessionSeal:
        """Give the session to seal more parts in; its opening is recorded before it is used.

        Raises NotTrusted when no key of the controller is both registered and vouched for.
        """
        with self._lock:
            now = self._means.clock.now_ms()
            found = self._in_use.get((ledger, controller))
            if found is None or found.used_up(now, parts):
                found = _InUse(self._opened(ledger, controller), now)
                self._in_use[ledger, controller] = found
            found.parts += parts
            return found.seal

    def _opened(self, ledger: str, controller: str) -> SessionSeal:
        public = self._registry.recipient_key(controller)
        if public is None:
            raise NotTrusted("the controller's recipient key")
        secret = secrets.token_bytes(SECRET_BYTES)
        name = SessionName(ledger, OWN_SOURCE, secrets.token_bytes(SECRET_BYTES), (controller,))
        sealed = self._means.encapsulation.encapsulate(
            public, secret, session_info(name, controller)
        )
        recipient = SessionRecipient(
            encapsulation=to_text(sealed),
            key=to_text(fingerprint("recipient", public)),
            participant=controller,
        )
        facts = SealingSessionOpened.Facts(
            recipients=(recipient,), session=to_text(name.session), suite=SUITE
        )
        event = self._hub_events.made(SealingSessionOpened, facts, to_text(name.session))
        self._hub_events.append(ledger, event)
        return SessionSeal(name, secret, self._means.cipher)
