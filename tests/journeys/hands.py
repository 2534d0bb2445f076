"""What may be done by hand to a hub's home, each with the place that an audit must name.

Whoever does it owns the files, has the keys and the passphrase, and drops what stands in the way.
With what `test_proof.py` does beside (two views of one ledger, a receipt for something else, a
submission that was acknowledged and dropped) this is all that must never pass unseen.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly.hub import Rooms, open_hub
from adapters.assembly.proofs import keeping
from adapters.keys import signing
from adapters.settings import HubHome
from domain.decisions import ApprovedErasure, ErasureApproval, facts_of, sign
from domain.logged_checkpoint import is_event
from domain.record import Leaf, decode_record, encode_record, key_tag, leaf_bytes_of, leaf_of
from domain.reference.body_keys import fingerprint
from domain.statement import PartClass, commit
from domain.tiles import HASH_BYTES
from domain.tree import leaf_hash
from domain.values import to_text
from domain.vocabulary import hub
from services.custody import KeyName, wrap_context
from services.identifiers import uuid7
from services.preparing import PreparedEvent
from services.sealing import Sealing, associated
from tests.journeys.proven import Proven
from tests.journeys.two_keyed import TwoKeyed, salt_for_both
from tests.verifying_rig import tampering

LEDGER = "havering"
Named = tuple[str, int, str]
"""Ledger, position and code of a finding."""
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Hand:
    """One thing that is done to a copy of a home; doing it gives what must be found."""

    name: str
    do: Callable[[Proven, Path], Named]


def _file(home: Path) -> Path:
    return home / "ledgers" / f"{LEDGER}.sqlite"


def _state(ledger: sqlite3.Connection, at: int) -> bytes:
    (state,) = ledger.execute("SELECT state FROM record WHERE rowid = ?", (at + 1,)).fetchone()
    return bytes(state)


def _put(ledger: sqlite3.Connection, at: int, state: bytes) -> None:
    ledger.execute("UPDATE record SET state = ? WHERE rowid = ?", (state, at + 1))


def _told(ledger: sqlite3.Connection, number: int) -> int:
    """Give where the n-th event about somebody stands."""
    rows = ledger.execute("SELECT rowid - 1, state FROM record ORDER BY rowid")
    found = [at for at, state in rows if is_event(state) and len(leaf_of(state).parts) > 1]
    return int(found[number])


def _restamped(state: bytes, leaf: Leaf, recorded_ms: int) -> bytes:
    """Give a record with another leaf before the same sealed bytes."""
    record = decode_record(state)
    sealed = (record.sealed_header, *record.sealed_parts)
    return encode_record(leaf.encode(recorded_ms), sealed)


def _renumbered(ledger: sqlite3.Connection, at: int) -> bytes:
    """Put an event there under another number of its source's; gives its new record."""
    state = _state(ledger, at)
    record = decode_record(state)
    leaf = dataclasses.replace(record.leaf, sequence=record.leaf.sequence + 1_000)
    forged = _restamped(state, leaf, record.recorded_ms)
    _put(ledger, at, forged)
    return forged


def _edit(_: Proven, home: Path) -> Named:
    """Let an event have another number of its source's."""
    with tampering(_file(home)) as ledger:
        at = _told(ledger, 7)
        _renumbered(ledger, at)
    return LEDGER, at, "tile-differs"


def _swap_ciphertext(_: Proven, home: Path) -> Named:
    """Put what is sealed of one event in the place of another's."""
    with tampering(_file(home)) as ledger:
        at, other = _told(ledger, 7), _told(ledger, 9)
        mine, theirs = decode_record(_state(ledger, at)), decode_record(_state(ledger, other))
        sealed = (theirs.sealed_header, *theirs.sealed_parts)
        _put(ledger, at, encode_record(mine.leaf_bytes, sealed))
    return LEDGER, at, "sealed-bytes-differ"


def _delete(_: Proven, home: Path) -> Named:
    with tampering(_file(home)) as ledger:
        at = _told(ledger, 7)
        ledger.execute("DELETE FROM record WHERE rowid = ?", (at + 1,))
    return LEDGER, at, "entry-missing"


def _truncate(_: Proven, home: Path) -> Named:
    """Take the tail away with everything that was signed of it: only the witnesses remember."""
    with tampering(_file(home)) as ledger:
        size = _cut(ledger)
    return LEDGER, size, "witness-saw-more"


def _cut(ledger: sqlite3.Connection) -> int:
    """Leave what the first checkpoint covers; gives its size."""
    size, root = ledger.execute("SELECT min(size), root FROM checkpoint").fetchone()
    recorded_ms = decode_record(_state(ledger, size - 1)).recorded_ms
    ledger.execute("DELETE FROM record WHERE rowid > ?", (size,))
    ledger.execute("DELETE FROM submission WHERE first >= ?", (size,))
    ledger.execute("DELETE FROM tile")
    for table in ("published", "cosignature", "checkpoint"):
        ledger.execute(f"DELETE FROM {table} WHERE size > ?", (size,))  # noqa: S608 - our own names
    ledger.execute("UPDATE head SET size = ?, root = ?, recorded_ms = ?", (size, root, recorded_ms))
    return int(size)


def _forge_tile(_: Proven, home: Path) -> Named:
    """Forge an entry and its hash alike, as in CVE-2026-56865; the leaf's event stays its own."""
    with tampering(_file(home)) as ledger:
        at = _told(ledger, 7)
        forged = _renumbered(ledger, at)
        (row,) = ledger.execute("SELECT hashes FROM tile ORDER BY level, number").fetchone()
        hashes = bytearray(row)
        hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES] = leaf_hash(leaf_bytes_of(forged))
        ledger.execute(
            "UPDATE tile SET hashes = ? WHERE level = 0 AND number = 0", (bytes(hashes),)
        )
        (size,) = ledger.execute("SELECT min(size) FROM checkpoint").fetchone()
    return LEDGER, size - 1, "root-differs"


def _date_back(proven: Proven, home: Path) -> Named:
    """Record something now, and say that it was recorded an hour ago, before anybody signs it."""
    with _opened(proven, home) as rooms:
        rooms.events.append(LEDGER, _canary(rooms))
        at = rooms.ledgers[LEDGER].head().size - 1
    with tampering(_file(home)) as ledger:
        state = _state(ledger, at)
        record = decode_record(state)
        _put(ledger, at, _restamped(state, record.leaf, record.recorded_ms - HOUR_MS))
    return LEDGER, at, "recorded-goes-back"


def _opened(proven: Proven, home: Path) -> AbstractContextManager[Rooms]:
    return open_hub(HubHome(home), proven.stage.hub.passphrase)


def _canary(rooms: Rooms) -> PreparedEvent:
    facts = hub.Canary.Facts(beat=1, sent_at="2024-05-01T00:00:00Z")
    return rooms.events.made(hub.Canary, facts)


def _restore(proven: Proven, home: Path) -> Named:
    """Put back a backup that the hub itself made, between the two submissions."""
    (backup,) = (proven.stage.folder / "backups").iterdir()
    for one in _file(home).parent.glob(f"{LEDGER}.sqlite*"):
        one.unlink()
    shutil.copy(backup / f"{LEDGER}.sqlite", _file(home))
    with tampering(_file(home)) as ledger:
        (size,) = ledger.execute("SELECT size FROM head").fetchone()
    return LEDGER, size, "witness-saw-more"


def _lose_key(_: Proven, home: Path) -> Named:
    """Destroy a child's key and say so nowhere."""
    with tampering(_file(home)) as ledger:
        at = _told(ledger, 7)
        leaf = leaf_of(_state(ledger, at))
    (part,) = (one for one in leaf.parts if one.part_class is PartClass.SHARED)
    with closing(sqlite3.connect(home / "keys.sqlite", isolation_level=None)) as keys:
        for (key_id,) in keys.execute("SELECT key_id FROM key").fetchall():
            if key_tag(key_id, leaf.event_id, part.number) == part.key_tag:
                keys.execute("DELETE FROM key WHERE key_id = ?", (key_id,))
    return LEDGER, at, "part-missing-unexplained"


def _swap_key(proven: Proven, home: Path) -> Named:
    """Seal a part so that it opens under two keys, and exchange the one for the other later."""
    with _opened(proven, home) as rooms:
        event = _canary(rooms)
        (part,) = event.parts
        name = KeyName(LEDGER, "stream", event.stream)
        key, other = rooms.custody.keys_for([name])[name], os.urandom(32)
        place = associated(LEDGER, event.event_id, part.number, part.part_class, key.key_id)
        salt = salt_for_both(key.secret, other, part.content, place)
        part = part._replace(salt=salt, commitment=commit(salt, part.content))
        cipher = TwoKeyed(salt)
        rooms.committers[LEDGER]._sealing = Sealing(LEDGER, cipher, rooms.custody)
        rooms.events.append(LEDGER, dataclasses.replace(event, parts=(part,)))
        at = rooms.ledgers[LEDGER].head().size - 1
        (entry,) = rooms.ledgers[LEDGER].read(at, 1)
        (sealed,) = decode_record(entry.record).sealed_parts
        for secret in (key.secret, other):
            assert cipher.open(secret, sealed, place) is not None
        context = wrap_context(rooms.custody.tag(name), key.key_id, LEDGER, "stream")
        wrapped = rooms.custody._encryption.wrap(other, context)
    with closing(sqlite3.connect(home / "keys.sqlite", isolation_level=None)) as keys:
        keys.execute("UPDATE key SET wrapped = ? WHERE key_id = ?", (wrapped, key.key_id))
    return LEDGER, at, "commitment-differs"


def _make_up_approval(proven: Proven, home: Path) -> Named:
    """Approve an erasure in Redbridge's name, with a key that the operator made for it."""
    private, public = signing.generate()
    with _opened(proven, home) as rooms:
        at = rooms.ledgers[LEDGER].head().size
        about = ApprovedErasure(
            ledger=LEDGER, request=str(proven.event), statement=to_text(bytes(32))
        )
        approval = ErasureApproval(
            about=about,
            body="redbridge",
            decided="2026-01-01T00:00:00Z",
            id=str(uuid7(0)),
            office="data-protection",
        )
        key = fingerprint("deciding", public)
        signed = sign(approval, key, signing.Ed25519Signer(private).sign)
        facts = facts_of(approval, signed).facts
        rooms.events.append(LEDGER, rooms.events.made(hub.ErasureApproved, facts))
    return LEDGER, at, "deciding-key-not-trusted"


HANDS = (
    Hand("an edited row", _edit),
    Hand("a swapped ciphertext", _swap_ciphertext),
    Hand("a deleted row", _delete),
    Hand("a truncated tail", _truncate),
    Hand("a tile forged with its entry", _forge_tile),
    Hand("a swapped key with a two-key ciphertext", _swap_key),
    Hand("an entry that was dated back", _date_back),
    Hand("a restored backup", _restore),
    Hand("a key that is missing without a word", _lose_key),
    Hand("an approval that the operator made up", _make_up_approval),
)


def two_views(proven: Proven, home: Path) -> Named:
    """Show one auditor another history, as long as the true one and signed by the true log."""
    with tampering(_file(home)) as ledger:
        (size,) = ledger.execute("SELECT max(size) FROM published").fetchone()
        _cut(ledger)
    shutil.rmtree(home / "views")
    passphrase = proven.stage.hub.passphrase
    with _opened(proven, home) as rooms:
        missing = size - rooms.ledgers[LEDGER].head().size
        rooms.events.append(LEDGER, *(_canary(rooms) for _ in range(missing)))
        mine = {LEDGER: rooms.ledgers[LEDGER]}
        with keeping(HubHome(home), passphrase, mine, rooms.lookout) as kept:
            kept.finish()
    return LEDGER, size - 1, "witness-saw-another-tree"
