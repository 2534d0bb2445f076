"""The file of views: who may open it, what stands in it, and what it says when it cannot answer."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from adapters.views.schema import create
from adapters.views.sqlite import SqliteViews
from domain.errors import HomeNotReady, Unavailable
from services.views import Question
from tests.projections.builders import Borough, Told, folded, pseudonym

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give an empty file of views, version v1."""
    create(tmp_path / "views.sqlite", "v1")
    return tmp_path / "views.sqlite"


def views(path: Path, key: bytes = KEY) -> SqliteViews:
    """Open a file."""
    return SqliteViews(path, versions="v1", key=key)


def assessed() -> Borough:
    """Give a borough that assessed a child in a known episode."""
    borough = Borough("havering")
    borough.assessed("mia", ["13A"], Told(stream="s"), episode="e")
    borough.cannot_open("s")
    return borough


def test_no_pseudonym_stands_in_the_file(path: Path) -> None:
    """Who holds the file without its key finds no child, episode or stream in it."""
    folded(assessed(), store=views(path))
    held = b"".join(one.read_bytes() for one in path.parent.glob("views.sqlite*"))
    assert b"factor:13A" in held
    for word in ("mia", "e", "s"):
        assert pseudonym(word).encode() not in held


def test_numbers_follow_from_the_key(path: Path, tmp_path: Path) -> None:
    """Under another key every child has another number, so two files cannot be joined."""
    create(tmp_path / "another.sqlite", "v1")
    folded(assessed(), store=views(path))
    folded(assessed(), store=views(tmp_path / "another.sqlite", b"k" * 32))
    statement = "SELECT DISTINCT subject FROM contribution"
    numbers = []
    for one in (path, tmp_path / "another.sqlite"):
        connection = sqlite3.connect(one)
        numbers.append(connection.execute(statement).fetchall())
        connection.close()
    assert len(numbers[0]) == len(numbers[1]) == 1
    assert numbers[0] != numbers[1]


def test_the_file_is_its_owners_alone(path: Path) -> None:
    """File, log and index of views can be read by nobody else."""
    folded(assessed(), store=views(path))
    assert {one.stat().st_mode & 0o777 for one in path.parent.glob("views.sqlite*")} == {0o600}


def test_a_file_is_not_made_twice(path: Path, tmp_path: Path) -> None:
    """Making a file where one is, or where none can be, is refused and harms nothing."""
    with pytest.raises(HomeNotReady):
        create(path, "v1")
    assert views(path).position("havering") == 0
    with pytest.raises(HomeNotReady):
        create(tmp_path / "no such folder" / "views.sqlite", "v1")


def test_other_projections_views_are_refused(path: Path) -> None:
    """A file that other projections made is stale: it says so, and what to do."""
    with pytest.raises(HomeNotReady, match="bhr views rebuild"):
        SqliteViews(path, versions="v2", key=KEY)


def test_what_is_no_file_of_views_is_refused(tmp_path: Path) -> None:
    """Another file in its place is refused by name, never read as empty views."""
    strange = tmp_path / "strange.sqlite"
    strange.write_bytes(b"no database " * 1000)
    with pytest.raises((HomeNotReady, Unavailable)):
        views(strange)
    sqlite3.connect(tmp_path / "empty.sqlite").close()
    (tmp_path / "empty.sqlite").touch()
    with pytest.raises(HomeNotReady):
        views(tmp_path / "empty.sqlite")
    with pytest.raises(Unavailable):
        views(tmp_path / "missing.sqlite")
    assert not (tmp_path / "missing.sqlite").exists()


def test_a_broken_file_is_unavailable_and_says_nothing_of_it(path: Path) -> None:
    """What SQLite says of a broken file stays inside: the answer is that nothing is available."""
    store = views(path)
    folded(assessed(), store=store)
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE contribution")
    connection.close()
    question = Question(
        groups={"a": frozenset({"factor:13A"})}, period="whole", ledgers=("havering",)
    )
    with pytest.raises(Unavailable) as caught:
        store.count(question)
    assert "contribution" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_transaction_that_fails_leaves_nothing(path: Path) -> None:
    """When one table cannot be written, neither is any other, nor the position."""
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE left_out")
    connection.close()
    store = views(path)
    with pytest.raises(Unavailable):
        folded(assessed(), store=store)
    assert store.position("havering") == 0
