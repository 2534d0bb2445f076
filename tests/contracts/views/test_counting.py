"""Counting, as every store of views promises it."""

from __future__ import annotations

from datetime import date

import pytest

from domain.errors import Unavailable
from projections.projection import AtEnd, Contribution, Recurrence
from services.folded import Ended, FoldedBatch, Interval
from services.views import Counted, Period, Question, ViewStore
from tests.contracts.views.builders import DAY, HERE, ask, event, fold


def test_ledgers_are_apart(store: ViewStore) -> None:
    """The same event ids and pseudonyms in two ledgers are two events and two children."""
    fold(store, event(0, Contribution("a", "mia", "e1")))
    fold(store, event(0, Contribution("a", "mia", "e1")), ledger="redbridge")
    question = Question(groups={"a": frozenset({"a"})}, period="whole", ledgers=(HERE, "redbridge"))
    counts = store.count(question)
    assert counts.rows == (
        Counted("havering", "a", "", 1, 1, 1),
        Counted("redbridge", "a", "", 1, 1, 1),
    )
    assert counts.positions == {HERE: 1, "redbridge": 1}


def test_distinct_counts_are_no_sums(store: ViewStore) -> None:
    """Over a group, one event with two cells is one event, one episode, one child."""
    fold(
        store,
        event(0, *(Contribution(one, "mia", "e1") for one in ("a", "b", "b"))),
        event(1, Contribution("a", "mia", "e1"), Contribution("a", "noah", "e2")),
        event(2, Contribution("b", None, None)),
    )
    assert ask(store, "a") == [("", 2, 2, 2)]
    assert ask(store, "b") == [("", 2, 1, 1)]
    assert ask(store, "a", "b", "never heard of") == [("", 3, 2, 2)]


def test_an_interval_says_when_an_event_counts(store: ViewStore) -> None:
    """An event counts from the entry after which it stood until the one that ended it."""
    fold(store, event(0, Contribution("a", "mia")))
    fold(store, event(1))
    store.commit(FoldedBatch(HERE, 2, 3, ended=(Ended(0, 2),)))
    store.commit(FoldedBatch(HERE, 3, 4, begun=(Interval(0, DAY, 3),)))
    store.commit(FoldedBatch(HERE, 4, 5, ended=(Ended(0, 4),)))
    assert [bool(ask(store, "a", size=size)) for size in range(6)] == [
        False, True, True, False, True, False,
    ]  # fmt: skip


def test_an_event_may_wait_before_it_counts(store: ViewStore) -> None:
    """What an event adds to is kept while it does not stand yet."""
    store.commit(FoldedBatch(HERE, 0, 1, (event(0, Contribution("a", "mia")),)))
    assert ask(store, "a") == []
    store.commit(FoldedBatch(HERE, 1, 2, begun=(Interval(0, DAY, 1, 2),)))
    assert ask(store, "a", size=2) == [("", 1, 0, 1)]


def test_no_answer_as_of_what_is_not_folded(store: ViewStore) -> None:
    """A question about a position that the views have not reached is refused, not guessed."""
    fold(store, event(0, Contribution("a", "mia")))
    assert ask(store, "a", size=1)
    with pytest.raises(Unavailable):
        ask(store, "a", size=2)


@pytest.mark.parametrize(
    ("period", "labels"),
    [
        ("month", ["2022-12", "2023-03", "2023-04"]),
        ("quarter", ["2022-10", "2023-01", "2023-04"]),
        ("year-to-march", ["2023", "2024"]),
        ("whole", [""]),
    ],
)
def test_periods_by_london_day(store: ViewStore, period: Period, labels: list[str]) -> None:
    """The last day of March is of the year before, and a child in two months is in both."""
    days = [date(2022, 12, 31), date(2023, 3, 31), date(2023, 4, 1)]
    fold(store, *(event(at, Contribution("a", "mia"), day=day) for at, day in enumerate(days)))
    rows = ask(store, "a", period=period)
    assert [row[0] for row in rows] == labels
    assert {row[3] for row in rows} == {1}


def test_days_bound_a_question(store: ViewStore) -> None:
    """Both days that bound a question are in it."""
    days = [date(2023, 4, one) for one in (1, 2, 3, 4)]
    fold(store, *(event(at, Contribution("a", "mia"), day=day) for at, day in enumerate(days)))
    question = Question(
        groups={"a": frozenset({"a"})},
        period="whole",
        ledgers=(HERE,),
        occurred_from=days[1],
        occurred_to=days[2],
    )
    assert [row.events for row in store.count(question).rows] == [2]


def happened(store: ViewStore, *told: tuple[str, date, str, str]) -> None:
    """Fold one event each: cell, day, child, episode."""
    fold(
        store,
        *(
            event(at, Contribution(cell, child, episode), day=day)
            for at, (cell, day, child, episode) in enumerate(told)
        ),
    )


def test_recurrence_counts_who_had_others_before(store: ViewStore) -> None:
    """Only a child with enough earlier events within the days counts, and days need no order."""
    happened(
        store,
        ("missing", date(2023, 3, 31), "mia", "x"),
        ("missing", date(2023, 1, 1), "mia", "x"),
        ("missing", date(2023, 3, 31), "mia", "x"),
        ("missing", date(2023, 1, 1), "noah", "x"),
        ("missing", date(2023, 4, 1), "noah", "x"),
        ("missing", date(2023, 4, 2), "noah", "x"),
    )
    thrice = Recurrence(frozenset({"missing"}), within_days=90, at_least=2)
    assert ask(store, "missing", way=thrice, period="month") == [("2023-03", 1, 1, 1)]
    again = Recurrence(frozenset({"missing"}), within_days=90)
    assert ask(store, "missing", way=again, period="month") == [
        ("2023-03", 2, 1, 1),
        ("2023-04", 2, 1, 1),
    ]


def test_recurrence_may_join_by_episode(store: ViewStore) -> None:
    """A rating that changed is looked for in its own episode, whoever else's it is."""
    happened(
        store,
        ("first:amber", DAY, "mia", "contact 1"),
        ("final:red", DAY, "mia", "contact 1"),
        ("first:red", DAY, "mia", "contact 2"),
        ("final:red", DAY, "mia", "contact 2"),
    )
    changed = Recurrence(frozenset({"first:amber"}), within_days=30, joined_by="episode")
    assert ask(store, "final:red", way=changed) == [("", 1, 1, 1)]


def test_how_children_stand_at_the_end_of_periods(store: ViewStore) -> None:
    """At the end of a period a child stands as its latest event says, and only so."""
    told = [
        ("plan:NEG", date(2023, 1, 10), "mia"),
        ("plan:ended", date(2023, 3, 31), "mia"),
        ("plan:EMO", date(2023, 1, 31), "noah"),
        ("plan:NEG", date(2023, 2, 1), "noah"),
        ("plan:NEG", date(2022, 11, 5), "ava"),
        ("plan:ended", date(2022, 11, 5), "ava"),
    ]
    fold(
        store,
        *(
            event(at, Contribution(cell, child), Contribution("plan", child), day=day)
            for at, (cell, day, child) in enumerate(told)
        ),
    )
    way = AtEnd("plan")
    neglect = ask(store, "plan:NEG", way=way, period="month")
    assert [(row[0], row[3]) for row in neglect] == [
        ("2023-01", 1),
        ("2023-02", 2),
        ("2023-03", 1),
    ]
    assert ask(store, "plan:EMO", way=way, period="month") == [("2023-01", 1, 0, 1)]
    assert ask(store, "plan:NEG", "plan:EMO", way=way, period="whole") == [("", 1, 0, 1)]


@pytest.mark.parametrize(
    ("period", "labels"),
    [
        ("quarter", ["2022-10", "2023-01"]),
        ("year-to-march", ["2023"]),
        ("month", ["2022-12", "2023-01", "2023-02"]),
    ],
)
def test_each_period_has_its_own_end(store: ViewStore, period: Period, labels: list[str]) -> None:
    """A child whose plan began in December and ended on 1 April stands so up to 31 March."""
    told = [("plan:NEG", date(2022, 12, 31)), ("plan:ended", date(2023, 4, 1))]
    fold(
        store,
        *(
            event(at, Contribution(cell, "mia"), Contribution("plan", "mia"), day=day)
            for at, (cell, day) in enumerate(told)
        ),
    )
    rows = ask(store, "plan:NEG", way=AtEnd("plan"), period=period)
    assert [row[0] for row in rows][: len(labels)] == labels
    assert "2023-04" not in [row[0] for row in rows]


def test_a_year_begins_in_april(store: ViewStore) -> None:
    """Who stands so from 1 April on stands so at the end of the year that begins then."""
    begins = date(2023, 4, 1)
    given = (Contribution("plan:NEG", "mia"), Contribution("plan", "mia"))
    fold(store, event(0, *given, day=begins))
    assert ask(store, "plan:NEG", way=AtEnd("plan"), period="year-to-march") == [("2024", 1, 0, 1)]


def test_how_children_stand_is_bounded_like_any_question(store: ViewStore) -> None:
    """Who stood so before the first day asked for still counts, and the last day is the end."""
    fold(store, event(0, Contribution("plan:NEG", "mia"), Contribution("plan", "mia")))
    fold(
        store,
        event(
            1, Contribution("plan:ended", "mia"), Contribution("plan", "mia"), day=date(2023, 9, 1)
        ),
    )
    question = Question(
        groups={"neglect": frozenset({"plan:NEG"})},
        period="month",
        ledgers=(HERE,),
        occurred_from=date(2023, 7, 1),
        occurred_to=date(2023, 8, 31),
    )
    rows = store.count(question, AtEnd("plan")).rows
    assert [row.period for row in rows] == ["2023-07", "2023-08"]
