"""After an erasure no byte of the child is in the borough's files, and no older store tells it."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.client.borough_store import SqliteBoroughStore
from adapters.client.fence_file import FenceFile
from adapters.store_mark import mark_of
from domain.errors import HomeNotReady, Unavailable
from domain.values import to_text
from services.client_ports import Name
from services.erasing_ports import Fence
from tests.services.borough.boroughs import Borough, assessment, referral
from tests.services.borough.erasures import NEWER, asked, erased, pseudonyms_here, returned
from tests.services.borough.fake_hub import FakeHub

SOURCE = "/participants/havering/social-care"
OTHER_SOURCE = "/participants/havering/mash"
CHILD = "NATURAL-KEY-OF-A-CHILD"
STORE = "borough.sqlite"


@contextmanager
def opened(folder: Path, hub: FakeHub, source: str = SOURCE) -> Iterator[Borough]:
    """Open a borough's home as a process of its own would."""
    with SqliteBoroughStore(folder / STORE, source) as store:
        yield Borough(hub, store=store, fences=FenceFile(folder / "fences.json"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a folder that nobody else looks into."""
    tmp_path.chmod(0o700)
    return tmp_path


def everything(folder: Path) -> bytes:
    """Give the bytes of every file in a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def school(count: int) -> list[str]:
    """Name many other children."""
    return [f"C{number}" for number in range(count)]


def test_no_byte_of_the_child_is_left(home: Path) -> None:
    """Neither id nor pseudonyms, nor what was sealed: in no page, free or used, and no journal."""
    hub = FakeHub()
    with opened(home, hub) as borough:
        whole = [referral(one) for one in (*school(120), CHILD)]
        returned(borough, *whole, assessment(CHILD), referral(CHILD, "2023-05-01"))
        refused = referral(CHILD, "2023-06-01")
        hub.judge = lambda event: "no" if event.data.subjects else None
        returned(borough, *whole, assessment(CHILD), refused)
        hub.judge = lambda _: None
        with borough.store.transaction():
            names: list[Name] = [("person", CHILD)]
            for row in borough.store.erasures.about([CHILD]):
                names += [("stream", row.stream), ("episode", row.episode or "")]
            found = borough.store.pseudonyms.find(names)
        assert CHILD.encode() in everything(home)
        assert all(one in everything(home) for one in found.values())
        erased(borough, CHILD)
        left = everything(home)
        assert CHILD.encode() not in left
        for pseudonym in found.values():
            assert pseudonym not in left
            assert to_text(pseudonym).encode() not in left
        assert returned(borough, *whole, assessment(CHILD)) == {"erased": 2, "unchanged": 120}
        assert CHILD.encode() not in everything(home)


def test_an_older_store_does_not_publish_the_erased_past(home: Path) -> None:
    """Put back from before the erasure, it forgets the child again before it does anything."""
    hub = FakeHub()
    with opened(home, hub) as borough:
        returned(borough, referral(CHILD), referral("C2"))
        borough.client().publish([referral(CHILD, "2023-06-01")])
    shutil.copy(home / STORE, home.parent / "backup")
    with opened(home, hub) as borough:
        borough.client().send()
        erased(borough, CHILD)
    (home / STORE).unlink()
    mark_of(home / STORE).unlink()  # somebody goes on with it all the same
    shutil.copy(home.parent / "backup", home / STORE)
    sent = len(hub.received)
    with opened(home, hub) as borough:
        borough.client().send()
        assert CHILD.encode() not in everything(home)
        told = (referral(CHILD), referral(CHILD, "2023-06-01"), referral("C2"))
        assert returned(borough, *told, referral(CHILD, NEWER)) == {
            "erased": 2,
            "new": 1,
            "unchanged": 1,
        }
        named = pseudonyms_here(borough, CHILD)
    later = b"".join(hub.received[sent:])
    assert not [one for one in hub.fenced if f'"pseudonym":"{one}"'.encode() in later]
    assert all(one.encode() in later for one in named)


def test_a_lost_file_of_fences_is_written_again(home: Path) -> None:
    """Store and file each make up for the other."""
    hub = FakeHub()
    with opened(home, hub) as borough:
        returned(borough, referral(CHILD))
        erased(borough, CHILD)
    fences = (home / "fences.json").read_bytes()
    (home / "fences.json").unlink()
    with opened(home, hub) as borough:
        borough.client().send()
    assert (home / "fences.json").read_bytes() == fences


def test_every_source_of_a_borough_forgets(home: Path) -> None:
    """What another system of the borough told of the child goes as well, and stays away."""
    hub = FakeHub()
    with opened(home, hub, OTHER_SOURCE) as other:
        other.name = "havering"
        other.client().publish([referral(CHILD, "2023-05-02")])
    with opened(home, hub) as borough:
        returned(borough, referral(CHILD))
        erased(borough, CHILD)
        assert CHILD.encode() not in everything(home)
    with opened(home, hub, OTHER_SOURCE) as other:
        assert returned(other, referral(CHILD, "2023-05-02")) == {"erased": 1}


def test_while_others_read_tidying_says_that_it_is_not_done(home: Path) -> None:
    """A process that reads keeps the journal; tidying again when it has stopped empties it."""
    hub = FakeHub()
    with opened(home, hub) as borough:
        returned(borough, referral(CHILD))
        request = asked(borough, CHILD)
        hub.destroy(request)
        reader = sqlite3.connect(home / STORE, isolation_level=None)
        try:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM published").fetchone()
            borough.store._file.connection.execute("PRAGMA busy_timeout = 100")  # type: ignore[attr-defined]  # the wait of a real one is long
            with pytest.raises(Unavailable, match="another process reads"):
                borough.client().tidy()
            reader.execute("COMMIT")
        finally:
            reader.close()
        borough.client().tidy()
        assert CHILD.encode() not in everything(home)


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"fences":[{}],"format":"bhr-fences/v1"}'])
def test_a_damaged_file_of_fences_stops_everything(home: Path, raw: bytes) -> None:
    """Nothing is published by a client that cannot know what was erased."""
    (home / "fences.json").write_bytes(raw)
    with opened(home, FakeHub()) as borough, pytest.raises(HomeNotReady, match="is damaged"):
        borough.client().publish([referral()])


def test_fences_say_nothing_of_whom_they_are_about(home: Path) -> None:
    """The file holds keyed tags and days, and is its owner's alone."""
    file = FenceFile(home / "fences.json")
    fence = Fence(b"t" * 32, "2023-11-14", (b"f" * 16,))
    file.keep([fence])
    file.keep([Fence(b"u" * 32, "2023-11-14", erased=False)])
    assert fence in file.kept()
    assert len(file.kept()) == 2
    assert (home / "fences.json").stat().st_mode & 0o077 == 0
    assert [one.name for one in home.iterdir()] == ["fences.json"]
