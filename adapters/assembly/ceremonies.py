"""Making the keys of a home, and rehearsing their recovery."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from adapters.assembly.key_stores import init_key_store
from adapters.custody_settings import place_of
from adapters.identity.trust_file import TrustFile
from adapters.keys import ceremony, encapsulation, signing
from adapters.keys.derivation import COST
from adapters.keys.sealed_file import OpenedBy, Purpose, open_sealed
from adapters.keys.succession import Succession
from adapters.log_settings import origin_of
from adapters.settings import BoroughHome, HubHome
from domain.canonical import canonical, strict_json
from domain.checkpoint import log_keys
from domain.errors import HomeNotReady, NotOpened, NotTrusted, ReferenceRefused
from domain.reference.body_keys import BodyKeys
from domain.reference.documents import read_as
from domain.reference.participants import PARTNERSHIP
from domain.signed_note import NoteKey
from domain.values import to_bytes, to_text
from services.trust import Belief

SHOWN: tuple[Purpose, ...] = (
    "hub-signing",
    "checkpoint-signing",
    "recipient",
    "signing",
    "deciding",
    "witness",
)
"""Keys whose fingerprints other bodies need."""


def make_recovery(path: Path, passphrase: str, *, cost: int = COST) -> str:
    """Make an offline recovery key and its public half; gives the fingerprint."""
    return ceremony.make_recovery(path, passphrase, cost=cost)


def make_hub(
    home: HubHome, passphrase: str, recovery: Path, *, cost: int = COST, since: str | None = None
) -> dict[str, str]:
    """Make the hub's key files, `public-keys.json` and its empty key store.

    The keys are in force from the day `since`, or today. Gives the fingerprints to read out.
    """
    place = place_of(home.custody)
    opened_by = OpenedBy(passphrase, ceremony.read_public_half(recovery), cost, place)
    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = ceremony.Ceremony(home.key_files, PARTNERSHIP, opened_by).make(ceremony.HUB_PURPOSES)
    home.public_keys.write_bytes(
        ceremony.hub_public_keys(home.key_files, PARTNERSHIP, passphrase, since=since)
    )
    init_key_store(home)
    return _shown(made)


def make_borough(
    home: BoroughHome,
    passphrase: str,
    recovery: Path,
    *,
    cost: int = COST,
    since: str | None = None,
) -> dict[str, str]:
    """Make a borough's key files and `public-keys.json`; gives the fingerprints to read out.

    The keys are in force from the day `since`, or today.
    """
    place = place_of(home.custody)
    opened_by = OpenedBy(passphrase, ceremony.read_public_half(recovery), cost, place)
    made = ceremony.Ceremony(home.key_files, home.name, opened_by).make(ceremony.BOROUGH_PURPOSES)
    home.public_keys.write_bytes(
        ceremony.public_keys(home.key_files, home.name, passphrase, since=since)
    )
    return _shown(made)


def keys_of_logs(home: HubHome, ledgers: Iterable[str]) -> Iterator[NoteKey]:
    """Give the two keys of each ledger's log, from the hub's public keys; raises HomeNotReady."""
    try:
        keys = read_as(BodyKeys, home.public_keys.read_bytes()).keys
    except (OSError, ReferenceRefused):
        raise HomeNotReady(f"{home.public_keys}: not there yet; run `bhr keys init`") from None
    for public in (to_bytes(key.public) for key in keys if key.purpose == "checkpoint"):
        for ledger in ledgers:
            yield from log_keys(origin_of(home, ledger), public)


def make_linkage(
    home: BoroughHome,
    passphrase: str,
    recovery: Path,
    *,
    secret: bytes | None = None,
    cost: int = COST,
) -> None:
    """Keep the linkage key that the boroughs have in common: fresh, or as it was shared."""
    place = place_of(home.custody)
    opened_by = OpenedBy(passphrase, ceremony.read_public_half(recovery), cost, place)
    given: dict[Purpose, bytes] = {"linkage": secret} if secret else {}
    ceremony.Ceremony(home.key_files, home.name, opened_by).make(("linkage",), given)


def share_linkage(home: BoroughHome, passphrase: str, to: BodyKeys) -> bytes:
    """Give this borough's linkage key sealed to another's recipient key that we vouch for.

    Raises NotTrusted for a key that nobody read out to us.
    """
    belief = Belief(TrustFile(home.trust), signing.verify)
    key = belief.newest(to.participant, to.keys, "recipient")
    if key is None:
        raise NotTrusted("the other borough's recipient key")
    secret = _open(home, passphrase, "linkage")
    info = _linkage_info(home.name, to.participant)
    sealed = encapsulation.seal_to(to_bytes(key.public), secret, info)
    return canonical({"from": home.name, "sealed": to_text(sealed), "to": to.participant})


def take_linkage(home: BoroughHome, passphrase: str, shared: bytes) -> bytes:
    """Open a linkage key that another borough shared with this one; raises NotOpened."""
    try:
        said = strict_json(shared)
        giver, sealed = (
            (str(said["from"]), str(said["sealed"])) if isinstance(said, dict) else ("", "")
        )
        raw = to_bytes(sealed)
    except (ValueError, KeyError):
        raise NotOpened("shared linkage key") from None
    keys = Succession(home.key_files, "recipient")
    info = _linkage_info(giver, home.name)
    for path in keys.to_open():
        secret = encapsulation.open_with(keys.opened(path, home.name, passphrase), raw, info)
        if secret is not None:
            return secret
    raise NotOpened("shared linkage key")


def _linkage_info(giver: str, taker: str) -> bytes:
    return f"bhr-linkage/v1\n{giver}\n{taker}\n".encode()


def _open(home: BoroughHome, passphrase: str, purpose: Purpose) -> bytes:
    return open_sealed(home.key_file(purpose), passphrase, purpose=purpose, owner=home.name)


def rehearse(home: HubHome | BoroughHome, recovery: Path, passphrase: str) -> list[str]:
    """Prove that the recovery key opens every key file; gives what they are called."""
    return ceremony.rehearse(home.key_files, recovery, passphrase)


def rehearsed_on(home: HubHome | BoroughHome) -> str | None:
    """Give the day of the last rehearsal."""
    return ceremony.rehearsed_on(home.key_files)


def fingerprints(home: HubHome | BoroughHome) -> dict[str, str]:
    """Give the fingerprint of every key file of a home by what it is called, opening none."""
    files = ceremony.key_files(home.key_files)
    return {
        ceremony.called(home.key_files, one): ceremony.read_label(one).fingerprint for one in files
    }


def kept_elsewhere(home: HubHome | BoroughHome) -> list[str]:
    """Name the keys that are not in key files: their own keepers keep copies of them."""
    files = ceremony.key_files(home.key_files)
    return [ceremony.called(home.key_files, one) for one in files if ceremony.is_elsewhere(one)]


def never_rehearsed(home: HubHome | BoroughHome) -> list[str]:
    """Name the key files that no rehearsal has opened."""
    return ceremony.never_rehearsed(home.key_files)


def _shown(made: dict[Purpose, bytes]) -> dict[str, str]:
    return {purpose: to_text(made[purpose]) for purpose in SHOWN if purpose in made}
