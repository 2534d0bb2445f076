"""Corrections and withdrawals, one rule at a time, as views show them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.record import Attestation
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.operation import ViewRead
from tests.projections.asked import Asked
from tests.projections.builders import Borough, Person, Told, event_id, folded
from tests.projections.test_accesses import READ

GANGS, NEGLECT, EXPLOITATION = "factor:13A", "factor:16A", "factor:11A"
IN_STREAM = Told(stream="assessment 1")


def corrects(number: int, ledger: str = "havering") -> Told:
    """Give how a correction of the n-th event is told, in the same stream."""
    return Told(stream="assessment 1", corrects=event_id(ledger, number))


@pytest.fixture
def havering() -> Borough:
    """Give a borough that has told of nothing yet."""
    return Borough("havering")


def shown(views: Asked) -> set[str]:
    """Give the factors that views show."""
    return set(views.cells("havering", GANGS, NEGLECT, EXPLOITATION))


def reasons(views: Asked) -> list[tuple[int, str]]:
    """Give where streams are parked, and why."""
    return [(one.position, one.reason) for one in views.store.folded("havering").parked]


def test_a_correction_takes_its_targets_place(havering: Borough) -> None:
    """Two events of one fact are one fact, and the correction stands."""
    havering.assessed("mia", ["13A"], IN_STREAM)
    havering.assessed("mia", ["16A"], corrects(0))
    assert shown(folded(havering)) == {NEGLECT}


def test_a_correction_of_a_correction_stands(havering: Borough) -> None:
    """The deepest of a chain stands, not the one that came last."""
    havering.assessed("mia", ["13A"], IN_STREAM)
    havering.assessed("mia", ["16A"], corrects(0))
    havering.assessed("mia", ["11A"], corrects(1))
    havering.assessed("mia", ["13A"], corrects(0))
    assert shown(folded(havering)) == {EXPLOITATION}


def test_of_two_corrections_the_later_stands(havering: Borough) -> None:
    """Where one event is corrected twice, the later correction stands."""
    havering.assessed("mia", ["13A"], IN_STREAM)
    havering.assessed("mia", ["11A"], corrects(0))
    havering.assessed("mia", ["16A"], corrects(0))
    assert shown(folded(havering)) == {NEGLECT}


def test_a_withdrawn_correction_gives_way(havering: Borough) -> None:
    """When who stands is withdrawn, the next best stands again, and at last nobody."""
    first = havering.assessed("mia", ["13A"], IN_STREAM)
    second = havering.assessed("mia", ["11A"], corrects(0))
    third = havering.assessed("mia", ["16A"], corrects(0))
    seen = []
    for withdrawn in (third, second, first):
        seen.append(shown(folded(havering)))
        havering.withdraws(withdrawn)
    assert [*seen, shown(folded(havering))] == [{NEGLECT}, {EXPLOITATION}, {GANGS}, set()]


def test_what_corrects_a_withdrawn_event_stands(havering: Borough) -> None:
    """A correction of an event that is withdrawn still belongs to the fact."""
    havering.withdraws(havering.assessed("mia", ["13A"], IN_STREAM))
    havering.assessed("mia", ["16A"], corrects(0))
    assert shown(folded(havering)) == {NEGLECT}


def test_a_correction_waits_for_its_target(havering: Borough) -> None:
    """A correction that comes first counts nothing until its target comes, and then stands."""
    havering.assessed("mia", ["16A"], corrects(2))
    havering.assessed("mia", ["11A"], corrects(0))
    assert shown(folded(havering)) == set()
    assert folded(havering).store.folded("havering").waiting == 1
    havering.assessed("mia", ["13A"], IN_STREAM)
    assert shown(folded(havering)) == {EXPLOITATION}
    assert folded(havering).store.folded("havering").waiting == 0


def test_a_withdrawal_waits_for_its_target(havering: Borough) -> None:
    """An event that was withdrawn before it came never counts."""
    havering.withdraws(event_id("havering", 1))
    havering.assessed("mia", ["13A"], IN_STREAM)
    assert shown(folded(havering)) == set()


def test_events_that_name_each_other_wait_for_ever(havering: Borough) -> None:
    """A circle has no first event, so it counts nothing and stops nobody."""
    havering.assessed("mia", ["13A"], corrects(1))
    havering.assessed("mia", ["16A"], corrects(0))
    havering.assessed("noah", ["11A"])
    views = folded(havering)
    assert shown(views) == {EXPLOITATION}
    assert reasons(views) == []


def test_the_hub_takes_back_nothing_but_explanations(havering: Borough) -> None:
    """What it recorded of a read stays shown, whatever its operator writes behind it."""
    told = Told(stream="a read", source="hub", attestation=Attestation.HUB)
    havering.withdraws(havering.tells(ViewRead, READ, (), told), replace(told, stream="taken back"))
    assert reasons(folded(havering)) == [(1, "names-what-stays")]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (Told(stream="assessment 1", source="another", corrects=event_id("havering", 0)),
         "names-another-source"),
        (Told(stream="another", corrects=event_id("havering", 0)), "names-another-stream"),
        (Told(stream="assessment 1", corrects=event_id("havering", 2)), "names-itself"),
    ],
)  # fmt: skip
def test_what_names_wrongly_parks_its_own_stream(
    havering: Borough, told: Told, reason: str
) -> None:
    """Who corrects what is not its own is at fault: its stream stops, and all others go on."""
    havering.assessed("mia", ["13A"], IN_STREAM)
    havering.assessed("noah", ["11A"])
    havering.assessed("mia", ["16A"], told)
    views = folded(havering)
    assert reasons(views) == [(2, reason)]
    assert shown(views) == {GANGS, EXPLOITATION}


def test_a_correction_keeps_the_type(havering: Borough) -> None:
    """A referral cannot correct an assessment."""
    havering.assessed("mia", ["13A"], IN_STREAM)
    shared = ReferralReceived.Shared()
    havering.tells(ReferralReceived, ReferralReceived.Facts(), [Person("mia", shared)], corrects(0))
    assert reasons(folded(havering)) == [(1, "names-another-type")]


def test_a_withdrawal_is_final(havering: Borough) -> None:
    """Nothing withdraws or corrects a withdrawal: who tries is parked, and it holds."""
    gone = havering.withdraws(havering.assessed("mia", ["13A"], IN_STREAM), Told(stream="w"))
    havering.withdraws(gone, Told(stream="of a withdrawal"))
    havering.assessed("mia", ["13A"], Told(stream="corrected", corrects=gone))
    views = folded(havering)
    assert reasons(views) == [(2, "names-a-withdrawal"), (3, "names-a-withdrawal")]
    assert shown(views) == set()


def test_a_withdrawal_names_what_it_withdraws(havering: Borough) -> None:
    """One that names nothing says nothing, and stops its stream, not others."""
    havering.assessed("mia", ["13A"], IN_STREAM)
    facts = RecordWithdrawn.Facts(reason="wrong-file")
    havering.tells(RecordWithdrawn, facts, (), Told(stream="of nothing"))
    views = folded(havering)
    assert reasons(views) == [(1, "names-nothing")]
    assert shown(views) == {GANGS}


def test_another_source_withdraws_nothing(havering: Borough) -> None:
    """A source can take back what it told itself, and no more."""
    first = havering.assessed("mia", ["13A"], IN_STREAM)
    havering.withdraws(first, Told(source="another"))
    views = folded(havering)
    assert reasons(views) == [(1, "names-another-source")]
    assert shown(views) == {GANGS}


def test_a_fault_that_shows_late_parks_from_there(havering: Borough) -> None:
    """What waited for an event that it may not name is parked when that event comes."""
    havering.assessed("mia", ["16A"], Told(stream="s", corrects=event_id("havering", 2)))
    havering.assessed("mia", ["11A"], Told(stream="s"))
    havering.assessed("noah", ["13A"], Told(stream="another"))
    havering.assessed("mia", ["11A"], Told(stream="s"))
    views = folded(havering)
    (parked,) = views.store.folded("havering").parked
    assert (parked.position, parked.reason, parked.entries) == (0, "names-another-stream", 2)
    assert views.cells("havering", GANGS, NEGLECT, EXPLOITATION) == {
        GANGS: (1, 1, 1), EXPLOITATION: (1, 1, 1),
    }  # fmt: skip


def test_a_correction_may_move_the_day_and_the_child(havering: Borough) -> None:
    """What stands is the whole correction: its day, its child and its cells."""
    havering.assessed("mia", ["13A"], Told(stream="assessment 1", on="2023-03-31"))
    havering.assessed(
        "noah",
        ["13A"],
        Told(stream="assessment 1", on="2023-04-01", corrects=event_id("havering", 0)),
    )
    assert folded(havering).periods("havering", GANGS, "month") == {"2023-04": 1}
