"""Replacing keys: what takes the hub's home open, and what takes it shut."""

from __future__ import annotations

from adapters.assembly.hub import open_hub
from adapters.assembly.identities import WallClock
from adapters.settings import HubHome
from services.rotating import LedgerKeys, Reason, Turned


def turn_ledger_key(home: HubHome, passphrase: str, ledger: str, reason: Reason) -> Turned:
    """Turn the key of a ledger; a hub may be serving meanwhile. Raises NotFound, HomeNotReady."""
    with open_hub(home, passphrase) as rooms:
        keys = LedgerKeys(rooms.custody, rooms.ledgers, rooms.events, WallClock())
        return keys.turn(ledger, reason)
