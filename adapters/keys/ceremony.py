"""Making key files: for the hub, for a borough, and the offline recovery key of either.

Each key file is sealed by the passphrase and to the recovery key, so that a lost passphrase does
not lose a borough's history. What others need of a borough is a `body-keys` document, for the hub
to register; they believe it by fingerprint alone.
"""

from __future__ import annotations

import datetime
import secrets
from dataclasses import dataclass
from pathlib import Path

from adapters.keys import encapsulation
from adapters.keys.checkpoint_key import CheckpointKey
from adapters.keys.derivation import COST
from adapters.keys.elsewhere import KeyElsewhere, read_elsewhere, write_elsewhere
from adapters.keys.private_file import write_private
from adapters.keys.sealed_file import (
    KeyFile,
    KeyLabel,
    OpenedBy,
    Purpose,
    open_sealed,
    open_with_recovery,
    read_key_file,
    secret_length,
    write_recovery,
    write_sealed,
)
from adapters.keys.signing import Ed25519Signer
from domain.canonical import JsonValue, canonical
from domain.errors import HomeNotReady
from domain.reference.body_keys import KeyPurpose, fingerprint
from domain.values import day_of, to_bytes, to_text

RECOVERY_OWNER = "recovery"
HUB_PURPOSES: tuple[Purpose, ...] = (
    "key-encryption",
    "hub-signing",
    "checkpoint-signing",
    "token-issuer",
)
BOROUGH_PURPOSES: tuple[Purpose, ...] = ("recipient", "signing", "deciding", "tag")
REHEARSED = "rehearsed"


@dataclass(frozen=True, slots=True)
class Ceremony:
    """Whose keys are made, where, and who will open them."""

    folder: Path
    owner: str
    opened_by: OpenedBy

    def make(
        self,
        purposes: tuple[Purpose, ...],
        given: dict[Purpose, bytes] | None = None,
        *,
        suffix: str = "",
    ) -> dict[Purpose, bytes]:
        """Make one key file for each purpose; gives their fingerprints.

        `given` are secrets that came from elsewhere, such as the boroughs' common linkage key; with
        a `suffix` the files stand beside those in use. Where a home has a place elsewhere for keys,
        the key-encryption key is the one that stands there.
        """
        created = _now()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made: dict[Purpose, bytes] = {}
        place = self.opened_by.place
        for purpose in purposes:
            path = self.folder / f"{purpose}{suffix}.json"
            if purpose == "key-encryption" and place is not None:
                made[purpose] = write_elsewhere(path, self.owner, place)
                continue
            secret = (given or {}).get(purpose) or _fresh(purpose)
            label = KeyLabel(purpose, self.owner, created)
            made[purpose] = write_sealed(path, secret, label=label, opened_by=self.opened_by)
        return made


def _fresh(purpose: Purpose) -> bytes:
    if purpose == "recipient":
        return encapsulation.generate()[0]
    return secrets.token_bytes(secret_length(purpose))


def make_recovery(path: Path, passphrase: str, *, cost: int = COST) -> str:
    """Make the recovery key's file, and `FILE.pub` with its public half; gives the fingerprint."""
    created = _now()
    public = write_recovery(
        path, owner=RECOVERY_OWNER, created=created, passphrase=passphrase, cost=cost
    )
    write_private(public_half(path), to_text(public).encode() + b"\n")
    return to_text(encapsulation.fingerprint(public))


def public_half(path: Path) -> Path:
    """Give where the public half of a recovery key stands."""
    return path.with_name(f"{path.name}.pub")


def read_public_half(path: Path) -> bytes:
    """Read the public half of a recovery key; raises HomeNotReady for anything else."""
    try:
        public = to_bytes(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        public = b""
    if len(public) != encapsulation.PUBLIC_BYTES:
        raise HomeNotReady(f"{path} is no public half of a recovery key")
    return public


def public_keys(folder: Path, owner: str, passphrase: str, *, since: str | None = None) -> bytes:
    """Give the `body-keys` document of a borough's public keys, in force from a day on: today."""
    recipient = encapsulation.public_of(_open(folder, owner, passphrase, "recipient"))
    signer = Ed25519Signer(_open(folder, owner, passphrase, "signing"))
    deciding = Ed25519Signer(_open(folder, owner, passphrase, "deciding"))
    keys: list[tuple[KeyPurpose, bytes]] = [
        ("recipient", recipient),
        ("signing", signer.public),
        ("deciding", deciding.public),
    ]
    return body_keys(owner, keys, effective_from=since or _now()[:10])


def hub_public_keys(
    folder: Path, owner: str, passphrase: str, *, since: str | None = None
) -> bytes:
    """Give the `body-keys` document of what the hub signs with, in force from a day on: today."""
    signer = Ed25519Signer(_open(folder, owner, passphrase, "hub-signing"))
    checkpoint = CheckpointKey(_open(folder, owner, passphrase, "checkpoint-signing"))
    keys: list[tuple[KeyPurpose, bytes]] = [
        ("hub", signer.public),
        ("checkpoint", checkpoint.public),
    ]
    return body_keys(owner, keys, effective_from=since or _now()[:10], name="keys-of-the-hub")


def body_keys(
    owner: str,
    keys: list[tuple[KeyPurpose, bytes]],
    *,
    effective_from: str,
    name: str | None = None,
) -> bytes:
    """Give a `body-keys` document, in force from a day on.

    What a body registers under another name stands beside its other keys, not in their place.
    """
    listed: list[JsonValue] = [
        {
            "fingerprint": to_text(fingerprint(purpose, public)),
            "public": to_text(public),
            "purpose": purpose,
        }
        for purpose, public in keys
    ]
    return canonical(
        {
            "effective_from": effective_from,
            "keys": listed,
            "kind": "body-keys",
            "name": name or f"keys-{owner}",
            "origin": "made by the body itself",
            "participant": owner,
            "rationale": "public keys, to be compared by fingerprint outside the hub",
            "version": 1,
        }
    )


def _open(folder: Path, owner: str, passphrase: str, purpose: Purpose) -> bytes:
    return open_sealed(folder / f"{purpose}.json", passphrase, purpose=purpose, owner=owner)


def rehearse(folder: Path, recovery_file: Path, passphrase: str) -> list[str]:
    """Prove that the recovery key opens every key file of a home; gives what they are called.

    Notes the day, so that status can warn where it was never done. Raises NotOpened, HomeNotReady.
    """
    private = open_sealed(recovery_file, passphrase, purpose="recovery", owner=RECOVERY_OWNER)
    opened: list[str] = []
    for path in key_files(folder):
        if is_elsewhere(path):
            continue  # whoever keeps it keeps copies of it
        open_with_recovery(path, private)
        opened.append(called(folder, path))
    if not opened:
        raise HomeNotReady(f"{folder} holds no key files")
    try:
        (folder / REHEARSED).write_text(f"{_now()}\n", encoding="ascii")
    except OSError:
        raise HomeNotReady(f"{folder / REHEARSED} cannot be written") from None
    return opened


def rehearsed_on(folder: Path) -> str | None:
    """Give the day of the last rehearsal, or None where there was none that can be read."""
    instant = _rehearsed(folder)
    return instant and instant[:10]


def never_rehearsed(folder: Path) -> list[str]:
    """Name the key files that were made after the last rehearsal; all where there was none."""
    instant = _rehearsed(folder) or ""
    here = (one for one in key_files(folder) if not is_elsewhere(one))
    return [called(folder, one) for one in here if read_key_file(one).created > instant]


def _rehearsed(folder: Path) -> str | None:
    try:
        noted = (folder / REHEARSED).read_text(encoding="ascii").strip()
        day_of(noted[:10])
    except (OSError, ValueError):
        return None
    return noted


def key_files(folder: Path) -> list[Path]:
    """Give every key file of a home: those in use, their successors, and the former ones."""
    return sorted([*folder.glob("*.json"), *(folder / "former").glob("*.json")])


def read_label(path: Path) -> KeyFile | KeyElsewhere:
    """Read what stands on a key file, or in the place of one; raises HomeNotReady."""
    return read_elsewhere(path) or read_key_file(path)


def is_elsewhere(path: Path) -> bool:
    """Say whether the key of a file is kept elsewhere."""
    return read_elsewhere(path) is not None


def called(folder: Path, path: Path) -> str:
    """Give what a key file is called: `recipient`, `recipient-next`, `former/recipient-…`."""
    return path.relative_to(folder).with_suffix("").as_posix()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
