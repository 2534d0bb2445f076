"""Turning a ledger's own key by command, beside the turn that each year brings.

Nothing that is sealed is touched: old entries open under the key that they name, new ones are
sealed under the latest turn. The order: the new key's row, durable in the key store and its mirror,
is the count of turns; then `key-created` and `key-rotated` are appended to that ledger, as a fence,
so that every process drops the key that it had cached and each entry behind them is under the new
one. Interrupted in between, the key is in use and not recorded: the next command finds that and
records it, rather than turn once more.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from domain.errors import HomeNotReady, NotFound
from domain.reference.participants import PARTNERSHIP
from domain.values import to_text
from domain.vocabulary.custody import KeyCreated, KeyRotated
from services.committing import generation
from services.custody import TURNS_MAX, KeyCustody, ledger_key
from services.hub_events import HubEvents
from services.ports import Clock, Ledger

Reason = Literal["compromised", "due", "lost", "other"]
"""Why a key is replaced, in the words of `key-rotated`."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A ledger's key was turned: how often within its generation, and which key is in use."""

    ledger: str
    turn: int
    key: bytes
    replaces: bytes


class LedgerKeys:
    """Turns the keys of a hub's ledgers."""

    def __init__(
        self, custody: KeyCustody, ledgers: Mapping[str, Ledger], events: HubEvents, clock: Clock
    ) -> None:
        """Make keys in `custody` and record them through `events`."""
        self._custody = custody
        self._ledgers = ledgers
        self._events = events
        self._clock = clock

    def turn(self, ledger: str, reason: Reason) -> Turned:
        """Turn a ledger's key once; gives the key in use and the one before.

        Raises NotFound for no ledger of ours, HomeNotReady when it was turned too often.
        """
        if ledger not in self._ledgers:
            raise NotFound("ledger")
        self._custody.forget()  # another process may have turned it
        now = generation(self._clock.now_ms(), self._ledgers[ledger].head().size)
        turn = self._custody.turn(ledger, now)
        if turn == 0 or self._is_recorded(ledger, now, turn):
            turn += 1
        if turn > TURNS_MAX:
            raise HomeNotReady(f"the key of {ledger} was turned {TURNS_MAX} times this year")
        names = [ledger_key(ledger, now, one) for one in (turn - 1, turn)]
        keys = self._custody.keys_for(names)
        before, after = (keys[name].key_id for name in names)
        self._custody.forget()
        turned = Turned(ledger, turn, after, before)
        self._record(turned, reason)
        return turned

    def _is_recorded(self, ledger: str, now: str, turn: int) -> bool:
        name = ledger_key(ledger, now, turn)
        key = self._custody.keys_for([name])[name]
        return is_recorded(self._custody, self._ledgers[ledger], key.key_id)

    def _record(self, turned: Turned, reason: Reason) -> None:
        created = KeyCreated.Facts(
            algorithm="aes-256-gcm",
            generation=turned.turn,
            key=to_text(turned.key),
            key_class="ledger",
            ledger=turned.ledger,
            owner=PARTNERSHIP,
        )
        rotated = KeyRotated.Facts(
            key=to_text(turned.key),
            key_class="ledger",
            ledger=turned.ledger,
            owner=PARTNERSHIP,
            reason=reason,
            replaces=to_text(turned.replaces),
        )
        stream = to_text(turned.key)  # so that it is found again by the key alone
        self._events.append(
            turned.ledger,
            self._events.made(KeyCreated, created, stream),
            self._events.made(KeyRotated, rotated, stream),
            fence=True,
        )


def is_recorded(custody: KeyCustody, ledger: Ledger, key: bytes) -> bool:
    """Say whether a ledger tells of a key: its events stand in the stream that bears its name."""
    tag = custody.stream_tag(ledger.name, to_text(key))
    return bool(ledger.stream(uuid.UUID(bytes=tag)))
