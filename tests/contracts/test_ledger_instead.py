"""What every ledger promises of records that do not stand: something may stand in their place."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ports import (
    Answered,
    Conflict,
    Head,
    HeldBack,
    InsteadWanted,
    Ledger,
    Outcome,
    PendingRecord,
    PendingSubmission,
    Recorded,
)
from tests.contracts.ledger_builders import (
    KINDS,
    NOON,
    SteppedClock,
    answer_to,
    opened,
    record,
    spelt,
    statements_of,
    submission,
    submission_id,
)


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger of each kind."""
    with opened(request.param, tmp_path, SteppedClock()) as ledger:
        yield ledger


def numbered(
    pending: PendingSubmission, instead: dict[int, PendingRecord] | None = None
) -> PendingSubmission:
    """Give the same from a sender who numbers what he sends."""
    return dataclasses.replace(pending, instead=instead or {})


def wanted(ledger: Ledger, *pending: PendingSubmission) -> dict[tuple[int, int], object]:
    """Give what an append wants in place of what does not stand, by submission and record."""
    before = ledger.head(), statements_of(ledger)
    with pytest.raises(InsteadWanted) as found:
        ledger.append(pending, now_ms=NOON, fences=0)
    assert (ledger.head(), statements_of(ledger)) == before
    numbers = {submission_id(number): number for number in range(10)}
    return {(numbers[one], at): outcome for (one, at), outcome in found.value.wanted.items()}


def test_what_does_not_stand_is_asked_for_and_nothing_is_recorded(ledger: Ledger) -> None:
    """All that is wanted is told at once, of every submission in the append."""
    answer_to(ledger, submission(1, record(0)))
    other = record(0, saying="that")
    assert wanted(
        ledger,
        numbered(submission(2, record(1), other)),
        submission(3, other),
        numbered(submission(4, record(0), record(2), other, atomic=True)),
    ) == {(2, 1): Conflict(), (4, 1): HeldBack(), (4, 2): Conflict()}
    assert ledger.answered(submission_id(2)) is None


def test_what_stands_in_its_place_is_recorded_with_the_rest(ledger: Ledger) -> None:
    """Behind the records that stand, in the same transaction, and told to nobody."""
    answer_to(ledger, submission(1, record(0)))
    pending = numbered(submission(2, record(0, saying="that"), record(1)), {0: record(7)})
    answer = answer_to(ledger, pending)
    assert answer == spelt([Conflict(), Recorded(1, NOON, again=False)])
    stood = [record(number).statement for number in (0, 1, 7)]
    assert statements_of(ledger) == stood
    assert [one.position for one in ledger.submitted(submission_id(2))] == [1, 2]
    assert ledger.append([pending], now_ms=NOON, fences=0) == [Answered(answer, again=True)]
    assert statements_of(ledger) == stood


def test_of_all_or_nothing_only_what_stands_in_its_place_is_recorded(ledger: Ledger) -> None:
    """Each number is filled, and what stood already needs nothing in its place."""
    answer_to(ledger, submission(1, record(0), record(1)))
    records = (record(2), record(0), record(1, saying="that"))
    pending = numbered(submission(2, *records, atomic=True), {0: record(7), 2: record(8)})
    told: list[Outcome] = [HeldBack(), Recorded(0, NOON, again=True), Conflict()]
    assert answer_to(ledger, pending) == spelt(told)
    assert statements_of(ledger) == [record(number).statement for number in (0, 1, 7, 8)]


def test_what_is_not_needed_is_not_recorded(ledger: Ledger) -> None:
    """When the record stands after all, nothing comes in its place."""
    answer_to(ledger, numbered(submission(1, record(0)), {0: record(7)}))
    assert ledger.head() == Head(1, NOON, 0)
