"""Replacing the keys that other bodies know: at a borough, and what the hub signs with.

The order, each step harmless when done again: the successors' files; the next version of
`public-keys.json`, in which each new key is signed for by the one before; the hub registers it;
the successors are put in use. A borough puts them in use once the hub lists them, so that nothing
is signed with a key that the hub does not take yet; after a compromise, at once.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapters.custody_settings import place_of
from adapters.keys import ceremony, encapsulation
from adapters.keys.checkpoint_key import CheckpointKey
from adapters.keys.derivation import COST
from adapters.keys.key_list import Replacing, Voice, next_list
from adapters.keys.private_file import replace_private
from adapters.keys.sealed_file import OpenedBy, Purpose, key_fingerprint, read_key_file
from adapters.keys.signing import Ed25519Signer
from adapters.keys.succession import Succession
from adapters.settings import BoroughHome, HubHome
from domain.errors import HomeNotReady, HubError
from domain.reference.body_keys import BodyKeys, KeyPurpose, PublicKey, signs_for
from domain.reference.documents import read_as
from domain.values import to_bytes, to_text
from services.rotating import Reason

ROTATED: tuple[Purpose, ...] = ("recipient", "signing")
ROTATABLE: tuple[Purpose, ...] = ("deciding", *ROTATED)
_LISTED_AS: Mapping[Purpose, KeyPurpose] = {
    "checkpoint-signing": "checkpoint",
    "deciding": "deciding",
    "hub-signing": "hub",
    "recipient": "recipient",
    "signing": "signing",
}
_FILED_AS: Mapping[KeyPurpose, Purpose] = {listed: filed for filed, listed in _LISTED_AS.items()}
AT_ONCE: frozenset[Reason] = frozenset({"compromised", "lost"})


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whose keys are replaced, and who opens the new ones."""

    home: BoroughHome | HubHome
    owner: str
    passphrase: str = field(repr=False)
    recovery: Path
    cost: int = COST

    def key_files(self, purpose: Purpose) -> Succession:
        """Give the key files of a purpose."""
        return Succession(self.home.key_files, purpose)

    def ceremony(self) -> ceremony.Ceremony:
        """Give what makes new key files."""
        public = ceremony.read_public_half(self.recovery)
        place = place_of(self.home.custody)
        opened_by = OpenedBy(self.passphrase, public, self.cost, place)
        return ceremony.Ceremony(self.home.key_files, self.owner, opened_by)

    def opened(self, purpose: Purpose, *, successor: bool = False) -> bytes:
        """Open the key in use, or its successor."""
        keys = self.key_files(purpose)
        path = keys.successor if successor else keys.in_use
        return keys.opened(path, self.owner, self.passphrase)


def begin(holder: KeyHolder, purposes: Sequence[Purpose], reason: Reason) -> bytes:
    """Make successors and the list that names them, unless that was begun; gives the list.

    Raises HomeNotReady, NotOpened.
    """
    for purpose in purposes:
        holder.key_files(purpose).begin(holder.ceremony())
    home = holder.home
    try:
        before = home.public_keys.read_bytes()
    except OSError:
        raise HomeNotReady(f"{home.public_keys} cannot be read: restore it") from None
    replacing = [_replacing(holder, purpose) for purpose in purposes]
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    raw = next_list(read_as(BodyKeys, before), replacing, reason, today=today)
    if raw is None:
        return before
    replace_private(home.public_keys, raw)
    return raw


def _replacing(holder: KeyHolder, purpose: Purpose) -> Replacing:
    listed = _LISTED_AS[purpose]
    spoken = _FILED_AS[signs_for(listed)]
    secret = holder.opened(spoken)
    voice = Voice(to_text(key_fingerprint(spoken, secret)), _signer(spoken, secret).sign)
    before, after = (
        _public(purpose, holder.opened(purpose, successor=one)) for one in (False, True)
    )
    return Replacing(listed, before, after, voice)


def _public(purpose: Purpose, secret: bytes) -> bytes:
    if purpose == "recipient":
        return encapsulation.public_of(secret)
    return _signer(purpose, secret).public


def _signer(purpose: Purpose, secret: bytes) -> CheckpointKey | Ed25519Signer:
    return CheckpointKey(secret) if purpose == "checkpoint-signing" else Ed25519Signer(secret)


def finish(holder: KeyHolder, purposes: Sequence[Purpose]) -> dict[str, str]:
    """Put the successors in use; gives the fingerprints of the keys in use then."""
    for purpose in purposes:
        holder.key_files(purpose).finish()
    return marks(holder.home, purposes)


def marks(home: BoroughHome | HubHome, purposes: Sequence[Purpose]) -> dict[str, str]:
    """Give the fingerprints of the keys in use."""
    found = {purpose: Succession(home.key_files, purpose).in_use for purpose in purposes}
    return {purpose: read_key_file(path).fingerprint for purpose, path in found.items()}


def rotate_borough(
    holder: KeyHolder, reason: Reason, purposes: Sequence[Purpose] = ROTATED
) -> dict[str, str]:
    """Make successors of a borough's keys; gives the fingerprints of the keys to come.

    `public-keys.json` then is to be registered at the hub. Raises HomeNotReady, NotOpened.
    """
    begun = _listed_already(holder.home, purposes) or purposes
    begin(holder, begun, reason)
    coming: dict[str, str] = {
        purpose: read_key_file(holder.key_files(purpose).successor).fingerprint for purpose in begun
    }
    if reason in AT_ONCE:
        finish(holder, begun)
    return coming


def _listed_already(
    home: BoroughHome | HubHome, purposes: Sequence[Purpose]
) -> tuple[Purpose, ...]:
    """Name the purposes whose successors are in the list and not in use: begun before."""
    text = home.public_keys.read_bytes() if home.public_keys.exists() else b""
    keys = {purpose: Succession(home.key_files, purpose).successor for purpose in purposes}
    return tuple(
        purpose
        for purpose, path in keys.items()
        if path.exists() and read_key_file(path).fingerprint.encode() in text
    )


def put_in_use_what_is_listed(home: BoroughHome, listed: Sequence[PublicKey]) -> None:
    """Put those successors in use that the hub lists; raises HomeNotReady."""
    known = {key.fingerprint for key in listed}
    for keys in _begun(home):
        if read_key_file(keys.successor).fingerprint in known:
            keys.finish()


def is_begun(home: BoroughHome) -> bool:
    """Say whether a successor waits for the hub to list it."""
    return any(True for _ in _begun(home))


def _begun(home: BoroughHome) -> Iterator[Succession]:
    for purpose in _LISTED_AS:
        keys = Succession(home.key_files, purpose)
        if keys.successor.exists():
            yield keys


@dataclass(frozen=True, slots=True)
class FormerKeys(Mapping[bytes, bytes]):
    """A borough's recipient keys beside the one in use, each opened when it is asked for."""

    home: BoroughHome
    passphrase: str = field(repr=False)

    def __getitem__(self, mark: bytes) -> bytes:
        keys = Succession(self.home.key_files, "recipient")
        for path in self._files():
            if read_key_file(path).fingerprint == to_text(mark):
                try:
                    return keys.opened(path, self.home.name, self.passphrase)
                except HubError:
                    raise KeyError(mark) from None
        raise KeyError(mark)

    def __iter__(self) -> Iterator[bytes]:
        return (to_bytes(read_key_file(path).fingerprint) for path in self._files())

    def __len__(self) -> int:
        return len(self._files())

    def _files(self) -> list[Path]:
        return Succession(self.home.key_files, "recipient").to_open()[1:]
