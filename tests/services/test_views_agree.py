"""Two stores that folded the same history answer alike, and their answers hold together."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.views.schema import create
from adapters.views.sqlite import SqliteViews
from projections.projection import AtEnd, Recurrence, Way
from services.views import Cut, Period, Question, Shared, ViewStore
from tests.fakes_views import FakeViews
from tests.projections.builders import Borough, projector
from tests.projections.histories import CELLS, LEDGERS, SMALL, Move, moves, told

GROUPS: Final = {**{one: frozenset({one}) for one in CELLS}, "any of them": frozenset(CELLS)}
PERIODS: Final[tuple[Period, ...]] = ("month", "quarter", "rolling-12", "year-to-march", "whole")
CUTS: Final[tuple[Cut | None, ...]] = (None, "age-band", "disabled", "sex", "ward")
WAYS: Final[tuple[Way | None, ...]] = (
    None,
    None,
    AtEnd("factor:any"),
    Recurrence(frozenset({"assessment"}), within_days=90),
)
DAYS: Final = (None, date(2022, 12, 31), date(2023, 3, 15), date(2023, 4, 1), date(2024, 3, 1))


@contextmanager
def stores(boroughs: tuple[Borough, ...]) -> Iterator[tuple[ViewStore, ViewStore]]:
    """Give a file and the fake, with everything folded in both."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "views.sqlite"
        create(path, "v1")
        both = SqliteViews(path, versions="v1", key=bytes(32)), FakeViews()
        for store in both:
            projector(store, *boroughs, projections=SMALL).step()
        yield both


def positions(data: st.DataObject, boroughs: tuple[Borough, ...]) -> dict[str, int]:
    """Draw a position of each ledger."""
    return {one.ledger: data.draw(st.integers(0, len(one.entries))) for one in boroughs}


def asked(data: st.DataObject, as_of: dict[str, int]) -> Question:
    """Draw a question as of positions."""
    return Question(
        groups=GROUPS,
        period=data.draw(st.sampled_from(PERIODS)),
        ledgers=LEDGERS,
        as_of=as_of,
        occurred_from=data.draw(st.sampled_from(DAYS)),
        occurred_to=data.draw(st.sampled_from(DAYS)),
        cut=data.draw(st.sampled_from(CUTS)),
    )


@given(history=moves(restricting=True), data=st.data())
@settings(max_examples=100)
def test_a_file_answers_what_the_naive_store_answers(
    history: list[Move], data: st.DataObject
) -> None:
    """Counted in any way, cut, bounded, as of anything, or asked who is shared: the same."""
    boroughs = told(history)
    with stores(boroughs) as (file, fake):
        for _ in range(6):
            question = asked(data, positions(data, boroughs))
            way = data.draw(st.sampled_from(WAYS))
            assert file.count(question, way) == fake.count(question, way)
        question = asked(data, positions(data, boroughs))
        who = Shared(
            groups=GROUPS,
            ledgers=LEDGERS,
            as_of=question.as_of,
            occurred_from=question.occurred_from,
            occurred_to=question.occurred_to,
        )
        assert file.shared(who) == fake.shared(who)


@given(history=moves(restricting=True), data=st.data())
@settings(max_examples=40)
def test_what_is_remembered_is_what_would_be_counted(
    history: list[Move], data: st.DataObject
) -> None:
    """A store that was asked before answers, after every batch, like the naive store."""
    boroughs = told(history)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "views.sqlite"
        create(path, "v1")
        lasting, fake = SqliteViews(path, versions="v1", key=bytes(32)), FakeViews()
        questions = [(asked(data, {}), data.draw(st.sampled_from(WAYS))) for _ in range(2)]
        length = max(len(one.entries) for one in boroughs)
        for size in sorted({*data.draw(st.sets(st.integers(0, length), max_size=3)), length}):
            for borough in boroughs:
                many = min(size, len(borough.entries))
                for store in (lasting, fake):
                    projector(store, *boroughs, projections=SMALL).fold_to(borough.ledger, many)
            folded = {name: lasting.position(name) for name in LEDGERS}
            earlier = {name: data.draw(st.integers(0, many)) for name, many in folded.items()}
            for question, way in questions:
                for as_of in ({}, earlier, folded):
                    live = replace(question, as_of=as_of)
                    assert lasting.count(live, way) == fake.count(live, way)


@given(history=moves(restricting=True), data=st.data())
@settings(max_examples=100)
def test_what_moved_accounts_for_the_difference(history: list[Move], data: st.DataObject) -> None:
    """Gained less lost, over all causes, is the later count of events less the earlier one."""
    boroughs = told(history)
    with stores(boroughs) as (file, fake):
        some, others = positions(data, boroughs), positions(data, boroughs)
        before = {name: min(some[name], others[name]) for name in LEDGERS}
        after = {name: max(some[name], others[name]) for name in LEDGERS}
        question = Question(
            groups=GROUPS,
            period=data.draw(st.sampled_from(PERIODS)),
            ledgers=LEDGERS,
            as_of=after,
            occurred_from=data.draw(st.sampled_from(DAYS)),
            occurred_to=date(2024, 12, 31),
        )
        moved = file.moved(question, before)
        assert moved == fake.moved(question, before)
        difference: Counter[tuple[str, str, str]] = Counter()
        for row in moved:
            difference[row.ledger, row.group, row.period] += row.gained - row.lost
        counts: Counter[tuple[str, str, str]] = Counter()
        for size, sign in ((after, 1), (before, -1)):
            for one in file.count(replace(question, as_of=size)).rows:
                counts[one.ledger, one.group, one.period] += sign * one.events
        changed = {place for place in {*counts, *difference} if counts[place] or difference[place]}
        assert {at: counts[at] for at in changed} == {at: difference[at] for at in changed}
