"""Replacing the key that the hub signs its logs with: the logs go on under the same names.

 1. `begin_checkpoint_key`: a successor, signed for by the key before and listed. From its next
    start on the hub signs each checkpoint with both, so whoever believes either goes on believing.
 2. Witnesses follow (`bhr witness follow`), and whoever keeps a policy file adds the new lines.
 3. `finish_checkpoint_key`: the hub signs with the new key alone. The key before stays in policy
    files, and in the list as withdrawn: what it signed is believed for ever, and nothing later.

After a compromise 1 and 3 are one step, and whoever was not told yet believes nothing new.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

from adapters.assembly import succession
from adapters.assembly.hub import open_hub
from adapters.assembly.ledgers import places_of
from adapters.assembly.succession import KeyHolder
from adapters.assembly.witnesses import policy_of
from adapters.keys.checkpoint_key import verify_successor
from adapters.keys.key_list import finished_list
from adapters.keys.private_file import replace_private
from adapters.keys.sealed_file import Purpose, read_key_file
from adapters.keys.succession import Succession
from adapters.log_settings import WitnessHome, origin_of, witness_policy
from adapters.settings import HubHome
from adapters.witnesses.book import SqliteWitnessBook, opened
from domain.checkpoint import log_keys
from domain.errors import HomeNotReady
from domain.reference.body_keys import BodyKeys
from domain.reference.documents import read_as
from domain.signed_note import NoteKey, read_vkey
from domain.tlog_policy import Policy
from domain.values import to_bytes
from services.rotating import Reason
from services.trust import Belief, Vouched

CHECKPOINT: tuple[Purpose, ...] = ("checkpoint-signing",)


def begin_checkpoint_key(holder: KeyHolder, home: HubHome, reason: Reason) -> str:
    """Make and list a successor; gives its fingerprint. After a compromise it is used at once.

    Raises HomeNotReady, NotOpened, ReferenceRefused.
    """
    raw = succession.begin(holder, CHECKPOINT, reason)
    mark = read_key_file(_files(home).successor).fingerprint
    with open_hub(home, holder.passphrase) as rooms:
        rooms.registering.register(raw)
    if reason in succession.AT_ONCE:
        succession.finish(holder, CHECKPOINT)
    return mark


def finish_checkpoint_key(home: HubHome, passphrase: str) -> str:
    """Sign with the successor alone from the next start on; gives its fingerprint.

    The list says first that the key before is withdrawn: what it signs alone of later entries is
    found by `bhr audit verify`.
    Raises HomeNotReady where there is none, or where our own policy file, by which checkpoints are
    published, does not name its keys yet.
    """
    keys = _files(home)
    if not keys.successor.exists():
        raise HomeNotReady("no successor of the checkpoint key was made: `bhr keys rotate log`")
    mark = read_key_file(keys.successor).fingerprint
    path = witness_policy()
    if path is not None and not _names(policy_of(path), home, mark):
        raise HomeNotReady(f"{path} does not name the new keys yet: add what `bhr keys log` shows")
    _list_as_finished(home, passphrase, mark)
    keys.finish()
    return mark


def _list_as_finished(home: HubHome, passphrase: str, in_use: str) -> None:
    try:
        before = read_as(BodyKeys, home.public_keys.read_bytes())
    except OSError:
        raise HomeNotReady(f"{home.public_keys} cannot be read: restore it") from None
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    raw = finished_list(before, "checkpoint", in_use, today=today)
    if raw is not None:
        replace_private(home.public_keys, raw)
    with open_hub(home, passphrase) as rooms:
        rooms.registering.register(home.public_keys.read_bytes())


def _names(policy: Policy, home: HubHome, mark: str) -> bool:
    """Say whether a policy names a key of our list for every log of ours that it names at all."""
    listed = read_as(BodyKeys, home.public_keys.read_bytes())
    public = listed.find("checkpoint", to_bytes(mark))
    known = {one.key for one in policy.logs}
    ours = {origin_of(home, name) for name in places_of(home)}
    return public is not None and all(
        known.issuperset(log_keys(origin, public)) for origin in ours & {one.name for one in known}
    )


def _files(home: HubHome) -> Succession:
    return Succession(home.key_files, "checkpoint-signing")


def follow(home: WitnessHome, raw: bytes) -> list[NoteKey]:
    """Have a witness believe those log keys of a hub's list that follow keys which it believes.

    Gives the keys that are new to it; raises ReferenceRefused for what is no list, HomeNotReady.
    """
    listed = read_as(BodyKeys, raw)
    with opened(home.book) as book:
        fresh = [key for origin in book.origins() for key in _following(book, origin, listed)]
        for key in fresh:
            book.add_log(key)
    return fresh


def _following(book: SqliteWitnessBook, origin: str, listed: BodyKeys) -> Iterator[NoteKey]:
    known = book.log(origin)
    believed = set() if known is None else set(known.keys)
    mine = [key for key in listed.keys if key.purpose == "checkpoint"]
    vouched = _Given(
        Vouched(listed.participant, "checkpoint", to_bytes(key.fingerprint))
        for key in mine
        if believed.intersection(log_keys(origin, to_bytes(key.public)))
    )
    belief = Belief(vouched, verify_successor)
    for key in mine:
        mark = to_bytes(key.fingerprint)
        if belief.key(listed.participant, listed.keys, "checkpoint", mark) is not None:
            yield from (
                one for one in log_keys(origin, to_bytes(key.public)) if one not in believed
            )


class _Given:
    """The log keys that a witness was given, as what its belief starts at."""

    def __init__(self, vouched: Iterator[Vouched]) -> None:
        self._vouched = tuple(vouched)

    def entries(self) -> tuple[Vouched, ...]:
        """Give all of them."""
        return self._vouched


def drop_key(home: WitnessHome, vkey: str) -> str:
    """Have a witness cosign nothing more that this key alone signed; gives the origin.

    Raises NotProven for what is no key, HomeNotReady for the last key of a log that it serves.
    """
    key = read_vkey(vkey)
    with opened(home.book) as book:
        known = book.log(key.name)
        if known is None or key not in known.keys:
            raise HomeNotReady("the witness does not believe this key")
        if len(known.keys) == 1:
            raise HomeNotReady("this is the only key of a log that the witness serves")
        book.drop_key(key)
    return key.name


def read_list(path: Path) -> bytes:
    """Read a hub's list of public keys; raises HomeNotReady."""
    try:
        return path.read_bytes()
    except OSError:
        raise HomeNotReady(f"{path} cannot be read") from None
