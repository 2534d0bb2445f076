"""Figures that were counted once are found by readers that start anew, for as long as they hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from adapters.views.reading import ReadOnlyViews
from adapters.views.schema import create
from adapters.views.sqlite import SqliteViews
from services.views import Counted, Question
from tests.projections.builders import Borough, Told, projector

KEY = bytes(range(32))
MONTHS = 18
CELLS = ("assessment", "factor:any", *(f"factor:{one}" for one in ("13A", "16A", "21")))
QUESTION = Question(
    groups={f"{at}": frozenset(CELLS[: 1 + at % 5]) | {f"none {at}"} for at in range(20)},
    period="month",
    ledgers=("havering",),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give an empty file of views."""
    create(tmp_path / "views.sqlite", "v1")
    return tmp_path / "views.sqlite"


@pytest.fixture
def borough(path: Path) -> Borough:
    """Give a ledger with an assessment a month, folded."""
    made = Borough("havering")
    for at in range(MONTHS):
        assess(made, at, f"child {at}")
    fold(path, made)
    return made


def views(path: Path) -> SqliteViews:
    """Open the file as a process does that starts now."""
    return SqliteViews(path, versions="v1", key=KEY)


def assess(borough: Borough, month: int, child: str) -> None:
    """Append an assessment."""
    day = f"{2022 + month // 12}-{month % 12 + 1:02}-10"
    borough.assessed(child, ["13A"], Told(on=day, stream=child))


def fold(path: Path, borough: Borough) -> None:
    """Fold all that has come."""
    projector(views(path), borough).fold_to("havering", len(borough.entries))


def rows(store: SqliteViews) -> tuple[Counted, ...]:
    """Count everything."""
    return store.count(QUESTION).rows


def stored(path: Path) -> int:
    """Give how many figures are stored."""
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute("SELECT COUNT(*) FROM total").fetchone()[0]
    return found


@contextmanager
def without_rows(path: Path) -> Iterator[None]:
    """Take away what figures are counted from, so that what is answered was stored."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE contribution RENAME TO taken")
        connection.execute("CREATE TABLE contribution AS SELECT * FROM taken WHERE 0")
    yield
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE contribution")
        connection.execute("ALTER TABLE taken RENAME TO contribution")


def test_a_process_that_starts_anew_reads_what_was_counted(path: Path, borough: Borough) -> None:
    """Not one row is looked at for it."""
    counted = rows(views(path))
    assert borough.entries
    assert stored(path) == MONTHS * len(QUESTION.groups)
    with without_rows(path):
        assert rows(views(path)) == counted


def test_a_batch_has_its_own_months_counted_again(path: Path, borough: Borough) -> None:
    """What is stored of other months goes on to hold, and nothing stored outlives a change."""
    before = rows(views(path))
    assess(borough, 3, "another")
    fold(path, borough)
    after = rows(views(path))
    assert {one.period for one in {*after} - {*before}} == {"2022-04"}
    assert {one.events for one in {*after} - {*before}} == {2}
    assert rows(views(path)) == after


def test_nothing_stored_outlives_an_erasure(path: Path, borough: Borough) -> None:
    """The figures go in the erasing transaction, those of a reader that had counted before too."""
    reader = views(path)
    rows(reader)
    borough.destroys("child 0")
    fold(path, borough)
    assert stored(path) == 0
    after = rows(views(path))
    assert "2022-01" not in {one.period for one in after}
    assert rows(reader) == after == rows(views(path))


def test_what_is_cut_is_not_stored(path: Path, borough: Borough) -> None:
    """A figure by age band shows what is said of children, who may be few."""
    cut = Question(groups=QUESTION.groups, period="month", ledgers=("havering",), cut="age-band")
    assert views(path).count(cut).rows
    assert borough.entries
    assert stored(path) == 0


def test_a_figure_that_somebody_made_up_is_not_believed(path: Path, borough: Borough) -> None:
    """Who changes a stored figure without the view key has it counted again."""
    expected = rows(views(path))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE total SET children = children + 1")
    assert rows(views(path)) == expected
    assert borough.entries


def test_who_cannot_write_answers_all_the_same(path: Path, borough: Borough) -> None:
    """While another process writes, and where the file is only read, nothing is stored."""
    expected = rows(views(path))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM total")
    with closing(sqlite3.connect(path, isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")
        assert rows(views(path)) == expected
        busy.execute("ROLLBACK")
    assert rows(ReadOnlyViews(path, versions="v1", key=KEY)) == expected
    assert stored(path) == 0


def test_an_audit_counts_the_rows_themselves(path: Path, borough: Borough) -> None:
    """A row that somebody took away shows, though the figure was stored before."""
    expected = rows(views(path))
    with without_rows(path):
        assert rows(ReadOnlyViews(path, versions="v1", key=KEY)) == ()
    assert rows(views(path)) == expected
    assert borough.entries
