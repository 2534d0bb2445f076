"""Replacing keys: what takes the hub's home open, and what takes it shut."""

from __future__ import annotations

from pathlib import Path

from adapters.assembly import succession
from adapters.assembly.hub import open_hub
from adapters.assembly.identities import WallClock
from adapters.assembly.succession import KeyHolder
from adapters.assembly.wrapping import begin_rewrap
from adapters.custody_settings import place_of
from adapters.home_lock import home_lock
from adapters.keys import ceremony
from adapters.keys.derivation import COST
from adapters.keys.sealed_file import OpenedBy, read_key_file
from adapters.settings import HubHome
from domain.errors import HomeNotReady
from domain.reference.participants import PARTNERSHIP
from domain.values import to_bytes
from domain.vocabulary.custody import KeyRotated
from services.rewrapping import Rewrapped
from services.rotating import LedgerKeys, Reason, Turned, is_recorded


def turn_ledger_key(home: HubHome, passphrase: str, ledger: str, reason: Reason) -> Turned:
    """Turn the key of a ledger; a hub may be serving meanwhile. Raises NotFound, HomeNotReady."""
    with open_hub(home, passphrase) as rooms:
        keys = LedgerKeys(rooms.custody, rooms.ledgers, rooms.events, WallClock())
        return keys.turn(ledger, reason)


def rewrap(
    home: HubHome, passphrase: str, recovery: Path, reason: Reason, *, cost: int = COST
) -> Rewrapped:
    """Put another key-encryption key in use, and wrap every key anew; a hub may be serving.

    Stopped anywhere, it is finished by whoever opens the home next. Raises HomeNotReady, NotOpened,
    Unavailable.
    """
    with open_hub(home, passphrase):
        pass  # nothing is begun in a home that does not open; what was begun before is finished
    place = place_of(home.custody)
    opened_by = OpenedBy(passphrase, ceremony.read_public_half(recovery), cost, place)
    begin_rewrap(home, ceremony.Ceremony(home.key_files, PARTNERSHIP, opened_by), reason)
    with open_hub(home, passphrase) as rooms:
        if rooms.rewrapped is None:
            raise HomeNotReady("another process has taken this up, and is wrapping every key anew")
        return rooms.rewrapped


def rotate_hub_signing(holder: KeyHolder, home: HubHome, reason: Reason) -> dict[str, str]:
    """Put another signing key of the hub in use: for acknowledgements from the next start on.

    Its list of keys is registered first; boroughs believe the new key since the one before signed
    for it, and what that signed stays good. Raises HomeNotReady, NotOpened, ReferenceRefused.
    """
    raw = succession.begin(holder, ("hub-signing",), reason)
    with open_hub(home, holder.passphrase) as rooms:
        rooms.registering.register(raw)
    return succession.finish(holder, ("hub-signing",))


def rotate_token_issuer(holder: KeyHolder, home: HubHome, reason: Reason) -> str:
    """Put another key of the embedded issuer in use; gives its fingerprint.

    The hub must be stopped: a hub that serves would take tokens of the old key alone. Every token
    and sign-in link of before is refused from then on, and the key is not kept: tokens live for a
    day, and prove nothing afterwards. Recorded first; stopped in between, the same command goes on.
    Raises HomeNotReady, NotOpened, Unavailable.
    """
    keys = holder.key_files("token-issuer")
    with home_lock(home.folder) as lock:
        lock.alone()
        keys.begin(holder.ceremony())
    after = read_key_file(keys.successor).fingerprint
    facts = KeyRotated.Facts(
        key=after,
        key_class="token-issuer",
        owner=PARTNERSHIP,
        reason=reason,
        replaces=read_key_file(keys.in_use).fingerprint,
    )
    with open_hub(home, holder.passphrase) as rooms:
        if not is_recorded(rooms.custody, rooms.ledgers[PARTNERSHIP], to_bytes(after)):
            rooms.events.append(PARTNERSHIP, rooms.events.made(KeyRotated, facts, after))
    with home_lock(home.folder) as lock:
        lock.alone()
        keys.finish(keep=False)
    return after
