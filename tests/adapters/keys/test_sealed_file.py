"""Key files: both ways in, what they say of themselves, and what they cost to guess."""

import json
import os
import stat
import unicodedata
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from adapters.keys import encapsulation, signing
from adapters.keys.sealed_file import (
    KeyLabel,
    OpenedBy,
    Purpose,
    key_fingerprint,
    open_sealed,
    open_with_recovery,
    read_key_file,
    secret_length,
    write_recovery,
    write_sealed,
)
from domain.canonical import canonical
from domain.errors import HomeNotReady, NotOpened
from domain.values import to_bytes, to_text
from tests.adapters.keys.one_key_file import (
    CHEAP,
    CREATED,
    OPENED_BY,
    PASSPHRASE,
    RECOVERY,
    RECOVERY_PRIVATE,
    SECRET,
    opened,
)

VECTOR = json.loads((Path(__file__).parent / "vectors.json").read_text())["key_file"]


def test_vector(tmp_path: Path) -> None:
    """A file from the first day opens for ever, by its passphrase and by the recovery key."""
    path = tmp_path / "key"
    path.write_text(json.dumps(VECTOR["file"]))
    path.chmod(0o600)
    secret = to_bytes(VECTOR["secret"])
    assert opened(path, VECTOR["passphrase"]) == secret
    assert open_with_recovery(path, to_bytes(VECTOR["recovery_private"])) == secret


@pytest.mark.parametrize("purpose", get_args(Purpose))
def test_every_purpose_both_ways(tmp_path: Path, purpose: Purpose) -> None:
    """A secret of each purpose opens by passphrase and, but for two, by the recovery key."""
    secret = bytes(range(100, 100 + secret_length(purpose)))
    path = tmp_path / "key"
    alone = purpose in {"intake", "recovery"}
    for_all = None if alone else RECOVERY
    mark = write_sealed(
        path,
        secret,
        label=KeyLabel(purpose, "havering", CREATED),
        opened_by=OpenedBy(PASSPHRASE, for_all, CHEAP),
    )
    assert open_sealed(path, PASSPHRASE, purpose=purpose, owner="havering") == secret
    assert mark == key_fingerprint(purpose, secret) == to_bytes(read_key_file(path).fingerprint)
    if alone:
        with pytest.raises(HomeNotReady, match="cannot be recovered"):
            open_with_recovery(path, RECOVERY_PRIVATE)
    else:
        assert open_with_recovery(path, RECOVERY_PRIVATE) == secret


def test_file_says_what_it_is_without_opening(path: Path) -> None:
    """Purpose, owner, date and fingerprint can be read, and the file is for its owner alone."""
    file = read_key_file(path)
    assert (file.purpose, file.owner, file.created) == ("hub-signing", "hub", CREATED)
    public = signing.Ed25519Signer(SECRET).public
    assert to_bytes(file.fingerprint) == signing.fingerprint(public)
    assert file.recovery is not None
    assert to_bytes(file.recovery.fingerprint) == encapsulation.fingerprint(RECOVERY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_bound_to_everything_else_in_it(path: Path) -> None:
    """The associated data is the RFC 8785 form of the document without what is sealed."""
    document = json.loads(path.read_text())
    del document["sealed"]
    assert read_key_file(path).associated() == canonical(document)


def test_fingerprints_do_not_show_one_secret_used_twice() -> None:
    """One secret under two purposes has two fingerprints, none of them its bare hash."""
    marks = {key_fingerprint(purpose, SECRET) for purpose in ("tag", "linkage", "key-encryption")}
    assert len(marks) == 3


def test_wrong_passphrase(path: Path) -> None:
    """Another passphrase, also one with other spaces or letters, does not open."""
    for wrong in ("", "MARKER correct hors", PASSPHRASE + " ", PASSPHRASE.lower()):
        with pytest.raises(NotOpened, match="key file"):
            opened(path, wrong)


def test_one_passphrase_on_every_keyboard(tmp_path: Path) -> None:
    """Composed or decomposed, as keyboards differ, a passphrase is the same."""
    passphrase = "café, café, naïve"
    path = tmp_path / "key"
    composed = OpenedBy(unicodedata.normalize("NFC", passphrase), RECOVERY, CHEAP)
    label = KeyLabel("hub-signing", "hub", CREATED)
    write_sealed(path, SECRET, label=label, opened_by=composed)
    assert opened(path, unicodedata.normalize("NFD", passphrase)) == SECRET


def test_passphrase_that_is_no_text(tmp_path: Path) -> None:
    """What a terminal could not decode opens what it sealed, and is never quoted."""
    strange = os.fsdecode(b"MARKER \xff\xfe correct horse")
    path = tmp_path / "key"
    label = KeyLabel("hub-signing", "hub", CREATED)
    write_sealed(path, SECRET, label=label, opened_by=OpenedBy(strange, RECOVERY, CHEAP))
    assert opened(path, strange) == SECRET


def test_another_purpose_or_owner(path: Path) -> None:
    """A key is refused by name for what it is not, before any passphrase is tried."""
    with pytest.raises(HomeNotReady, match="for hub-signing, not for token-issuer"):
        open_sealed(path, PASSPHRASE, purpose="token-issuer", owner="hub")
    with pytest.raises(HomeNotReady, match="another body"):
        open_sealed(path, PASSPHRASE, purpose="hub-signing", owner="havering")


def test_recovery_key_of_a_body(tmp_path: Path) -> None:
    """The recovery key made for a body opens, after its own passphrase, what the body sealed."""
    public = write_recovery(
        tmp_path / "recovery",
        owner="havering",
        created=CREATED,
        passphrase="kept in the safe",
        cost=CHEAP,
    )
    path = tmp_path / "recipient"
    private, _ = encapsulation.generate()
    label = KeyLabel("recipient", "havering", CREATED)
    write_sealed(path, private, label=label, opened_by=OpenedBy(PASSPHRASE, public, CHEAP))
    recovery = open_sealed(
        tmp_path / "recovery", "kept in the safe", purpose="recovery", owner="havering"
    )
    assert open_with_recovery(path, recovery) == private


def test_a_guess_is_dear() -> None:
    """What is written by default costs 128 MiB for each guess, at n = 2^17 and r = 8."""
    opened_by = OpenedBy(PASSPHRASE, RECOVERY)
    assert opened_by.cost == 2**17
    assert Scrypt(salt=bytes(16), length=32, n=CHEAP, r=8, p=1).derive(b"")


def test_shows_nothing(path: Path) -> None:
    """Neither the file, nor what is read of it, nor a repr holds secret or passphrase."""
    shown = path.read_text() + repr(read_key_file(path)) + repr(OPENED_BY)
    assert "MARKER" not in shown
    assert to_text(SECRET) not in shown
