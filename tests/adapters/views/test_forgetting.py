"""What is left in the file of views of a child whose key was destroyed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from adapters.views.schema import create
from adapters.views.sqlite import SqliteViews
from adapters.views.writing import keyed_tag
from domain.vocabulary.assessment import AssessmentCompleted
from services.views import Counted, Question, ViewStore
from tests.projections.builders import Borough, Person, Told, projector, pseudonym

KEY = bytes(range(32))
QUESTION = Question(
    groups={"any": frozenset({"assessment"})},
    period="month",
    ledgers=("havering",),
    cut="age-band",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give an empty file of views."""
    create(tmp_path / "views.sqlite", "v1")
    return tmp_path / "views.sqlite"


def views(path: Path) -> SqliteViews:
    """Open the file as another process would."""
    return SqliteViews(path, versions="v1", key=KEY)


def assess(borough: Borough, child: str, band: str) -> None:
    """Append an assessment of a child, of whom an age band is said."""
    shared = AssessmentCompleted.Shared.model_validate({"age_band": band})
    facts = AssessmentCompleted.Facts(authorisation_date="2023-04-03")
    borough.tells(AssessmentCompleted, facts, [Person(child, shared)], Told(stream=child))


def fold(store: ViewStore, borough: Borough) -> None:
    """Fold all that has come."""
    projector(store, borough).fold_to("havering", len(borough.entries))


def bands(store: ViewStore) -> list[tuple[str, int]]:
    """Ask for children by age band."""
    rows: tuple[Counted, ...] = store.count(QUESTION).rows
    return [(row.value, row.children) for row in rows]


def sealed(path: Path) -> list[bytes]:
    """Give what the dictionary of traits holds, by number."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT sealed FROM trait ORDER BY id").fetchall()
    connection.close()
    return [row[0] for row in rows]


def test_nothing_that_only_the_erased_child_had_can_be_read(path: Path) -> None:
    """A combination of traits that others have stays; one that nobody else has is emptied."""
    borough = Borough("havering")
    for child, band in (("mia", "1-4"), ("mia", "5-9"), ("noah", "5-9")):
        assess(borough, child, band)
    fold(views(path), borough)
    assert [bool(one) for one in sealed(path)] == [True, True]
    borough.destroys("mia")
    fold(views(path), borough)
    assert [bool(one) for one in sealed(path)] == [False, True]
    assert bands(views(path)) == [("5-9", 1)]


def test_who_remembers_numbers_of_traits_learns_that_one_is_gone(path: Path) -> None:
    """Given a process that had read it, what is said of a later child is still said."""
    borough = Borough("havering")
    lasting, another = views(path), views(path)
    assess(borough, "mia", "1-4")
    fold(lasting, borough)
    assert bands(lasting) == [("1-4", 1)]
    borough.destroys("mia")
    fold(another, borough)
    assert bands(lasting) == []
    assess(borough, "noah", "1-4")
    fold(lasting, borough)
    assert bands(lasting) == bands(another) == bands(views(path)) == [("1-4", 1)]


def test_figures_that_were_remembered_are_counted_again(path: Path) -> None:
    """As of the same positions, an answer before and one after an erasure differ by the child."""
    borough = Borough("havering")
    store = views(path)
    assess(borough, "mia", "1-4")
    assess(borough, "noah", "1-4")
    fold(store, borough)
    assert bands(store) == [("1-4", 2)]
    borough.destroys("mia")
    fold(store, borough)
    assert bands(store) == [("1-4", 1)]


def test_the_childs_number_is_nowhere_in_the_file(path: Path) -> None:
    """Deleted rows are overwritten, in the file and in its log."""
    borough = Borough("havering")
    assess(borough, "mia", "1-4")
    assess(borough, "noah", "1-4")
    store = views(path)
    fold(store, borough)

    def held(child: str) -> bool:
        number = keyed_tag(KEY, "havering", pseudonym(child)).to_bytes(8, "big", signed=True)
        return any(number in one.read_bytes() for one in path.parent.glob("views.sqlite*"))

    assert held("mia")
    borough.destroys("mia")
    fold(store, borough)
    assert not held("mia")
    assert held("noah")
