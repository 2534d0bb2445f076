"""Keys of a home are made, shared with whom we trust, and recovered."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.assembly import ceremonies
from adapters.assembly.identities import trust_file
from adapters.keys.checkpoint_key import CheckpointKey
from adapters.keys.sealed_file import open_sealed
from adapters.log_settings import LogSettings, origin_of, write_log
from adapters.settings import (
    HOME_VARIABLE,
    BoroughHome,
    borough_home,
    hub_home,
)
from domain.errors import HomeNotReady, NotOpened, NotTrusted
from domain.reference.body_keys import BodyKeys
from domain.reference.documents import read_as
from domain.signed_note import KeyKind
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


def test_the_hub_s_logs_have_two_keys_each(recovery: Path) -> None:
    """From the hub's public keys come the keys of each log, under its origin, one of each kind."""
    home = hub_home()
    ceremonies.make_hub(home, PASSPHRASE, recovery, cost=COST)
    secret = open_sealed(
        home.key_file("checkpoint-signing"), PASSPHRASE, purpose="checkpoint-signing", owner="bhr"
    )
    signers = CheckpointKey(secret).signers("bhr.invalid/havering")
    assert list(ceremonies.keys_of_logs(home, ["havering"])) == [one.key for one in signers]
    kinds = [KeyKind.ED25519, KeyKind.ML_DSA_44]
    found = list(ceremonies.keys_of_logs(home, ["bhr", "havering"]))
    assert [(key.name, key.kind) for key in found] == [
        (f"bhr.invalid/{ledger}", kind) for ledger in ("bhr", "havering") for kind in kinds
    ]


def test_the_logs_of_no_hub_have_no_keys(recovery: Path) -> None:
    """Before keys were made there is nothing to be shown, and the way out is said."""
    with pytest.raises(HomeNotReady, match="bhr keys init"):
        list(ceremonies.keys_of_logs(hub_home(), ["havering"]))


def test_the_logs_are_named_once(recovery: Path) -> None:
    """A name given is kept for ever: it is in all that was signed. The same again does no harm."""
    home = hub_home()
    assert origin_of(home, "havering") == "bhr.invalid/havering"
    for _ in range(2):
        write_log(home, LogSettings(name="hub.example/logs"))
    assert origin_of(home, "havering") == "hub.example/logs/havering"
    with pytest.raises(HomeNotReady, match="have a name already"):
        write_log(home, LogSettings(name="other.example"))
    home.log.write_bytes(b"nonsense")
    with pytest.raises(HomeNotReady, match="does not say"):
        origin_of(home, "havering")


@pytest.mark.parametrize(
    "name", ["", "hub example", "hub+example", "https://hub", "/hub", "h" * 181]
)
def test_a_log_s_name_is_an_address_without_its_scheme(name: str) -> None:
    """A name that could not stand on a signature line is refused before anything is signed."""
    with pytest.raises(ValueError, match="name"):
        LogSettings(name=name)


def test_recovery_opens_every_key_file(recovery: Path) -> None:
    """A rehearsal opens all of them, and is remembered; before it there was none."""
    home = a_borough("north", recovery)
    assert ceremonies.rehearsed_on(home) is None
    opened = ceremonies.rehearse(home, recovery.with_suffix(""), PASSPHRASE)
    assert sorted(opened) == ["deciding", "recipient", "signing", "tag"]
    assert ceremonies.rehearsed_on(home) is not None
