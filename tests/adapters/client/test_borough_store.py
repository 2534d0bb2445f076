"""The SQLite store of a borough: who may read it, what a crash leaves, how much memory it takes."""

import os
import sqlite3
import stat
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.client.borough_store import SqliteBoroughStore
from domain.errors import HomeNotReady, Unavailable
from services.borough.drafting import Draft
from services.borough.reconciling import Returning
from services.borough.sessions import DAY_MS
from services.client_ports import Name
from tests.services.borough.boroughs import Borough, assessment, referral
from tests.services.borough.fake_hub import FakeHub

SOURCE = "/participants/havering/social-care"
CHILD: Name = ("person", "2:C1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give where a store may stand."""
    tmp_path.chmod(0o700)
    return tmp_path / "havering" / "borough.sqlite"


def test_only_its_owner_may_read_it(path: Path) -> None:
    """The table of pseudonyms, its log and its index are closed to everybody else."""
    with SqliteBoroughStore(path, SOURCE) as store, store.transaction():
        store.pseudonyms.add({CHILD: b"p" * 32})
        files = list(path.parent.iterdir())
        assert len(files) == 4  # with its write-ahead log and shared memory, and its mark
        assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_others_may_read_is_refused(path: Path) -> None:
    """A store or a home that somebody opened to others is not used until that is put right."""
    SqliteBoroughStore(path, SOURCE).close()
    path.chmod(0o640)
    with pytest.raises(HomeNotReady, match="chmod 600"):
        SqliteBoroughStore(path, SOURCE)
    path.chmod(0o600)
    path.parent.chmod(0o755)
    with pytest.raises(HomeNotReady, match="chmod 700"):
        SqliteBoroughStore(path, SOURCE)
    path.parent.chmod(0o700)
    SqliteBoroughStore(path, SOURCE).close()


def test_what_is_no_store_is_refused(path: Path) -> None:
    """A text, another program's database, a folder or a pipe in its place is named and left."""
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"a text that is long enough to be read as a header" * 100)
    path.chmod(0o600)
    with pytest.raises(HomeNotReady, match="not a store, or damaged"):
        SqliteBoroughStore(path, SOURCE)
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    path.chmod(0o600)
    with pytest.raises(HomeNotReady, match="not a borough's store"):
        SqliteBoroughStore(path, SOURCE)
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(HomeNotReady, match="not a plain file"):
        SqliteBoroughStore(path, SOURCE)
    path.unlink()
    path.mkdir()
    with pytest.raises(HomeNotReady, match="cannot be made"):
        SqliteBoroughStore(path, SOURCE)


def test_a_store_of_a_later_version_is_left_alone(path: Path) -> None:
    """An older client does not write into what it does not know."""
    SqliteBoroughStore(path, SOURCE).close()
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(HomeNotReady, match="not of this version"):
        SqliteBoroughStore(path, SOURCE)


def test_it_comes_back_as_it_was_left(path: Path) -> None:
    """What a transaction wrote is there after a restart."""
    with SqliteBoroughStore(path, SOURCE) as store, store.transaction():
        store.pseudonyms.add({CHILD: b"p" * 32})
        store.outbox.take_sequence(3)
    with SqliteBoroughStore(path, SOURCE) as store, store.transaction():
        assert store.pseudonyms.find([CHILD]) == {CHILD: b"p" * 32}
        assert store.outbox.take_sequence(0) == 4


def test_sources_share_pseudonyms_and_nothing_else(path: Path) -> None:
    """A child is one subject in both systems of a borough; numbers and outboxes are apart."""
    with (
        SqliteBoroughStore(path, SOURCE) as one,
        SqliteBoroughStore(path, "/participants/havering/early-help") as other,
    ):
        borough = Borough(FakeHub(), store=one)
        borough.client().publish([referral("C1")])
        with other.transaction():
            name: Name = ("person", "C1")
            assert list(other.pseudonyms.find([name])) == [name]
            assert other.outbox.take_sequence(0) == 1
            assert other.outbox.next_try() is None
            assert other.published.counts() == {}
            assert other.sessions.in_use(("havering",)) is None
            assert other.published.latest_own("canary", "pending") is None


def test_two_openings_wait_for_each_other(path: Path) -> None:
    """Two processes never write at once: the second begins when the first has ended."""
    order: list[str] = []
    with SqliteBoroughStore(path, SOURCE) as one, SqliteBoroughStore(path, SOURCE) as other:
        begun = threading.Event()

        def second() -> None:
            begun.wait()
            with other.transaction():
                order.append("second")

        thread = threading.Thread(target=second)
        thread.start()
        with one.transaction():
            begun.set()
            one.pseudonyms.add({CHILD: b"p" * 32})
            order.append("first")
        thread.join()
    assert order == ["first", "second"]


def test_a_store_that_cannot_be_written_is_said(path: Path) -> None:
    """A full disk or a lost file system is Unavailable, and leaves nothing half done."""
    with SqliteBoroughStore(path, SOURCE) as store:
        store._file.connection.execute("PRAGMA query_only = ON")
        with pytest.raises(Unavailable, match="borough's store"):
            Borough(FakeHub(), store=store).client().publish([referral()])
        store._file.connection.execute("PRAGMA query_only = OFF")
        assert Borough(FakeHub(), store=store).client().status().waiting == 0


def test_no_error_says_what_was_to_be_written(path: Path) -> None:
    """SQLite's own words may quote a row: they are not passed on."""
    with SqliteBoroughStore(path, SOURCE) as store:
        with pytest.raises(Unavailable) as error:
            _write_twice(store)
        assert "C1" not in str(error.value)
        assert error.value.__suppress_context__


def _write_twice(store: SqliteBoroughStore) -> None:
    with store.transaction():
        store.pseudonyms.add({CHILD: b"too short"})


def test_a_closed_session_s_secret_is_overwritten(path: Path) -> None:
    """When a session is turned its secret is not left lying in the file."""
    with SqliteBoroughStore(path, SOURCE) as store:
        borough = Borough(FakeHub(), store=store)
        borough.client().publish([referral("C1")])
        with store.transaction():
            before = store.sessions.in_use(("havering",))
        assert before is not None
        borough.clock.now += DAY_MS
        borough.client().publish([referral("C2")])
        store._file.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert before.secret not in path.read_bytes()
        with store.transaction():
            after = store.sessions.in_use(("havering",))
        assert after is not None
        assert after.secret in path.read_bytes()


def test_an_answered_document_is_not_kept(path: Path) -> None:
    """What was acknowledged is at the hub: here its ids and digests stay, and the answer."""
    with SqliteBoroughStore(path, SOURCE) as store:
        client = Borough(FakeHub(), store=store).client()
        (submission,) = client.publish([referral()]).submissions
        client.send()
        rows = store._file.connection.execute(
            "SELECT document, length(events), length(statements) FROM outbox WHERE submission = ?",
            (submission.bytes,),
        ).fetchall()
    assert rows == [(None, 2 * 16, 2 * 32)]


def peak(path: Path, children: int) -> int:
    """Publish a return of so many children, twice, and give the peak of memory in bytes."""

    def drafts() -> Iterator[Draft]:
        for number in range(children):
            yield referral(f"C{number}")
            yield assessment(f"C{number}")

    def gone(_: object) -> None:
        """Note nothing."""

    with SqliteBoroughStore(path, SOURCE) as store:
        client = Borough(FakeHub(), store=store).client()
        returning = Returning("cin-census", lambda _: True, gone)
        client.publish([], returning)
        tracemalloc.start()
        client.publish(drafts(), returning)
        client.publish(drafts(), returning)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most


def test_memory_does_not_grow_with_the_return(tmp_path: Path) -> None:
    """A return of several times the size takes as much memory: what was seen is on the disk."""
    tmp_path.chmod(0o700)
    peak(tmp_path / "warm.sqlite", 100)
    small = peak(tmp_path / "small.sqlite", 550)
    large = peak(tmp_path / "large.sqlite", 1_650)
    assert large < 1.2 * small
