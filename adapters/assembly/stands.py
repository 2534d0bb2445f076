"""What stands on each ledger of an open hub: what opens its entries, and what writes to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from domain.stored import StoredModels
from domain.vocabulary.catalogue import STANDARD
from domain.wire import Wire
from services.committing import Committer
from services.custody import KeyCustody
from services.destroyed_keys import DestroyedKeys
from services.destroying_ports import ErasableKeyStore
from services.log_ports import ProvenLedger
from services.opening import Opening
from services.ports import Cipher, Clock
from services.sealing import Sealing
from services.sessions import StoredSessions
from services.watching import Watch, unwatched


@cache
def wire() -> Wire:
    """Give the wire models of the standard catalogue; building them takes a second."""
    return Wire(STANDARD)


@cache
def stored_models() -> StoredModels:
    """Give the readers of stored parts of the standard catalogue."""
    return StoredModels(STANDARD)


@dataclass(frozen=True, slots=True)
class Bench:
    """What every ledger's services share."""

    keys: ErasableKeyStore
    custody: KeyCustody
    cipher: Cipher
    clock: Clock
    watch: Watch = unwatched


@dataclass(frozen=True, slots=True)
class Stand:
    """What stands on one ledger."""

    ledger: ProvenLedger
    destroyed: DestroyedKeys
    opening: Opening
    committer: Committer
    sessions: StoredSessions


def stand_on(ledger: ProvenLedger, bench: Bench) -> Stand:
    """Put up what stands on a ledger."""
    sealing = Sealing(ledger.name, bench.cipher, bench.custody)
    shut = Opening(ledger.name, sealing, bench.custody, stored_models())
    destroyed = DestroyedKeys(ledger, bench.custody, shut)
    opening = Opening(ledger.name, sealing, bench.custody, stored_models(), gone=destroyed)
    committer = Committer(ledger, bench.custody, destroyed, bench.cipher, bench.clock)
    committer.watch = bench.watch
    sessions = StoredSessions(ledger, bench.custody, opening)
    return Stand(ledger, destroyed, opening, committer, sessions)
