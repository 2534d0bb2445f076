"""Key files: both ways in, everything that is refused, and that nothing of a secret is shown."""

import json
import os
import stat
import unicodedata
from pathlib import Path
from typing import get_args

import pytest
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from adapters.keys import encapsulation, sealed_file, signing
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
from domain.canonical import JsonValue, canonical
from domain.errors import HomeNotReady, HubError, NotOpened, NotTrusted
from domain.values import to_bytes, to_text

VECTOR = json.loads((Path(__file__).parent / "vectors.json").read_text())["key_file"]
CREATED = "2026-11-23T09:00:00Z"
PASSPHRASE = "MARKER correct horse"
RECOVERY_PRIVATE = bytes(range(96))
RECOVERY = encapsulation.public_of(RECOVERY_PRIVATE)
CHEAP = 2**10
OPENED_BY = OpenedBy(PASSPHRASE, RECOVERY, CHEAP)
SECRET = b"MARKER-of-32-bytes-that-is-a-key"

Document = dict[str, JsonValue]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of a written key file: the hub's signing key."""
    written = tmp_path / "keys" / "hub-signing.json"
    label = KeyLabel("hub-signing", "hub", CREATED)
    write_sealed(written, SECRET, label=label, opened_by=OPENED_BY)
    return written


def opened(path: Path, passphrase: str = PASSPHRASE) -> bytes:
    """Open the hub's signing key."""
    return open_sealed(path, passphrase, purpose="hub-signing", owner="hub")


def altered(path: Path, *places: str, value: JsonValue) -> Path:
    """Write the key file again with another value at a place."""
    document = json.loads(path.read_text())
    inner = document
    for place in places[:-1]:
        inner = inner[place]
    inner[places[-1]] = value
    path.write_text(json.dumps(document))
    return path


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
    """A secret of each purpose opens by passphrase and, but for the last, by the recovery key."""
    secret = bytes(range(100, 100 + secret_length(purpose)))
    path = tmp_path / "key"
    for_all = None if purpose == "recovery" else RECOVERY
    mark = write_sealed(
        path,
        secret,
        label=KeyLabel(purpose, "havering", CREATED),
        opened_by=OpenedBy(PASSPHRASE, for_all, CHEAP),
    )
    assert open_sealed(path, PASSPHRASE, purpose=purpose, owner="havering") == secret
    assert mark == key_fingerprint(purpose, secret) == to_bytes(read_key_file(path).fingerprint)
    if purpose == "recovery":
        with pytest.raises(HomeNotReady, match="cannot be recovered"):
            open_with_recovery(path, RECOVERY_PRIVATE)
    else:
        assert open_with_recovery(path, RECOVERY_PRIVATE) == secret


def test_file_says_what_it_is_without_opening(path: Path) -> None:
    """Purpose, owner, date and fingerprint can be read, and the file is for its owner alone."""
    file = read_key_file(path)
    assert (file.purpose, file.owner, file.created) == ("hub-signing", "hub", CREATED)
    assert to_bytes(file.fingerprint) == signing.fingerprint(signing.Ed25519Signer(SECRET).public)
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


@pytest.mark.parametrize(
    ("places", "value"),
    [
        (("created",), "2026-11-24T09:00:00Z"),
        (("fingerprint",), to_text(bytes(32))),
        (("kdf", "n"), 2048),
        (("kdf", "r"), 4),
        (("kdf", "p"), 2),
        (("kdf", "salt"), to_text(bytes(32))),
        (("recovery", "fingerprint"), to_text(bytes(32))),
        (("recovery", "sealed"), to_text(bytes(1168))),
        (("recovery",), None),
        (("sealed",), to_text(bytes(60))),
        (("sealed",), to_text(bytes(59))[:-1] + "B"),
    ],
)
def test_altered_anywhere(path: Path, places: tuple[str, ...], value: JsonValue) -> None:
    """Whatever is altered in a file that still reads as one, it does not open."""
    with pytest.raises(NotOpened, match="key file"):
        opened(altered(path, *places, value=value))


@pytest.mark.parametrize(("place", "value"), [("owner", "havering"), ("purpose", "signing")])
def test_relabelled(path: Path, place: str, value: str) -> None:
    """A key that was given another owner or purpose opens neither way."""
    altered(path, place, value=value)
    file = read_key_file(path)
    with pytest.raises(NotOpened, match="key file"):
        open_sealed(path, PASSPHRASE, purpose=file.purpose, owner=file.owner)
    with pytest.raises(NotOpened, match="key file"):
        open_with_recovery(path, RECOVERY_PRIVATE)


def test_parts_of_two_files_exchanged(path: Path, tmp_path: Path) -> None:
    """Neither sealing of one key file can take the place of another's."""
    other = tmp_path / "other"
    label = KeyLabel("hub-signing", "hub", CREATED)
    write_sealed(other, bytes(32), label=label, opened_by=OPENED_BY)
    theirs = json.loads(other.read_text())
    with pytest.raises(NotOpened):
        opened(altered(path, "sealed", value=theirs["sealed"]))
    with pytest.raises(NotOpened):
        open_with_recovery(altered(path, "recovery", value=theirs["recovery"]), RECOVERY_PRIVATE)


def test_recovery_that_was_sealed_by_another(path: Path) -> None:
    """Anyone can seal to the recovery key; what comes out must be the key named on the file."""
    forged = encapsulation.seal_to(RECOVERY, bytes(32), read_key_file(path).recovery_info())
    altered(path, "recovery", "sealed", value=to_text(forged))
    with pytest.raises(NotOpened, match="key file"):
        open_with_recovery(path, RECOVERY_PRIVATE)


def test_another_recovery_key(path: Path) -> None:
    """The wrong recovery key, and what is none, open nothing."""
    with pytest.raises(NotOpened, match="key file"):
        open_with_recovery(path, encapsulation.generate()[0])
    with pytest.raises(HomeNotReady):
        open_with_recovery(path, SECRET)


@pytest.mark.parametrize(
    ("places", "value"),
    [
        (("kdf", "n"), 2**40),
        (("kdf", "n"), 2**21),
        (("kdf", "n"), 3 * 2**12),
        (("kdf", "n"), 2),
        (("kdf", "n"), -1),
        (("kdf", "n"), "1024"),
        (("kdf", "r"), 10**6),
        (("kdf", "p"), 10**6),
        (("kdf", "salt"), ""),
        (("kdf", "name"), "argon2"),
        (("format",), "bhr-key-file/v2"),
        (("purpose",), "MARKER"),
        (("owner",), "MARKER"),
        (("sealed",), ["MARKER"]),
        (("MARKER",), "MARKER"),
    ],
)
def test_hostile_files(
    path: Path, places: tuple[str, ...], value: JsonValue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no key file, or would take memory and time, is refused before anything is derived."""
    monkeypatch.setattr(sealed_file, "Scrypt", None)
    with pytest.raises(HomeNotReady, match="not a key file of a form known") as refused:
        opened(altered(path, *places, value=value))
    assert "MARKER" not in repr(refused.value)


def test_memory_is_bounded_by_both_parameters(path: Path) -> None:
    """A large n and a large r, each allowed alone, are refused together."""
    altered(path, "kdf", "n", value=2**20)
    altered(path, "kdf", "r", value=16)
    with pytest.raises(HomeNotReady, match="not a key file"):
        opened(path)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"\xff\xfe", b"[" * 5000, b'{"format": 1.5}', b" " * 20_000, b"null"],
)
def test_files_that_are_something_else(path: Path, raw: bytes) -> None:
    """Anything else than a key file is refused in our own words."""
    path.write_bytes(raw)
    with pytest.raises(HomeNotReady):
        opened(path)


def test_field_given_twice(path: Path) -> None:
    """A file in which a field stands twice says two things and is refused."""
    path.write_text(path.read_text().replace('"owner"', '"owner": "havering",\n  "owner"'))
    with pytest.raises(HomeNotReady, match="not a key file"):
        opened(path)


def test_not_enough_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine too small for the derivation is told so."""

    def too_much(*_: object) -> bytes:
        raise MemoryError

    class Greedy:
        """Stands for scrypt on a small machine."""

        def __init__(self, **_: object) -> None:
            """Take whatever parameters."""

        derive = too_much

    monkeypatch.setattr(sealed_file, "Scrypt", Greedy)
    with pytest.raises(HomeNotReady, match="memory"):
        opened(path)


def test_open_to_others(path: Path) -> None:
    """A key file that others may read is not used until it is closed to them."""
    path.chmod(0o640)
    with pytest.raises(HomeNotReady, match="chmod 600"):
        opened(path)
    with pytest.raises(HomeNotReady, match="chmod 600"):
        open_with_recovery(path, RECOVERY_PRIVATE)


def test_never_overwritten(path: Path) -> None:
    """A key file that stands is never replaced."""
    with pytest.raises(HomeNotReady, match="never overwritten"):
        write_sealed(
            path, bytes(32), label=KeyLabel("hub-signing", "hub", CREATED), opened_by=OPENED_BY
        )
    assert opened(path) == SECRET


@pytest.mark.parametrize(
    ("secret", "label", "opened_by", "refusal"),
    [
        (SECRET[:-1], KeyLabel("tag", "hub", CREATED), OPENED_BY, HomeNotReady),
        (SECRET, KeyLabel("recipient", "hub", CREATED), OPENED_BY, HomeNotReady),
        (SECRET, KeyLabel("tag", "MARKER", CREATED), OPENED_BY, HomeNotReady),
        (SECRET, KeyLabel("tag", "hub", "MARKER"), OPENED_BY, HomeNotReady),
        (SECRET, KeyLabel("tag", "hub", CREATED), OpenedBy("MARKER", RECOVERY), HomeNotReady),
        (SECRET, KeyLabel("tag", "hub", CREATED), OpenedBy(PASSPHRASE, None), HomeNotReady),
        (SECRET, KeyLabel("tag", "hub", CREATED), OpenedBy(PASSPHRASE, b"MARKER"), NotTrusted),
        (SECRET, KeyLabel("tag", "hub", CREATED), OpenedBy(PASSPHRASE, RECOVERY, 7), HomeNotReady),
    ],
    ids=["secret", "length", "owner", "date", "passphrase", "no recovery", "recovery", "cost"],
)
def test_refuses_to_write(
    tmp_path: Path, secret: bytes, label: KeyLabel, opened_by: OpenedBy, refusal: type[HubError]
) -> None:
    """What could not be opened again, or too easily, is not written, and nothing of it is shown."""
    with pytest.raises(refusal) as refused:
        write_sealed(tmp_path / "key", secret, label=label, opened_by=opened_by)
    assert "MARKER" not in f"{refused.value!r}{refused.value.__cause__!r}"
    assert list(tmp_path.iterdir()) == []


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
