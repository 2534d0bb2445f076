"""Digests of SQLite's views: as of any position, and of every row that a view is read from."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.views.schema import create
from adapters.views.sqlite import SqliteViews
from domain.errors import Unavailable
from domain.values import Strict
from projections.projection import Contribution, Told, Traits
from projections.restrictions import Restriction
from services.audit.asking import Listening
from services.audit.comparing import whole_against_live
from services.folded import FoldedBatch, FoldedEvent, LeftOut, ParkedEntry, State
from services.views import LedgerDigest, ViewStore
from tests.contracts.views.builders import DAY, HERE, STREAM, event, stands
from tests.fakes_views import FakeViews
from tests.projections.builders import Borough, projector
from tests.projections.histories import SMALL, Move, moves, told

ALTERED = (
    "UPDATE contribution SET place = place + 1",
    "UPDATE contribution SET episode = 7",
    "DELETE FROM contribution WHERE cell = (SELECT id FROM word WHERE text = 'strategy:late')",
    "UPDATE standing SET month = month + 1",
    "UPDATE standing SET until = since + 1 WHERE entry % 4 = 2",
    "UPDATE child SET trait = (SELECT MAX(id) FROM trait WHERE id <> child.trait)",
    "DELETE FROM linkage",
    "UPDATE told SET body = '{}'",
    "DELETE FROM restriction",
    "UPDATE state SET state = '{}'",
    "UPDATE parked SET reason = 'another'",
    "UPDATE left_out SET entries = 0",
    "UPDATE day SET day = day + 1",
    "UPDATE link SET withdrawn = 1",
    "DELETE FROM destroyed",
    "UPDATE word SET text = 'another' WHERE text = 'strategy:late'",
)
"""One row of every table from which a view is read, changed by hand."""


class Said(Strict):
    """What an event may say."""

    value: int


def views(folder: Path, name: str = "views") -> SqliteViews:
    """Make an empty file of views."""
    path = folder / f"{name}.sqlite"
    create(path, "v1")
    return SqliteViews(path, versions="v1", key=b"k" * 32)


def everything() -> FoldedBatch:
    """Give a batch that writes into every table."""
    said = Told("a", Said(value=1))
    events = (
        event(0, Contribution("strategy:late", "mia", "e")),
        event(1, Contribution("factor:13A", "mia", "e"), Contribution("factor:13A", "ann", "f")),
        FoldedEvent(event(2).link, (), told=(("figures", said),)),
        FoldedEvent(event(3).link, (), restriction=Restriction(subjects=("mia",))),
    )
    traits: dict[str | None, Traits] = {"mia": Traits(sex="f"), "ann": Traits(sex="m")}
    tokens = {"mia": (("nhs", b"key", b"token"),)}
    events = (events[0], events[1]._replace(traits=traits, tokens=tokens), *events[2:])
    return FoldedBatch(
        HERE,
        0,
        5,
        events,
        begun=stands(*events),
        states=(State("feed-health", "x", b"1"),),
        parked=(ParkedEntry(4, STREAM, 4, "unknown-source", "x", 1),),
        left_out=(LeftOut("x@1", 1),),
        destroyed=(b"key",),
        days=((DAY, 0),),
    )


@pytest.mark.parametrize("altered", ALTERED)
def test_every_altered_row_is_found(tmp_path: Path, altered: str) -> None:
    """An altered row differs, whatever view is read from its table, though nobody asked for it."""
    live, projected = views(tmp_path), views(tmp_path, "again")
    again = Listening(projected)
    live.commit(everything())
    projected.commit(everything())
    assert whole_against_live(again, live, {HERE: 5}).differing == ()
    with closing(sqlite3.connect(tmp_path / "views.sqlite", isolation_level=None)) as file:
        assert file.execute(altered).rowcount > 0
    assert whole_against_live(again, live, {HERE: 5}).differing != ()


@given(history=moves(), data=st.data())
@settings(max_examples=15)
def test_a_past_digest_is_that_of_the_past(history: list[Move], data: st.DataObject) -> None:
    """Whatever was folded since, what keeps its past has the digest that it had at a size."""
    borough = told(history)[0]
    size = data.draw(st.integers(0, len(borough.entries)))
    with tempfile.TemporaryDirectory() as folder:
        for live in (FakeViews(), views(Path(folder))):
            past = _then(live, borough, size)
            assert live.digest(borough.ledger, size) == past
            with pytest.raises(Unavailable):
                live.digest(borough.ledger, len(borough.entries) + 1)


def _then(live: ViewStore, borough: Borough, size: int) -> LedgerDigest:
    """Fold a borough whole; gives what its views were digested to at a size."""
    runner = projector(live, borough, projections=SMALL)
    runner.fold_to(borough.ledger, size)
    past = live.digest(borough.ledger, size)
    runner.fold_to(borough.ledger, len(borough.entries))
    return past
