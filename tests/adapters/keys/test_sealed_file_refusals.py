"""Key files that must not open: altered, exchanged, hostile, open to others; and bad writing."""

import json
from pathlib import Path

import pytest

from adapters.keys import derivation, encapsulation
from adapters.keys.sealed_file import (
    KeyLabel,
    OpenedBy,
    open_sealed,
    open_with_recovery,
    read_key_file,
    write_sealed,
)
from domain.canonical import JsonValue
from domain.errors import HomeNotReady, HubError, NotOpened, NotTrusted
from domain.values import to_text
from tests.adapters.keys.one_key_file import (
    CREATED,
    OPENED_BY,
    PASSPHRASE,
    RECOVERY,
    RECOVERY_PRIVATE,
    SECRET,
    altered,
    opened,
)


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
    ],
)
def test_altered_anywhere(path: Path, places: tuple[str, ...], value: JsonValue) -> None:
    """Whatever is altered in a file that still reads as one, it does not open."""
    with pytest.raises(NotOpened, match="key file"):
        opened(altered(path, *places, value=value))


def test_spelled_in_another_way(path: Path) -> None:
    """Sealed bytes have one spelling: a file with another is none that is known here."""
    with pytest.raises(HomeNotReady):
        opened(altered(path, "sealed", value=to_text(bytes(59))[:-1] + "B"))


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
    monkeypatch.setattr(derivation, "Scrypt", None)
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

    monkeypatch.setattr(derivation, "Scrypt", Greedy)
    with pytest.raises(HomeNotReady, match="memory"):
        opened(path, "never tried before")


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
