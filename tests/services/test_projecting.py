"""The runner: batches and positions go together, and one bad stream stops no other."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.views.schema import create
from adapters.views.sqlite import SqliteViews
from domain.errors import KeyMissing, NotOpened, RecordMalformed, StoredBytesDiffer, Unavailable
from services.folded import FoldedBatch, LeftOut, PositionMoved
from services.folding import BatchFold
from services.ports import Head, StoredEntry
from services.projecting import BATCH, TIMER_S, Bell, Projector, status
from tests.fakes_views import FakeViews
from tests.projections.builders import (
    ANOTHER_AGREEMENT,
    Borough,
    Told,
    event_id,
    folded,
    projector,
    rules,
)

CELL = "factor:13A"


class Torn(Exception):
    """The process is gone at this point."""


class DyingViews(FakeViews):
    """A store whose process dies at every third commit, before it is durable or after."""

    def __init__(self, *, after: bool) -> None:
        """Die before or after."""
        super().__init__()
        self._after = after
        self._commits = 0

    def commit(self, batch: FoldedBatch) -> None:
        """Commit, or die."""
        self._commits += 1
        if self._commits % 3 or self._after:
            super().commit(batch)
        if self._commits % 3 == 0:
            raise Torn


class BrokenLog:
    """A ledger that cannot be reached until it is mended."""

    def __init__(self, borough: Borough) -> None:
        """Begin broken."""
        self.mended = False
        self._borough = borough

    def read(self, start: int, limit: int) -> Sequence[StoredEntry]:
        """Read, if mended."""
        if not self.mended:
            raise Unavailable("the ledger")
        return self._borough.read(start, limit)

    def head(self) -> Head:
        """Give the end."""
        return self._borough.head()


def telling(length: int, ledger: str = "havering") -> Borough:
    """Give a borough that corrects every third assessment and withdraws every tenth event."""
    borough = Borough(ledger)
    for at in range(length):
        if at % 10 == 9:
            borough.withdraws(event_id(ledger, at - 4))
        elif at % 3 == 2:
            told = Told(stream=f"s{at - 1}", corrects=event_id(ledger, at - 1))
            borough.assessed(f"child {at}", ["13A"], told)
        else:
            borough.assessed(f"child {at}", ["13A"], Told(stream=f"s{at}"))
    return borough


@pytest.mark.parametrize("after", [False, True], ids=["before-commit", "after-commit"])
def test_a_runner_that_dies_loses_and_doubles_nothing(*, after: bool) -> None:
    """Killed between fold and commit, or after it, the next runner goes on to the same views."""
    borough = telling(60)
    store = DyingViews(after=after)
    deaths = 0
    while (at := store.position("havering")) < 60:
        try:
            projector(store, borough).fold_to("havering", min(60, at + 7))
        except Torn:
            deaths += 1
    assert deaths > 1
    assert store.digest("havering") == folded(borough).store.digest("havering")


def test_a_batch_that_another_runner_folded_is_dropped() -> None:
    """Of two runners that fold one batch at once, one writes, the other reads on from there."""
    borough = telling(40)
    store = FakeViews()
    slow = BatchFold(("havering", 0), store, rules(borough), borough.read).fold(borough.read(0, 20))
    projector(store, borough).fold_to("havering", 30)
    with pytest.raises(PositionMoved):
        store.commit(slow)
    projector(store, borough).fold_to("havering", 40)
    assert store.digest("havering") == folded(borough).store.digest("havering")


def test_two_runners_at_once_give_one_result(tmp_path: Path) -> None:
    """Two processes that project into one file make the views that one makes."""
    boroughs = (telling(2 * BATCH + 7), telling(BATCH + 3, "redbridge"))
    create(tmp_path / "views.sqlite", "v1")

    def run() -> None:
        store = SqliteViews(tmp_path / "views.sqlite", versions="v1", key=bytes(32))
        runner = projector(store, *boroughs)
        for borough in boroughs:
            for size in range(37, len(borough.entries), 37):
                with contextlib.suppress(Unavailable):  # the other one is further already
                    runner.fold_to(borough.ledger, size)
        while any(store.position(one.ledger) < len(one.entries) for one in boroughs):
            runner.step()

    workers = [threading.Thread(target=run) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    create(tmp_path / "alone.sqlite", "v1")
    alone = SqliteViews(tmp_path / "alone.sqlite", versions="v1", key=bytes(32))
    both = SqliteViews(tmp_path / "views.sqlite", versions="v1", key=bytes(32))
    folded(*boroughs, store=alone)
    for borough in boroughs:
        assert both.digest(borough.ledger) == alone.digest(borough.ledger)


def test_a_step_folds_one_batch_of_every_ledger() -> None:
    """A step is bounded, and a ledger that has nothing new costs nothing."""
    havering, redbridge = telling(BATCH + 1), telling(3, "redbridge")
    store = FakeViews()
    runner = projector(store, havering, redbridge)
    assert [runner.step() for _ in range(3)] == [BATCH + 3, 1, 0]
    assert store.position("redbridge") == 3


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (KeyMissing("ledger"), "key-missing"),
        (NotOpened("header"), "not-opened"),
        (RecordMalformed("leaf"), "record-malformed"),
        (StoredBytesDiffer("part 1"), "stored-bytes-differ"),
    ],
)
def test_an_entry_that_does_not_open_parks_its_stream(fault: NotOpened, reason: str) -> None:
    """The stream stops there with a reason, what follows is counted behind, others go on."""
    borough = Borough("havering")
    borough.assessed("mia", ["13A"], Told(stream="bad"))
    borough.cannot_open("bad")
    borough.opened[1] = fault
    borough.assessed("noah", ["13A"], Told(stream="bad"))
    borough.assessed("ava", ["13A"], Told(stream="good"))
    views = folded(borough)
    (parked,) = views.store.folded("havering").parked
    assert (parked.position, parked.reason, parked.entries) == (1, reason, 2)
    assert views.cells("havering", CELL) == {CELL: (2, 2, 2)}
    (source,) = views.store.folded("havering").sources
    assert (source.entries, source.numbers) == (2, ((2, 3),))


def test_a_parked_stream_stays_parked_in_later_batches() -> None:
    """Parking is stored: a runner that starts later still counts the stream's events behind."""
    borough = Borough("havering")
    borough.cannot_open("bad")
    store = FakeViews()
    projector(store, borough).step()
    borough.assessed("mia", ["13A"], Told(stream="bad"))
    projector(store, borough).step()
    (parked,) = store.folded("havering").parked
    assert parked.entries == 2
    assert folded(borough, store=store).cells("havering", CELL) == {}


def test_a_record_without_a_leaf_is_of_no_source() -> None:
    """An entry that is no record at all is parked all the same."""
    borough = Borough("havering")
    borough.cannot_open("bad")
    entry = borough.entries[0]
    borough.entries[0] = StoredEntry(0, entry.event_id, entry.stream_tag, b"\0", b"")
    views = folded(borough).store
    assert views.folded("havering").sources == ()
    assert [one.entries for one in views.folded("havering").parked] == [1]


def test_only_what_the_agreement_covers_is_folded() -> None:
    """Events whose agreement does not name the purpose are left out, and that is said."""
    borough = Borough("havering")
    first = borough.assessed("mia", ["13A"])
    borough.assessed("noah", ["13A"], Told(agreement=ANOTHER_AGREEMENT))
    views = folded(borough)
    assert views.cells("havering", CELL) == {CELL: (1, 1, 1)}
    assert views.store.folded("havering").left_out == (LeftOut(ANOTHER_AGREEMENT, 1),)
    borough.withdraws(first, Told(agreement=ANOTHER_AGREEMENT))
    assert folded(borough).cells("havering", CELL) == {}


def test_a_correction_under_another_agreement_ends_what_it_corrects() -> None:
    """What it says instead is not for these views; that the old value is wrong is for everybody."""
    borough = Borough("havering")
    first = borough.assessed("mia", ["13A"], Told(stream="s"))
    told = Told(stream="s", corrects=first, agreement=ANOTHER_AGREEMENT)
    borough.assessed("mia", ["16A"], told)
    assert folded(borough).cells("havering", CELL, "factor:16A") == {}


def test_an_event_changed_in_the_batch_is_seen_so_by_the_next() -> None:
    """What a batch changed of an earlier one is not read as it was before the batch."""
    borough = Borough("havering")
    waiting = borough.assessed("mia", ["16A"], Told(stream="s", corrects=event_id("havering", 2)))
    borough.withdraws(waiting)
    borough.assessed("mia", ["13A"], Told(stream="s"))
    third = borough.assessed("mia", ["11A"], Told(stream="s", corrects=event_id("havering", 2)))
    borough.withdraws(event_id("havering", 2))
    borough.withdraws(third)
    for cut in range(1, 6):
        store = FakeViews()
        projector(store, borough).fold_to("havering", cut)
        projector(store, borough).fold_to("havering", 6)
        assert store.digest("havering") == folded(borough).store.digest("havering")
    assert folded(borough).cells("havering", CELL, "factor:16A", "factor:11A") == {}


def test_an_event_ends_its_open_interval_alone() -> None:
    """Standing again and ending again leaves what was answered in between as it was."""
    borough = Borough("havering")
    borough.assessed("mia", ["13A"], Told(stream="s"))
    for _ in range(3):
        correction = borough.assessed(
            "mia", ["16A"], Told(stream="s", corrects=event_id("havering", 0))
        )
        borough.withdraws(correction)
    for cut in range(1, 8):
        store = FakeViews()
        projector(store, borough).fold_to("havering", cut)
        projector(store, borough).fold_to("havering", 7)
        assert store.digest("havering") == folded(borough).store.digest("havering")


def test_status_says_how_far_views_are_behind() -> None:
    """Size, position and lag of each ledger are given, in the ledgers' order."""
    havering, redbridge = telling(5), telling(2, "redbridge")
    store = FakeViews()
    projector(store, havering).fold_to("havering", 3)
    found = status({"havering": havering, "redbridge": redbridge}, store)
    assert [(one.folded.ledger, one.size, one.folded.position, one.lag) for one in found] == [
        ("havering", 5, 3, 2),
        ("redbridge", 2, 0, 2),
    ]


def test_a_ledger_that_lost_entries_is_not_folded_to_what_it_had() -> None:
    """Views cannot be made of entries that are not there any more."""
    with pytest.raises(Unavailable):
        projector(FakeViews(), telling(3)).fold_to("havering", 4)


def test_running_goes_on_until_stopped(caplog: pytest.LogCaptureFixture) -> None:
    """An outage is waited out, then everything is folded, and a stop is obeyed at the next wait."""
    borough = telling(BATCH + 5)
    log = BrokenLog(borough)
    store = FakeViews()
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        log.mended = True
        return len(waits) == 4

    with caplog.at_level(logging.WARNING):
        Projector({"havering": log}, lambda: store, rules(borough)).run(wait)
    assert waits == [TIMER_S, 0, 0, TIMER_S]
    assert store.position("havering") == BATCH + 5
    assert ["the ledger is not available" in one for one in caplog.messages] == [True]


def test_a_bell_wakes_and_stops() -> None:
    """A ring is not lost when it comes before the wait, and a stop ends it for good."""
    bell = Bell()
    bell.ring()
    assert bell.wait(60) is False
    bell.stop()
    assert bell.wait(60) is True
    assert Bell().wait(0) is False
