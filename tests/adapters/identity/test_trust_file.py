"""Our own trust file: what was told by other means, and nothing that somebody else wrote there."""

from __future__ import annotations

import json
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.identity.trust_file import SETTLED_NS, TrustFile
from domain.canonical import canonical
from domain.errors import HomeNotReady, NotFound
from domain.values import to_text
from services.trust import FOREVER, Vouched

HAVERING = Vouched("havering", "signing", bytes([1]) * 32)
OTHERS = [
    Vouched("redbridge", "signing", HAVERING.fingerprint),
    Vouched("havering", "recipient", HAVERING.fingerprint),
    Vouched("havering", "hub", HAVERING.fingerprint),
    Vouched("havering", "signing", bytes([2]) * 32),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the place of a trust file that is not there yet, nor its folder."""
    return tmp_path / "home" / "trust.json"


def written(path: Path, content: bytes, mode: int = 0o600) -> TrustFile:
    """Write a trust file by hand."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    return TrustFile(path)


def a_line(**changes: str) -> dict[str, str]:
    """Give an entry as it stands in the file."""
    line = {
        "fingerprint": to_text(HAVERING.fingerprint),
        "participant": "havering",
        "purpose": "signing",
    }
    return {**line, **changes}


def test_nobody_is_vouched_for_before_anybody_said_so(path: Path) -> None:
    """No file yet is no entry, and asking makes none."""
    assert TrustFile(path).entries() == ()
    assert not path.parent.exists()


def test_exactly_what_was_added_is_vouched_for(path: Path) -> None:
    """This body, this purpose, this fingerprint; in another process as well."""
    TrustFile(path).add(HAVERING)
    assert TrustFile(path).entries() == (HAVERING,)


def test_entries_keep_their_order_and_stand_once(path: Path) -> None:
    """The newest comes last; adding one twice changes nothing."""
    trust = TrustFile(path)
    for one in [HAVERING, *OTHERS, HAVERING]:
        trust.add(one)
    assert trust.entries() == (HAVERING, *OTHERS)


def test_the_file_is_for_its_owner_alone_and_as_documented(path: Path) -> None:
    """Mode 0600 in a folder of 0700, canonical JSON, and nothing beside it."""
    TrustFile(path).add(HAVERING)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    fingerprint = to_text(HAVERING.fingerprint)
    assert path.read_text(encoding="ascii") == (
        f'{{"vouched":[{{"fingerprint":"{fingerprint}","participant":"havering",'
        '"purpose":"signing"}]}'
    )
    assert [one.name for one in path.parent.iterdir()] == ["trust.json"]


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_not_believed(path: Path, mode: int) -> None:
    """Who could write it could have anybody believed."""
    trust = written(path, json.dumps({"vouched": [a_line()]}).encode(), mode)
    for ask in (trust.entries, lambda: trust.add(HAVERING)):
        with pytest.raises(HomeNotReady, match="others may write"):
            ask()
    path.chmod(0o600)
    assert trust.entries() == (HAVERING,)


BROKEN = [
    b"",
    b"[]",
    b"\xff",
    b'{"vouched":[],"vouched":[]}',
    json.dumps({"vouched": [], "extra": []}).encode(),
    json.dumps({"vouched": [a_line(extra="x")]}).encode(),
    json.dumps({"vouched": [a_line(purpose="whatever")]}).encode(),
    json.dumps({"vouched": [a_line(participant="Havering")]}).encode(),
    json.dumps({"vouched": [a_line(fingerprint=to_text(bytes(31)))]}).encode(),
    json.dumps({"vouched": [a_line(fingerprint=to_text(bytes(32))[:-1] + "B")]}).encode(),
]


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_file_stops_everything(path: Path, content: bytes) -> None:
    """Nothing is believed by halves, nothing is overwritten, and no content is repeated."""
    trust = written(path, content)
    for ask in (trust.entries, lambda: trust.add(HAVERING)):
        with pytest.raises(HomeNotReady) as found:
            ask()
        assert str(found.value) == f"{path} is no trust file: restore it, or add anew"
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "wrong",
    [
        Vouched("havering", "signing", b""),
        Vouched("havering", "signing", bytes(31)),
        Vouched("havering", "signing", bytes(33)),
        Vouched("Havering", "signing", bytes(32)),
    ],
)
def test_what_could_not_be_read_again_is_not_added(path: Path, wrong: Vouched) -> None:
    """A fingerprint of another length would make the whole file unreadable from then on."""
    trust = TrustFile(path)
    trust.add(HAVERING)
    with pytest.raises(HomeNotReady, match="not trusted"):
        trust.add(wrong)
    assert trust.entries() == (HAVERING,)


def test_a_place_that_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    """A folder where the file should be, or a file where the folder should be."""
    (tmp_path / "trust.json").mkdir()
    with pytest.raises(HomeNotReady, match="cannot be read"):
        TrustFile(tmp_path / "trust.json").entries()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(HomeNotReady, match="cannot be"):
        TrustFile(tmp_path / "file" / "trust.json").add(HAVERING)


def test_a_crash_while_writing_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stood stands, and nothing half written stays beside it."""
    TrustFile(path).add(HAVERING)
    before = path.read_bytes()

    def fail(_: int) -> None:
        raise OSError(28, "Marker9f41")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(HomeNotReady) as found:
        TrustFile(path).add(OTHERS[0])
    assert "Marker9f41" not in str(found.value)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["trust.json"]


def test_the_new_name_is_durable_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File and folder are both on the disk when adding returns."""
    synced: list[bool] = []
    real = os.fsync

    def noted(handle: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        real(handle)

    monkeypatch.setattr(os, "fsync", noted)
    TrustFile(path).add(HAVERING)
    assert synced == [False, True]


def test_nothing_added_at_once_is_lost(path: Path) -> None:
    """Many hands that add at the same moment all find their entry there."""
    marks = [Vouched("havering", "signing", bytes([number]) * 32) for number in range(24)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda mark: TrustFile(path).add(mark), marks))
    assert sorted(one.fingerprint for one in TrustFile(path).entries()) == sorted(
        mark.fingerprint for mark in marks
    )


ENTRIES = st.lists(
    st.builds(
        Vouched,
        st.from_regex(r"[a-z][a-z0-9-]{0,62}", fullmatch=True),
        st.sampled_from(["hub", "recipient", "signing"]),
        st.binary(min_size=32, max_size=32),
    ),
    max_size=5,
)


@given(entries=ENTRIES)
@settings(max_examples=25)
def test_whatever_is_added_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Vouched]
) -> None:
    """In order, once each."""
    trust = TrustFile(tmp_path_factory.mktemp("home") / "trust.json")
    for one in entries:
        trust.add(one)
    assert trust.entries() == tuple(dict.fromkeys(entries))


def test_belief_is_taken_back_from_an_instant_on(path: Path) -> None:
    """Dated in the file; the earliest instant counts, and what was given anew stands again."""
    trust = TrustFile(path)
    trust.add(HAVERING)
    trust.add(OTHERS[0])
    for until_ms in (1_750_000_000_001, 1_760_000_000_000):
        trust.remove(replace(HAVERING, until_ms=until_ms))
    removed = replace(HAVERING, until_ms=1_750_000_000_001)
    assert trust.entries() == (removed, OTHERS[0])
    assert '"until":"2025-06-15T15:06:40.001Z"' in path.read_text(encoding="ascii")
    trust.add(HAVERING)
    assert trust.entries() == (removed, OTHERS[0], HAVERING)
    trust.remove(replace(HAVERING, until_ms=1_770_000_000_000))
    assert [one.until_ms for one in trust.entries() if one.purpose == "signing"] == [
        removed.until_ms, FOREVER, 1_770_000_000_000,
    ]  # fmt: skip


@pytest.mark.parametrize("other", OTHERS)
def test_nothing_is_taken_back_that_was_not_given(path: Path, other: Vouched) -> None:
    """Another body, purpose or fingerprint is named as unknown, and nothing changes."""
    trust = TrustFile(path)
    trust.add(HAVERING)
    with pytest.raises(NotFound):
        trust.remove(replace(other, until_ms=1))
    assert trust.entries() == (HAVERING,)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Give which files were opened to be read, from here on."""
    found: list[Path] = []
    path_open = Path.open

    def noted(path: Path, mode: str) -> object:
        found.append(path)
        return path_open(path, mode)

    monkeypatch.setattr(Path, "open", noted)
    return found


def test_it_is_read_again_when_it_changed(path: Path, opened: list[Path]) -> None:
    """A file that has lain for a while is read once; whatever is done to it is seen at once."""
    trust = written(path, canonical({"vouched": [a_line()]}))
    opened.clear()
    later = time.time_ns() + 2 * SETTLED_NS
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(time, "time_ns", lambda: later)
        for _ in range(3):
            assert trust.entries() == (HAVERING,)
        assert opened == [path]
        trust.add(OTHERS[0])
        assert trust.entries() == (HAVERING, OTHERS[0])
        path.chmod(0o622)
        with pytest.raises(HomeNotReady, match="others may write"):
            trust.entries()
        path.unlink()
        assert trust.entries() == ()


def test_what_was_changed_just_now_is_not_remembered(path: Path, opened: list[Path]) -> None:
    """It may be changed again before the file's time shows that."""
    trust = written(path, canonical({"vouched": [a_line()]}))
    opened.clear()
    assert trust.entries() == trust.entries() == (HAVERING,)
    assert opened == [path, path]
