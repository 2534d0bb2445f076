"""Publishing a return: what is sent, what is not sent again, and what is said of it afterwards."""

from __future__ import annotations

import io
import uuid
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings

from adapters.returns.cin_child import Child
from adapters.returns.cin_publishing import Wanted, publish_return, withdraw_submissions
from adapters.returns.reports import Delivery, Events, Outcome, Report, total
from domain.errors import NotAuthorised, NotFound
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.wire import AnySigned
from services.hub_door import HubAnswer
from tests.adapters.returns.census import TODAY, assessment, census, child, episode, plan
from tests.adapters.returns.cin_writer import Dialect, file_of, message, tree_of
from tests.adapters.returns.test_cin_round_trip import children_of_a_file
from tests.services.borough.boroughs import Borough
from tests.services.borough.fake_hub import FakeHub

FIGURES = 5
"""What is told of how much a file holds."""
CLOSED = {"CINclosureDate": "2022-12-01", "ReasonForClosure": "RC7"}


@pytest.fixture
def havering() -> Borough:
    """Give a borough whose hub answers."""
    return Borough(FakeHub())


def publish(borough: Borough, *children: str, year: int = 2023, ids: bool = False) -> Report:
    """Publish a return of these children, as a command of its own would."""
    file = io.BytesIO(census(*children, year=year))
    wanted = Wanted("311", year)
    report = publish_return(file, wanted, borough.client(), today=TODAY, with_ids=ids)
    report.close()
    return report


def events(report: Report, kind: str) -> Events:
    """Give what became of one kind."""
    (found,) = (row.events for row in report.rows if row.kind == kind)
    assert found is not None
    return found


def delivery(report: Report) -> Delivery:
    """Give how a return was delivered."""
    assert report.delivery is not None
    return report.delivery


def standing(borough: Borough) -> list[AnySigned]:
    """Give what stands at the hub, in the order in which it came."""
    return borough.hub.standing()


def kinds(borough: Borough) -> list[str]:
    """Give the kinds of what stands at the hub."""
    return [event.kind_name() for event in standing(borough)]


def test_a_first_return_is_published_whole(havering: Borough) -> None:
    """Given a return and an empty outbox: everything is new, sent, and at the hub."""
    report = publish(havering, child(episode(assessment("3B"), **CLOSED)))
    assert report.outcome is Outcome.UNDERSTOOD
    told = ["referral-received", "case-closed", "assessment-started", "assessment-completed"]
    assert kinds(havering) == told
    assert events(report, "referral") == Events(told=1, new=1)
    assert events(report, "assessment-completed") == Events(told=1, new=1)
    sent = delivery(report)
    assert (sent.refused, sent.waiting) == (0, 0)
    assert len(sent.submissions) == 2  # what the file tells, and how much that is


def test_the_same_return_again_sends_nothing(havering: Borough) -> None:
    """Given the same file a second time: everything is unchanged, and not a byte is sent."""
    whole = child(episode(assessment("3B"), plan(), **CLOSED))
    publish(havering, whole)
    sent = len(havering.hub.received)
    report = publish(havering, whole)
    assert len(havering.hub.received) == sent
    assert delivery(report).submissions == ()
    for row in report.rows:
        if row.events is not None:
            told = row.events.told
            assert row.events == Events(told=told, unchanged=told, last_load=told)


@settings(max_examples=15, deadline=None)
@given(children_of_a_file)
def test_any_return_again_sends_nothing(children: list[Child]) -> None:
    """Whatever children a return has: the second time nothing of it is sent."""
    borough = Borough(FakeHub())
    dialect = Dialect(chance=Random(0))
    numbered = [replace(each, la_child_id=f"A-{at}") for at, each in enumerate(children)]
    file = file_of(message(tree_of(each, dialect) for each in numbered), dialect)
    reports = [
        publish_return(io.BytesIO(file), Wanted("311", 2024), borough.client(), today=TODAY)
        for _ in range(2)
    ]
    for each in reports:
        each.close()
    report = reports[-1]
    assert delivery(report).submissions == ()
    became = total(row.events for row in report.rows if row.events)
    assert became.unchanged == became.last_load == became.told
    assert (became.new, became.corrected, became.rekeyed, became.gone_due) == (0, 0, 0, 0)


def test_a_changed_value_is_one_correction(havering: Borough) -> None:
    """Given another referral source: the referral is corrected, and nothing else is sent."""
    publish(havering, child(episode(assessment("3B"))))
    (first, *_) = standing(havering)
    report = publish(havering, child(episode(assessment("3B"), source="2A")))
    assert events(report, "referral") == Events(told=1, corrected=1, last_load=1)
    assert events(report, "assessment") == Events(told=1, unchanged=1, last_load=1)
    corrected = next(event for event in standing(havering) if event.supersedes)
    assert (corrected.supersedes, corrected.subject) == (first.id, first.subject)
    assert len(standing(havering)) == 3


def test_a_changed_key_is_a_withdrawal_and_a_new_event(havering: Borough) -> None:
    """Given another start of an assessment, all else equal: the old one goes, a new one stands."""
    publish(havering, child(episode(assessment("3B", start="2022-05-03"))))
    old = standing(havering)
    report = publish(havering, child(episode(assessment("3B", start="2022-05-04"))))
    assert events(report, "assessment") == Events(told=1, rekeyed=1, last_load=1)
    assert events(report, "assessment-completed") == Events(told=1, rekeyed=1, last_load=1)
    assert events(report, "referral") == Events(told=1, unchanged=1, last_load=1)
    withdrawn = [
        (event.supersedes, event.data.facts.reason)
        for event in havering.hub.events.values()
        if isinstance(event.data.facts, RecordWithdrawn.Facts)
    ]
    assert set(withdrawn) == {(event.id, "wrong-key") for event in old[1:]}
    assert len(kinds(havering)) == 3


def test_next_years_return_keeps_the_child(havering: Borough) -> None:
    """Given a child in two years' returns: one pseudonym, one episode, and only news are sent."""
    publish(havering, child(episode(assessment("3B"))))
    report = publish(havering, child(episode(assessment("3B"), **CLOSED)), year=2024)
    assert events(report, "referral") == Events(told=1, unchanged=1, last_load=1)
    assert events(report, "case-closed") == Events(told=1, new=1)
    assert len({event.data.subjects[0].pseudonym for event in standing(havering)}) == 1
    assert len({event.data.facts.model_dump()["episode"] for event in standing(havering)}) == 1


def test_what_is_gone_is_reported_and_stands(havering: Borough) -> None:
    """Given a child and an episode that are gone from the same year: counted, and not deleted."""
    two = child(episode(), episode(referred="2022-09-01"), number="A-2")
    publish(havering, child(episode()), two)
    report = publish(havering, child(episode(), number="A-2"), ids=True)
    assert events(report, "referral") == Events(told=1, unchanged=1, last_load=3, gone_due=2)
    assert (delivery(report).children_gone_due, delivery(report).children_gone_past) == (1, 0)
    assert len(standing(havering)) == 3
    assert [(each.child, each.kind, each.day) for each in report.gone] == [
        ("A-1", "referral-received", "2022-05-02"),
        ("A-2", "referral-received", "2022-09-01"),
    ]
    assert publish(havering, child(episode(), number="A-2")).gone == ()


def test_what_was_over_before_the_year_is_gone_as_expected(havering: Borough) -> None:
    """Given closed, turned away and open cases of last year: only the open one is missed."""
    publish(
        havering,
        child(episode(assessment("3B"), **CLOSED)),
        child(episode(turned_away="1"), number="A-2"),
        child(episode(assessment(authorised=None), plan()), number="A-3"),
    )
    still_there = child(episode(referred="2023-05-02"), number="A-4")
    report = publish(havering, still_there, year=2024)
    assert events(report, "referral") == Events(told=1, new=1, last_load=3, gone_due=1, gone_past=2)
    assert events(report, "assessment") == Events(last_load=2, gone_due=1, gone_past=1)
    assert events(report, "protection-plan") == Events(last_load=1, gone_due=1)
    assert events(report, "case-closed") == Events(last_load=1, gone_past=1)
    assert (delivery(report).children_gone_due, delivery(report).children_gone_past) == (1, 2)


def test_what_the_hub_refuses_is_counted_and_sent_again(havering: Borough) -> None:
    """Given a hub that refuses closures: counted by kind, in part, and sent anew next time."""
    whole = child(episode(**CLOSED))
    havering.hub.judge = lambda event: "no" if event.kind_name() == "case-closed" else None
    report = publish(havering, whole)
    assert report.outcome is Outcome.IN_PART
    assert events(report, "case-closed") == Events(told=1, new=1, refused_by_hub=1)
    assert events(report, "referral") == Events(told=1, new=1)
    assert delivery(report).hub_codes == {"no": 1}
    havering.hub.judge = lambda _: None
    report = publish(havering, whole)
    assert report.outcome is Outcome.UNDERSTOOD
    assert events(report, "case-closed") == Events(told=1, new=1)


def test_a_silent_hub_leaves_everything_waiting(havering: Borough) -> None:
    """Given a hub that does not answer: everything waits, and goes out the next time."""
    havering.hub.silent = 1000
    report = publish(havering, child(episode()))
    assert report.outcome is Outcome.WAITING
    assert delivery(report).waiting > 0
    havering.hub.silent = 0
    report = publish(havering, child(episode()))
    assert report.outcome is Outcome.UNDERSTOOD
    assert events(report, "referral") == Events(told=1, unchanged=1, last_load=1)
    assert kinds(havering) == ["referral-received"]


def test_a_refused_token_is_said_and_nothing_is_lost(havering: Borough) -> None:
    """Given a hub that refuses the token: the caller is told, and the outbox keeps everything."""
    havering.hub.problem = HubAnswer(401, b"")
    with pytest.raises(NotAuthorised):
        publish(havering, child(episode()))
    havering.hub.problem = None
    report = publish(havering, child(episode()))
    assert events(report, "referral") == Events(told=1, unchanged=1, last_load=1)
    assert kinds(havering) == ["referral-received"]


@pytest.mark.parametrize("wanted", [Wanted("317", 2023), Wanted("311", 2024)])
def test_another_return_is_not_published(havering: Borough, wanted: Wanted) -> None:
    """Given a file of another authority or year: refused, and nothing is put into the outbox."""
    file = io.BytesIO(census(child(episode())))
    report = publish_return(file, wanted, havering.client(), today=TODAY)
    report.close()
    assert (report.outcome, report.delivery) == (Outcome.REFUSED, None)
    assert havering.hub.received == []
    assert havering.client().status().waiting == 0


def test_a_file_that_breaks_off_makes_nobody_gone(havering: Borough) -> None:
    """Given a file that ends in its second child: nothing is published, and nobody is missed."""
    whole = census(child(episode()), child(episode(), number="A-2"))
    broken = io.BytesIO(whole[: whole.index(b"A-2")])
    report = publish_return(broken, Wanted("311", 2023), havering.client(), today=TODAY)
    report.close()
    assert (report.outcome, report.delivery) == (Outcome.REFUSED, None)
    assert havering.hub.received == []


def test_a_key_that_stands_twice_is_found_where_it_stands(havering: Borough) -> None:
    """Given a child twice, with two versions of a referral: the second is refused, by place."""
    file = io.BytesIO(census(child(episode()), child(episode(source="2A"))))
    report = publish_return(file, Wanted("311", 2023), havering.client(), today=TODAY)
    found = [
        (each.child, each.place, each.code, each.refuses)
        for each in report.findings
        if each.severity == "refused"
    ]
    report.close()
    assert found == [(2, "Child[2]/CINdetails[1]", "key-met-twice", "referral-received")]
    assert report.outcome is Outcome.IN_PART
    assert events(report, "referral") == Events(told=2, new=1, refused_here=1)


def test_only_what_was_understood_is_sent(havering: Borough) -> None:
    """Given a referral of before 1990 with an assessment of now: the assessment alone is sent."""
    old = episode(assessment("3B"), referred="1989-05-02")
    report = publish(havering, child(old))
    assert report.outcome is Outcome.IN_PART
    assert events(report, "referral") == Events(refused_here=1)
    assert kinds(havering) == ["assessment-started", "assessment-completed"]


def test_a_wrong_file_is_taken_back(havering: Borough) -> None:
    """Given the submissions of a wrong file: everything they told is withdrawn, and says why."""
    report = publish(havering, child(episode(assessment("3B"))))
    ids = [uuid.UUID(each) for each in delivery(report).submissions]
    withdrawn = withdraw_submissions(ids, havering.client())
    assert (withdrawn.events, withdrawn.waiting) == (3 + FIGURES, 0)
    assert standing(havering) == []
    again = publish(havering, child(episode(assessment("3B"))))
    assert events(again, "referral") == Events(told=1, new=1)


def test_an_unknown_submission_is_not_taken_back(havering: Borough) -> None:
    """Given a submission that this borough never made: nothing is withdrawn."""
    with pytest.raises(NotFound):
        withdraw_submissions([uuid.UUID(int=7)], havering.client())
