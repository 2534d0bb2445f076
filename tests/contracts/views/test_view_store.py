"""What every store of views promises, asked of SQLite and of the fake alike."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path

import pytest

from adapters.views.schema import create
from adapters.views.sqlite import SqliteViews
from projections.projection import Contribution
from projections.standing import Link
from services.folded import (
    Ended,
    FoldedBatch,
    FoldedEvent,
    LeftOut,
    ParkedEntry,
    PositionMoved,
    State,
)
from services.views import ParkedSource, ParkedStream, RegisterRow, ViewStore
from tests.contracts.views.builders import DAY, HERE, STREAM, Reopen, ask, event, fold, stands
from tests.fakes_views import FakeViews


def test_nothing_is_folded_at_first(store: ViewStore) -> None:
    """A ledger that was never met is at position 0, and every answer about it is empty."""
    assert store.position(HERE) == 0
    assert ask(store, "any") == []
    assert store.folded(HERE).parked == ()
    assert store.register("feed-health") == []
    assert store.best(HERE, uuid.UUID(int=1), ()) is None
    assert store.digest(HERE).position == 0


def test_rows_and_position_are_written_together(reopen: Reopen) -> None:
    """What one process commits, another finds: rows and position alike."""
    fold(reopen(), event(0, Contribution("factor:13A", "mia", "e1")))
    assert reopen().position(HERE) == 1
    assert ask(reopen(), "factor:13A") == [("", 1, 1, 1)]


def test_only_one_of_two_runners_writes_a_batch(reopen: Reopen) -> None:
    """A batch whose beginning is not the stored position changes nothing and says so."""
    batch = FoldedBatch(HERE, 0, 1, (event(0, Contribution("a", "mia")),), begun=stands(event(0)))
    reopen().commit(batch)
    before = reopen().digest(HERE)
    with pytest.raises(PositionMoved):
        reopen().commit(batch)
    with pytest.raises(PositionMoved):
        reopen().commit(FoldedBatch(HERE, 2, 3, (event(2),)))
    assert reopen().digest(HERE) == before


def linked(position: int, names: int | None, root: int | None, depth: int = 0) -> Link:
    """Give the link of an event that names another."""
    named = None if names is None else uuid.UUID(int=1000 + names)
    first = None if root is None else uuid.UUID(int=1000 + root)
    known = uuid.UUID(int=1000 + position)
    return Link(known, position, "/participants/a/b", STREAM, "k", DAY, named, first, depth)


def written(store: ViewStore, *links: Link) -> None:
    """Write links alone."""
    before = store.position(HERE)
    events = tuple(FoldedEvent(link, ()) for link in links)
    store.commit(FoldedBatch(HERE, before, before + len(links), events))


def ids(*numbers: int) -> set[uuid.UUID]:
    """Give the ids of the events at these positions."""
    return {uuid.UUID(int=1000 + one) for one in numbers}


def test_links_are_found_as_they_were_written(store: ViewStore) -> None:
    """An event is found by its id, and by the event that it names, field by field."""
    links = [linked(0, None, 0), linked(1, 0, 0, 1), linked(2, 9, None)]
    written(store, *links)
    found = store.links(HERE, ids(0, 1, 2, 3))
    assert sorted(found, key=lambda link: link.position) == links
    assert store.naming(HERE, ids(0)) == [links[1]]
    assert store.naming(HERE, ids(9)) == [links[2]]
    assert store.links("redbridge", ids(0)) == []


def test_the_best_of_a_fact(store: ViewStore) -> None:
    """Who stands is the deepest, then the later, and never one withdrawn or left out."""
    links = [
        linked(0, None, 0),
        linked(1, 0, 0, 1),
        linked(2, 1, 0, 2),
        linked(3, 0, 0, 1),
        linked(4, 2, 0, 3),
    ]
    written(store, *links)
    store.commit(FoldedBatch(HERE, 5, 6, changed=(links[4]._replace(withdrawn=True),)))
    root = uuid.UUID(int=1000)
    order = [(), (2,), (2, 3), (1, 2, 3), (0, 1, 2, 3)]
    assert [store.best(HERE, root, ids(*one)) for one in order] == [
        links[2],
        links[3],
        links[1],
        links[0],
        None,
    ]


def test_a_link_changes(store: ViewStore) -> None:
    """A correction that waited joins its fact, and one that is withdrawn stands no longer."""
    written(store, linked(0, 1, None), linked(1, None, 1))
    joined = linked(0, 1, 1, 1)
    store.commit(FoldedBatch(HERE, 2, 3, changed=(joined,)))
    root = uuid.UUID(int=1001)
    assert store.best(HERE, root, ()) == joined
    gone = joined._replace(withdrawn=True)
    store.commit(FoldedBatch(HERE, 3, 4, changed=(gone,)))
    assert store.best(HERE, root, ()) == linked(1, None, 1)
    assert store.links(HERE, ids(0)) == [gone]


def test_waiting_is_counted(store: ViewStore) -> None:
    """What names an event that has not come waits, and no longer once it has."""
    written(store, linked(0, 2, None), linked(1, 7, None))
    assert store.folded(HERE).waiting == 2
    written(store, linked(2, None, 2))
    assert store.folded(HERE).waiting == 1


def test_states_of_registers(store: ViewStore) -> None:
    """A state is replaced by the next one of its key, in its own register and ledger alone."""
    store.commit(FoldedBatch(HERE, 0, 1, states=(State("a", "k", b"1"), State("b", "k", b"2"))))
    store.commit(FoldedBatch(HERE, 1, 2, states=(State("a", "k", b"3"), State("a", "l", b"4"))))
    store.commit(FoldedBatch("barking", 0, 1, states=(State("a", "k", b"5"),)))
    assert store.states(HERE, "a", ["k", "l", "m"]) == {"k": b"3", "l": b"4"}
    assert store.register("a") == [
        RegisterRow("barking", "k", b"5"),
        RegisterRow("havering", "k", b"3"),
        RegisterRow("havering", "l", b"4"),
    ]
    found = store.folded(HERE, "b", "a", "none")
    assert found.states == {"b": {"k": b"2"}, "a": {"k": b"3", "l": b"4"}, "none": {}}
    assert store.folded(HERE).states == {}


def parked(entries: Iterable[tuple[int, int, str | None, int | None]]) -> tuple[ParkedEntry, ...]:
    """Give parked entries: position, stream, reason, number of the one source."""
    return tuple(
        ParkedEntry(
            position,
            uuid.UUID(int=stream),
            position,
            reason,
            None if number is None else "/participants/a/b",
            number,
        )
        for position, stream, reason, number in entries
    )


def test_parked_streams_and_sources(store: ViewStore) -> None:
    """A stream says where and why it stopped and how much is behind, a source which numbers."""
    store.commit(
        FoldedBatch(
            HERE,
            0,
            6,
            parked=parked(
                [
                    (0, 1, "key-missing", 1),
                    (2, 1, None, 2),
                    (3, 2, "fold-failed", 4),
                    (5, 3, "record-malformed", None),
                ]
            ),
        )
    )
    one, two, three, four = (uuid.UUID(int=number) for number in (1, 2, 3, 4))
    assert store.parked_streams(HERE, [one, two, four]) == {one, two}
    assert store.parked_streams("redbridge", [one]) == set()
    assert store.folded(HERE).parked == (
        ParkedStream(one, 0, "key-missing", 2),
        ParkedStream(two, 3, "fold-failed", 1),
        ParkedStream(three, 5, "record-malformed", 1),
    )
    sources = (ParkedSource("/participants/a/b", 3, ((1, 2), (4, 4))),)
    assert store.folded(HERE).sources == sources


def test_what_is_left_out_adds_up(store: ViewStore) -> None:
    """Events under an agreement that does not name the purpose are counted, agreement by one."""
    store.commit(FoldedBatch(HERE, 0, 3, left_out=(LeftOut("x@1", 2), LeftOut("y@1", 1))))
    store.commit(FoldedBatch(HERE, 3, 4, left_out=(LeftOut("x@1", 1),)))
    assert store.folded(HERE).left_out == (LeftOut("x@1", 3), LeftOut("y@1", 1))


def test_a_digest_shows_any_difference(reopen: Reopen, tmp_path: Path) -> None:
    """Equal contents have equal digests whatever the batches; one row apart shows in its part."""
    first, second = event(0, Contribution("a", "mia", "e")), event(1, Contribution("b", "mia", "e"))
    one = reopen()
    fold(one, first, second)
    another: ViewStore = FakeViews()
    if not isinstance(one, FakeViews):
        create(tmp_path / "another.sqlite", "v1")
        another = SqliteViews(tmp_path / "another.sqlite", versions="v1", key=b"k" * 32)
        fold(another, event(0), ledger="barking")
    fold(another, first)
    fold(another, second)
    assert another.digest(HERE) == one.digest(HERE)
    another.commit(FoldedBatch(HERE, 2, 3, ended=(Ended(1, 2),)))
    fold(one, event(2))
    assert another.digest(HERE).position == one.digest(HERE).position
    assert another.digest(HERE).parts != one.digest(HERE).parts
