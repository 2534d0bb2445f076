"""A key file and its successor: put in use in steps, each of which may be the last."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from adapters.keys import succession
from adapters.keys.ceremony import Ceremony
from adapters.keys.sealed_file import key_fingerprint, read_key_file
from adapters.keys.succession import Succession
from domain.errors import HomeNotReady
from domain.values import to_text
from tests.adapters.keys.one_key_file import OPENED_BY, PASSPHRASE


@pytest.fixture
def ceremony(tmp_path: Path) -> Ceremony:
    """Give what makes key files of a borough in a folder."""
    return Ceremony(tmp_path / "key-files", "havering", OPENED_BY)


@pytest.fixture
def keys(ceremony: Ceremony) -> Succession:
    """Give a recipient key that is in use."""
    ceremony.make(("recipient", "signing"))
    return Succession(ceremony.folder, "recipient")


def marks(*paths: Path) -> list[str]:
    """Give the fingerprints on key files."""
    return [read_key_file(path).fingerprint for path in paths]


def test_a_successor_waits_until_it_is_put_in_use(keys: Succession, ceremony: Ceremony) -> None:
    """Made once, it stands beside the key in use; then that one is kept, and all still open."""
    (first,) = marks(keys.in_use)
    keys.begin(ceremony)
    (second,) = marks(keys.successor)
    keys.begin(ceremony)
    assert marks(*keys.to_open()) == [first, second]
    for _ in range(2):  # done again it changes nothing
        keys.finish()
        assert marks(*keys.to_open()) == [second, first]
    assert not keys.successor.exists()
    for path in keys.to_open():
        secret = keys.opened(path, "havering", PASSPHRASE)
        assert to_text(key_fingerprint("recipient", secret)) in {first, second}
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((keys.folder / "former").stat().st_mode) == 0o700


def test_one_purpose_touches_no_other(keys: Succession, ceremony: Ceremony) -> None:
    """Replacing a recipient key leaves the signing key, and its list of former ones, alone."""
    other = Succession(keys.folder, "signing")
    before = other.in_use.read_bytes()
    keys.begin(ceremony)
    keys.finish()
    assert other.in_use.read_bytes() == before
    assert (other.former(), other.to_open()) == ([], [other.in_use])


class Killed(BaseException):
    """Stands for the process's death: no handler of ours catches it."""


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_killed_while_it_is_put_in_use(
    keys: Succession, ceremony: Ceremony, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Dead at any step, no key is lost, and the next try ends with the successor in use."""
    (first,) = marks(keys.in_use)
    keys.begin(ceremony)
    (second,) = marks(keys.successor)
    left = [steps]

    def dying(folder: Path) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(succession, "sync_folder", dying)
        if steps < 2:
            with pytest.raises(Killed):
                keys.finish()
        assert set(marks(*keys.to_open())) == {first, second}
    keys.finish()
    assert marks(*keys.to_open()) == [second, first]


def test_there_must_be_a_key_to_replace(tmp_path: Path, ceremony: Ceremony) -> None:
    """Without a key in use there is nothing that a successor could follow."""
    with pytest.raises(HomeNotReady, match="no such key here to replace"):
        Succession(tmp_path, "recipient").begin(ceremony)
