"""A witness's home: its key and its book are made together, and stay together."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.assembly import ceremonies, witnesses
from adapters.log_settings import POLICY_VARIABLE, WitnessHome, witness_policy
from domain.errors import HomeNotReady, NotProven
from domain.reference.body_keys import fingerprint
from domain.tlog_policy import read_policy
from domain.values import to_text
from tests.log_rig import SmallLog
from tests.note_rig import ORIGIN, WITNESSES

PASSPHRASE, COST, NAME = "a passphrase of tests", 2**10, "havering.example/witness"


@pytest.fixture
def home(tmp_path: Path) -> WitnessHome:
    """Give the home of a witness that was made."""
    ceremonies.make_recovery(tmp_path / "recovery.json", "another passphrase", cost=COST)
    made = WitnessHome(tmp_path / "witness")
    make(made, NAME)
    return made


def make(home: WitnessHome, name: str) -> tuple[str, str]:
    """Make a witness; gives its key and its fingerprint."""
    recovery = home.folder.parent / "recovery.json.pub"
    opened_by = witnesses.recovered_by(PASSPHRASE, recovery, cost=COST)
    key, mark = witnesses.make_witness(home, "havering", name, opened_by)
    assert mark == to_text(fingerprint("witness", key.public))
    return key.vkey(), mark


def refused(home: WitnessHome, why: str) -> None:
    """Expect a witness not to start."""
    with pytest.raises(HomeNotReady, match=why), witnesses.open_witness(home, PASSPHRASE):
        raise AssertionError


def test_a_witness_is_made_once(home: WitnessHome) -> None:
    """Key and book are never overwritten, whichever of them is gone."""
    vkey, logs, evidence = witnesses.witness_status(home)
    assert (vkey.split("+")[0], logs, evidence) == (NAME, [], [])
    with pytest.raises(HomeNotReady, match="never overwritten"):
        make(home, NAME)
    home.book.unlink()
    with pytest.raises(HomeNotReady, match="never overwritten"):
        make(home, NAME)
    refused(home, "must not sign")


def test_a_key_goes_with_its_own_book(home: WitnessHome) -> None:
    """With the book of another witness a key does not sign."""
    other = WitnessHome(home.folder.parent / "other")
    make(other, NAME)
    home.book.unlink()
    other.book.rename(home.book)
    refused(home, "another witness")


def test_a_name_that_cannot_sign_makes_nothing(tmp_path: Path, home: WitnessHome) -> None:
    """A name with a space or a plus could stand on no line: neither key nor book is made."""
    other = WitnessHome(tmp_path / "other")
    for name in ("two words", "one+more", ""):
        with pytest.raises(NotProven, match="key-name"):
            make(other, name)
    assert not other.folder.exists()


def test_a_witness_serves_logs_alone(home: WitnessHome) -> None:
    """A log is entered by its key, under its origin; what is no log's key is refused."""
    for key in (one.key for one in SmallLog().signers):
        assert witnesses.serve_log(home, key.vkey()) == ORIGIN
    with pytest.raises(NotProven, match="vkey-malformed"):
        witnesses.serve_log(home, "nonsense")
    with pytest.raises(HomeNotReady, match="the key of a witness"):
        witnesses.serve_log(home, WITNESSES[0].key.vkey())
    _, logs, _ = witnesses.witness_status(home)
    assert [(one.origin, one.size, one.cosigned) for one in logs] == [(ORIGIN, 0, None)]


def test_the_policy_file_is_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one nobody is asked; one that is not there, or holds nonsense, is said."""
    monkeypatch.delenv(POLICY_VARIABLE, raising=False)
    assert witness_policy() is None
    path = tmp_path / "policy"
    monkeypatch.setenv(POLICY_VARIABLE, str(path))
    assert witness_policy() == path
    with pytest.raises(HomeNotReady, match="no policy file"):
        witnesses.policy_of(path)
    path.write_text(f"witness b0 {WITNESSES[0].key.vkey()}\nquorum b1\n")
    with pytest.raises(NotProven, match="on line 2: policy-unknown-name"):
        witnesses.policy_of(path)


def test_a_witness_without_an_address_cannot_be_asked() -> None:
    """A policy for verifying needs no addresses; the hub's own needs one at least."""
    policy = read_policy(f"witness b0 {WITNESSES[0].key.vkey()}\nquorum b0\n".encode())
    with pytest.raises(HomeNotReady, match="has an address"), witnesses.asked_witnesses(policy):
        raise AssertionError


def test_a_witness_that_was_replaced_counts_for_what_it_cosigned() -> None:
    """The old key stands beside the new one in a group of one body, without an address."""
    old, new = (one.key.vkey() for one in WITNESSES[:2])
    lines = (
        f"witness havering-2025 {old}",
        f"witness havering-2026 {new} http://127.0.0.1:1/",
        "group havering any havering-2025 havering-2026",
        "quorum havering",
    )
    policy = read_policy("\n".join((*lines, "")).encode())
    with witnesses.asked_witnesses(policy) as asked:
        assert [one.name for one in asked] == ["havering-2026"]
    for name in ("havering-2025", "havering-2026"):
        assert policy.satisfied([name])
