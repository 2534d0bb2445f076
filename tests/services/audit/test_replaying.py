"""A replay sees what there was at a moment, folds it as live views do, and says what differs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import NotFound, Unavailable
from projections.projection import Recurrence
from services.audit.asking import Listening
from services.audit.comparing import Comparison, Difference, against_live, compare
from services.audit.replaying import Moment, Prefix, at, moment_of, replay
from services.folding import FAULTS, fault_code
from services.views import Period, Question
from tests.fakes_views import FakeViews
from tests.projections.builders import RECORDED_MS, Borough, projector, rules
from tests.projections.histories import CELLS, SMALL, Move, moves, told

GROUPS = {**{one: frozenset({one}) for one in CELLS}, "any of them": frozenset(CELLS)}
PERIODS: tuple[Period, ...] = ("month", "year-to-march", "whole")
WHOLE = {"havering": 2}


class DatedBorough(Borough):
    """A borough's ledger that knows when it had how many entries: one a millisecond."""

    def size_as_of(self, recorded_ms: int) -> int:
        """Give how many entries were recorded by then."""
        return max(0, min(len(self.entries), recorded_ms - RECORDED_MS + 1))


def silent(ledger: str, done: int, size: int) -> None:
    """Show nobody how far a replay is."""


def ask(store: Listening, boroughs: tuple[Borough, ...]) -> None:
    """Ask all that there is to ask, in each way of counting."""
    ledgers = tuple(borough.ledger for borough in boroughs)
    for period in PERIODS:
        question = Question(groups=GROUPS, period=period, ledgers=ledgers)
        store.count(question)
        store.count(question, Recurrence(frozenset({"referral"}), within_days=365))


def replayed(boroughs: tuple[Borough, ...], sizes: dict[str, int]) -> Listening:
    """Replay boroughs to these sizes, and ask."""
    views = FakeViews()
    store = Listening(views)
    ledgers = {one.ledger: Prefix(one, sizes[one.ledger]) for one in boroughs}
    replay(ledgers, views, rules(*boroughs, projections=SMALL), silent)
    ask(store, boroughs)
    return store


@given(history=moves(), data=st.data())
@settings(max_examples=40)
def test_replay_gives_past_answers_again(history: list[Move], data: st.DataObject) -> None:
    """Whatever follows, a replay to a past answer's positions answers as was answered then."""
    boroughs = told(history)
    live = FakeViews()
    sizes = {one.ledger: data.draw(st.integers(0, len(one.entries))) for one in boroughs}
    runner = projector(live, *boroughs, projections=SMALL)
    for name, size in sizes.items():
        runner.fold_to(name, size)
    then = Listening(live)
    ask(then, boroughs)
    for one in boroughs:
        runner.fold_to(one.ledger, len(one.entries))
    found = replayed(boroughs, sizes)
    assert found.counted == then.counted
    assert against_live(found, live, sizes).differing == ()


@given(history=moves(), data=st.data())
@settings(max_examples=30)
def test_a_replay_is_the_views_of_that_size(history: list[Move], data: st.DataObject) -> None:
    """Everything in the store, registers and parked streams too, is as of that moment."""
    boroughs = told(history)
    sizes = {one.ledger: data.draw(st.integers(0, len(one.entries))) for one in boroughs}
    store = FakeViews()
    ledgers = {one.ledger: Prefix(one, sizes[one.ledger]) for one in boroughs}
    replay(ledgers, store, rules(*boroughs, projections=SMALL), silent)
    direct = FakeViews()
    for one in boroughs:
        projector(direct, *boroughs, projections=SMALL).fold_to(one.ledger, sizes[one.ledger])
        assert store.digest(one.ledger) == direct.digest(one.ledger)


def assessed(*factors: str) -> DatedBorough:
    """Give a borough that assessed one child for each factor."""
    borough = DatedBorough("havering")
    for number, factor in enumerate(factors):
        borough.assessed(f"child {number}", [factor])
    return borough


def test_what_differs_is_named() -> None:
    """A figure that the live views hold otherwise is named, with both figures; no other is."""
    live = FakeViews()
    projector(live, assessed("13A", "13A"), projections=SMALL).step()
    found = against_live(replayed((assessed("13A", "16A"),), {"havering": 2}), live, WHOLE)
    months = {one for one in found.differing if one.period == "2023-04"}
    assert months == {
        Difference("factor:13A", "havering", "2023-04", "", (1, 1, 1), (2, 2, 2)),
        Difference("factor:16A", "havering", "2023-04", "", (1, 1, 1), (0, 0, 0)),
    }
    earlier = compare(replayed((assessed("13A", "16A"),), WHOLE), live, {"havering": 1})
    assert {one.line for one in earlier.differing if one.period == "2023-04"} >= {"factor:16A"}


@pytest.mark.parametrize("folded", [None, 1])
def test_what_cannot_be_compared_is_not_said_to_agree(folded: int | None) -> None:
    """Without live views, or with some that are behind, nothing was compared, and that is said."""
    borough = assessed("13A", "16A")
    live = None if folded is None else FakeViews()
    if live is not None:
        projector(live, borough, projections=SMALL).fold_to("havering", 1)
    found = against_live(replayed((borough,), {"havering": 2}), live, {"havering": 2})
    assert found.why_not
    assert found == Comparison(why_not=found.why_not)


def test_a_moment_is_a_prefix_of_each_ledger() -> None:
    """A time is resolved to positions once; given ones count in its place."""
    havering, redbridge = assessed("13A", "16A", "16A"), assessed("13A")
    redbridge.ledger = "redbridge"
    ledgers = {"havering": havering, "redbridge": redbridge}
    assert moment_of(ledgers, RECORDED_MS + 1, {}).sizes == {"havering": 2, "redbridge": 1}
    moment = moment_of(ledgers, RECORDED_MS - 1, {"havering": 3})
    assert moment == Moment(RECORDED_MS - 1, {"havering": 3, "redbridge": 0})
    assert moment.now_ms() == RECORDED_MS - 1
    cut = at(ledgers, moment)
    assert [one.position for one in cut["havering"].read(1, 10)] == [1, 2]
    assert list(cut["redbridge"].read(0, 10)) == []
    assert cut["redbridge"].head().size == 0


def test_a_moment_that_never_was() -> None:
    """More entries than a ledger has, or a ledger that is not there, is refused."""
    ledgers = {"havering": assessed("13A")}
    with pytest.raises(Unavailable):
        moment_of(ledgers, RECORDED_MS, {"havering": 2})
    with pytest.raises(NotFound):
        moment_of(ledgers, RECORDED_MS, {"redbridge": 0})


def test_each_word_for_a_fault_is_that_of_its_parking() -> None:
    """What an operator says in a pack of an entry is folded as what a hub finds."""
    for code, kind in FAULTS.items():
        assert fault_code(kind("an entry")) == code
