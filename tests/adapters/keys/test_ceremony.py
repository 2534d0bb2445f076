"""Making the keys of a home: each sealed twice, none overwritten, recovery proved."""

from __future__ import annotations

import datetime
import json
import stat
from pathlib import Path

import pytest

from adapters.keys import encapsulation, signing
from adapters.keys.ceremony import (
    BOROUGH_PURPOSES,
    HUB_PURPOSES,
    REHEARSED,
    Ceremony,
    body_keys,
    make_recovery,
    public_half,
    public_keys,
    read_public_half,
    rehearse,
    rehearsed_on,
)
from adapters.keys.sealed_file import (
    OpenedBy,
    Purpose,
    open_sealed,
    open_with_recovery,
    read_key_file,
)
from adapters.keys.signing import Ed25519Signer
from domain.errors import HomeNotReady, NotOpened
from domain.reference.body_keys import BodyKeys, fingerprint
from domain.reference.documents import kind_of, parse_document
from domain.values import to_bytes, to_text

PASSPHRASE = "correct horse battery"
RECOVERY_PASSPHRASE = "another one, kept apart"
CHEAP = 2**10


@pytest.fixture
def recovery(tmp_path: Path) -> Path:
    """Give the file of an offline recovery key, its public half beside it."""
    path = tmp_path / "offline" / "recovery.json"
    make_recovery(path, RECOVERY_PASSPHRASE, cost=CHEAP)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the place of a home's key files."""
    return tmp_path / "home" / "key-files"


def make(
    folder: Path,
    recovery: Path,
    purposes: tuple[Purpose, ...] = BOROUGH_PURPOSES,
    given: dict[Purpose, bytes] | None = None,
) -> dict[Purpose, bytes]:
    """Make the key files of a home; gives their fingerprints."""
    opened_by = OpenedBy(PASSPHRASE, read_public_half(public_half(recovery)), CHEAP)
    return Ceremony(folder, "havering", opened_by).make(purposes, given)


def secrets_of(folder: Path, purposes: tuple[Purpose, ...]) -> dict[Purpose, bytes]:
    """Open the key files of a home by its passphrase."""
    return {
        purpose: open_sealed(
            folder / f"{purpose}.json", PASSPHRASE, purpose=purpose, owner="havering"
        )
        for purpose in purposes
    }


def test_who_opens_them_all_waits_once(folder: Path, recovery: Path) -> None:
    """Files that were made together take one derivation; those of another time have another."""
    make(folder / "here", recovery)
    make(folder / "there", recovery)
    salts = {path: read_key_file(path).kdf.salt for path in folder.glob("*/*.json")}
    of_each = {path.parent: salt for path, salt in salts.items()}
    assert len(salts) == 2 * len(BOROUGH_PURPOSES)
    assert len(set(of_each.values())) == 2
    assert all(of_each[path.parent] == salt for path, salt in salts.items())


@pytest.mark.parametrize("purposes", [BOROUGH_PURPOSES, HUB_PURPOSES])
def test_each_purpose_has_a_file_for_its_owner_alone(
    folder: Path, recovery: Path, purposes: tuple[Purpose, ...]
) -> None:
    """Mode 0600 in a folder of 0700, every secret another, opened by passphrase and recovery."""
    made = make(folder, recovery, purposes)
    assert list(made) == list(purposes)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{one}.json" for one in purposes
    )
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    secrets = secrets_of(folder, purposes)
    assert len(set(secrets.values())) == len(purposes)
    private = open_sealed(recovery, RECOVERY_PASSPHRASE, purpose="recovery", owner="recovery")
    for purpose, secret in secrets.items():
        assert open_with_recovery(folder / f"{purpose}.json", private) == secret


def test_fingerprints_are_those_that_bodies_compare(folder: Path, recovery: Path) -> None:
    """Of a public key its own, as it will be registered."""
    made = make(folder, recovery)
    secrets = secrets_of(folder, BOROUGH_PURPOSES)
    assert made["recipient"] == encapsulation.fingerprint(
        encapsulation.public_of(secrets["recipient"])
    )
    assert made["signing"] == signing.fingerprint(Ed25519Signer(secrets["signing"]).public)
    deciding = Ed25519Signer(secrets["deciding"]).public
    assert made["deciding"] == fingerprint("deciding", deciding)
    assert made["deciding"] != signing.fingerprint(deciding)


def test_a_key_that_came_from_elsewhere_is_taken(folder: Path, recovery: Path) -> None:
    """The boroughs' common linkage key is sealed as every other; the rest are made fresh."""
    common = bytes(range(32))
    purposes: tuple[Purpose, ...] = (*BOROUGH_PURPOSES, "linkage")
    make(folder, recovery, purposes, {"linkage": common})
    secrets = secrets_of(folder, purposes)
    assert secrets["linkage"] == common
    assert list(secrets.values()).count(common) == 1


def test_no_key_file_is_ever_overwritten(folder: Path, recovery: Path) -> None:
    """Run twice, the second says so, and every key is as it was."""
    make(folder, recovery)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(HomeNotReady, match="never overwritten"):
        make(folder, recovery)
    with pytest.raises(HomeNotReady, match="never overwritten"):
        make_recovery(recovery, RECOVERY_PASSPHRASE, cost=CHEAP)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_public_half_is_the_recovery_key_s(recovery: Path, tmp_path: Path) -> None:
    """What is left behind is enough to seal to it, and the fingerprint is told."""
    other = tmp_path / "other" / "recovery.json"
    told = make_recovery(other, RECOVERY_PASSPHRASE, cost=CHEAP)
    public = read_public_half(public_half(other))
    private = open_sealed(other, RECOVERY_PASSPHRASE, purpose="recovery", owner="recovery")
    assert encapsulation.public_of(private) == public
    assert to_text(encapsulation.fingerprint(public)) == told
    assert public_half(other) == other.with_name("recovery.json.pub")
    assert read_public_half(public_half(recovery)) != public


@pytest.mark.parametrize("content", [b"", b"\xff", b"not base64", to_text(bytes(32)).encode()])
def test_what_is_no_public_half_is_refused(tmp_path: Path, content: bytes) -> None:
    """Nothing is sealed to a key that could not open it; a missing file is told the same way."""
    path = tmp_path / "recovery.json.pub"
    with pytest.raises(HomeNotReady, match="no public half"):
        read_public_half(path)
    path.write_bytes(content)
    with pytest.raises(HomeNotReady, match="no public half") as found:
        read_public_half(path)
    assert "base64" not in str(found.value).replace(str(path), "")


def test_public_keys_are_a_document_to_register(folder: Path, recovery: Path) -> None:
    """A `body-keys` document in force from today on, with the keys of the key files."""
    made = make(folder, recovery)
    before = datetime.datetime.now(datetime.UTC).date().isoformat()
    raw = public_keys(folder, "havering", PASSPHRASE)
    document = parse_document(kind_of(raw), raw)
    assert isinstance(document, BodyKeys)
    assert (document.participant, document.reference()) == ("havering", "keys-havering@1")
    assert before <= document.effective_from
    assert {key.purpose: to_bytes(key.fingerprint) for key in document.keys} == {
        "recipient": made["recipient"],
        "signing": made["signing"],
        "deciding": made["deciding"],
    }
    secrets = secrets_of(folder, BOROUGH_PURPOSES)
    for secret in secrets.values():
        assert to_text(secret).encode() not in raw
        assert to_text(secret)[:40].encode() not in raw


def test_the_document_is_the_same_for_the_same_keys() -> None:
    """Byte for byte, so that registering it twice changes nothing."""
    keys = bytes([1]) * 32
    raw = body_keys("bhr", [("hub", keys)], effective_from="2025-01-01")
    assert raw == body_keys("bhr", [("hub", keys)], effective_from="2025-01-01")
    (key,) = json.loads(raw)["keys"]
    assert key == {
        "fingerprint": to_text(fingerprint("hub", keys)),
        "public": to_text(keys),
        "purpose": "hub",
    }


def test_a_wrong_passphrase_gives_nothing(folder: Path, recovery: Path) -> None:
    """Neither public keys nor a rehearsal, and no day is noted."""
    make(folder, recovery)
    with pytest.raises(NotOpened):
        public_keys(folder, "havering", "not the passphrase")
    with pytest.raises(NotOpened):
        rehearse(folder, recovery, PASSPHRASE)
    assert rehearsed_on(folder) is None


def test_a_rehearsal_opens_every_key_and_notes_the_day(folder: Path, recovery: Path) -> None:
    """By the recovery key alone; status can say when it was."""
    make(folder, recovery)
    assert rehearsed_on(folder) is None
    assert rehearse(folder, recovery, RECOVERY_PASSPHRASE) == sorted(BOROUGH_PURPOSES)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    assert rehearsed_on(folder) == today
    (folder / REHEARSED).write_bytes(b"\xff not a day")
    assert rehearsed_on(folder) is None


def test_a_rehearsal_with_another_recovery_key_fails(
    folder: Path, recovery: Path, tmp_path: Path
) -> None:
    """One key file that it does not open is enough, and no day is noted."""
    make(folder, recovery)
    other = tmp_path / "other" / "recovery.json"
    make_recovery(other, RECOVERY_PASSPHRASE, cost=CHEAP)
    with pytest.raises(NotOpened):
        rehearse(folder, other, RECOVERY_PASSPHRASE)
    assert rehearsed_on(folder) is None


def test_a_home_without_key_files_cannot_be_rehearsed(folder: Path, recovery: Path) -> None:
    """Nothing was proved, so it is not said to have been."""
    folder.mkdir(parents=True)
    with pytest.raises(HomeNotReady, match="no key files"):
        rehearse(folder, recovery, RECOVERY_PASSPHRASE)
    assert rehearsed_on(folder) is None


def test_a_day_that_cannot_be_noted_is_told(folder: Path, recovery: Path) -> None:
    """With the place, and without another's words."""
    make(folder, recovery)
    (folder / REHEARSED).mkdir()
    with pytest.raises(HomeNotReady, match="cannot be written"):
        rehearse(folder, recovery, RECOVERY_PASSPHRASE)
