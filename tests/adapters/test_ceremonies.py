"""Keys of a home are made, shared with whom we trust, and recovered."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.assembly import ceremonies
from adapters.assembly.identities import trust_file
from adapters.settings import HOME_VARIABLE, BoroughHome, borough_home
from domain.errors import NotOpened, NotTrusted
from domain.reference.body_keys import BodyKeys
from domain.reference.documents import read_as
from domain.values import to_bytes
from services.trust import Vouched

PASSPHRASE = "a passphrase of tests"
COST = 2**10


@pytest.fixture
def recovery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the public half of a recovery key, in a fresh home of homes."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "homes"))
    ceremonies.make_recovery(tmp_path / "recovery.json", PASSPHRASE, cost=COST)
    return tmp_path / "recovery.json.pub"


def a_borough(name: str, recovery: Path) -> BoroughHome:
    """Make a borough's keys."""
    home = borough_home(name)
    ceremonies.make_borough(home, PASSPHRASE, recovery, cost=COST)
    return home


def keys_of(home: BoroughHome) -> BodyKeys:
    """Read a borough's public keys."""
    return read_as(BodyKeys, home.public_keys.read_bytes())


def vouch(by: BoroughHome, of: BoroughHome) -> None:
    """Have one borough believe another's recipient key."""
    mark = to_bytes(ceremonies.fingerprints(of)["recipient"])
    trust_file(by.name).add(Vouched(of.name, "recipient", mark))


def test_a_linkage_key_goes_to_a_trusted_borough_and_to_nobody_else(recovery: Path) -> None:
    """What one borough seals, the other opens to the same key, and a third cannot."""
    first, second, third = (a_borough(name, recovery) for name in ("north", "south", "west"))
    ceremonies.make_linkage(first, PASSPHRASE, recovery, cost=COST)
    vouch(first, second)
    shared = ceremonies.share_linkage(first, PASSPHRASE, keys_of(second))
    secret = ceremonies.take_linkage(second, PASSPHRASE, shared)
    ceremonies.make_linkage(second, PASSPHRASE, recovery, secret=secret, cost=COST)
    marks = [ceremonies.fingerprints(home)["linkage"] for home in (first, second)]
    assert marks[0] == marks[1]
    with pytest.raises(NotOpened):
        ceremonies.take_linkage(third, PASSPHRASE, shared)


def test_a_linkage_key_is_not_sealed_to_a_key_that_nobody_read_out(recovery: Path) -> None:
    """A public key that our trust file does not vouch for gets nothing."""
    first, second = (a_borough(name, recovery) for name in ("north", "south"))
    ceremonies.make_linkage(first, PASSPHRASE, recovery, cost=COST)
    with pytest.raises(NotTrusted):
        ceremonies.share_linkage(first, PASSPHRASE, keys_of(second))


@pytest.mark.parametrize("shared", [b"", b"[]", b"{}", b'{"from":"north","sealed":"AA","to":"x"}'])
def test_what_is_no_shared_key_is_refused(recovery: Path, shared: bytes) -> None:
    """Anything else in place of a shared key is refused by name."""
    with pytest.raises(NotOpened):
        ceremonies.take_linkage(a_borough("north", recovery), PASSPHRASE, shared)


def test_recovery_opens_every_key_file(recovery: Path) -> None:
    """A rehearsal opens all of them, and is remembered; before it there was none."""
    home = a_borough("north", recovery)
    assert ceremonies.rehearsed_on(home) is None
    opened = ceremonies.rehearse(home, recovery.with_suffix(""), PASSPHRASE)
    assert sorted(opened) == ["recipient", "signing", "tag"]
    assert ceremonies.rehearsed_on(home) is not None
