"""What a referral, its closure, its child in need plans and a death tell."""

from __future__ import annotations

from datetime import date

from domain.vocabulary.front_door import ReferralReceived
from tests.adapters.returns.census import (
    TODAY,
    cin_plan,
    drafts,
    episode,
    facts,
    only,
    remarks,
    restricted,
    shared,
    told_by,
)


def test_a_referral_is_received() -> None:
    """Given a referral: one event at the start of its London day, with its episode and stream."""
    draft = only(told_by(episode(PrimaryNeedCode="N1")), "referral-received")
    assert draft.kind is ReferralReceived
    assert (draft.time, draft.precision) == ("2022-05-01T23:00:00Z", "day")
    assert draft.key == draft.episode == ("A-1", "2022-05-02", "1")
    assert draft.stream == ("referral", "A-1", "2022-05-02", "1")
    assert facts(draft) == {
        "family_view_recorded": False,
        "no_further_action": False,
        "referral_date": "2022-05-02",
        "source_code": "6",
    }
    assert shared(draft)["primary_need"] == "N1"
    assert draft.residencela is draft.incidentla is None


def test_two_referrals_of_one_day_are_two_episodes() -> None:
    """Given two referrals of one day: the n-th of that day keeps them apart."""
    events = told_by(episode(), episode(source="2A"), episode(referred="2022-05-03"))
    keys = [draft.key[1:] for draft in drafts(events, "referral-received")]
    assert keys == [("2022-05-02", "1"), ("2022-05-02", "2"), ("2022-05-03", "1")]


def test_a_referral_that_was_turned_away_is_a_stream_of_its_own_name() -> None:
    """Given no further action: the event says so, and its stream needs no closing."""
    draft = only(told_by(episode(turned_away="1")), "referral-received")
    assert facts(draft)["no_further_action"] is True
    assert draft.stream[0] == "turned-away"


def test_what_the_return_leaves_out_is_left_out() -> None:
    """Given a referral without source, need and decision: no field stands for what is not told."""
    bare = "<CINdetails><CINreferralDate>2022-05-02</CINreferralDate></CINdetails>"
    draft = only(told_by(bare), "referral-received")
    assert set(facts(draft)) == {"family_view_recorded", "referral_date"}
    assert "primary_need" not in shared(draft)


def test_a_case_is_closed() -> None:
    """Given a closure: an event of the referral's stream, on that day, with the reason."""
    events = told_by(episode(CINclosureDate="2022-12-01", ReasonForClosure="RC7"))
    referral, closed = only(events, "referral-received"), only(events, "case-closed")
    assert (closed.stream, closed.key) == (referral.stream, referral.key)
    assert closed.time == "2022-12-01T00:00:00Z"
    assert facts(closed)["closure_date"] == "2022-12-01"
    assert shared(closed)["reason"] == "RC7"


def test_a_reason_without_a_day_closes_nothing() -> None:
    """Given a reason for closure and no date: no event, and a note where it stands."""
    events = told_by(episode(ReasonForClosure="RC7"))
    assert drafts(events, "case-closed") == []
    place = "Child[1]/CINdetails[1]/ReasonForClosure"
    assert remarks(events) == [("closure-reason-without-date", "noted", place)]


def test_an_unborn_child_is_referred_as_such() -> None:
    """Given an expected date of birth and no birth: the event is the unborn child's own."""
    events = told_by(episode(PrimaryNeedCode="N1"), born=None, ExpectedPersonBirthDate="2022-08-22")
    draft = only(events, "unborn-referral-received")
    assert drafts(events, "referral-received") == []
    assert draft.subjects[0].role == "unborn-child"
    told = shared(draft)
    assert (told["age_band"], told["weeks"], told["primary_need"]) == ("unborn", 24, "N1")
    assert restricted(draft)["expected_date_of_birth"] == "2022-08-22"


def test_a_child_born_since_was_unborn_then() -> None:
    """Given a birth after the referral: it stays the referral of an unborn child."""
    draft = only(told_by(episode(), born="2022-08-25"), "unborn-referral-received")
    assert restricted(draft)["date_of_birth"] == "2022-08-25"
    assert draft.subjects[0].role == "unborn-child"
    assert "weeks" not in shared(draft)


def test_a_child_born_on_the_day_is_born() -> None:
    """Given a birth on the day of the referral: the child is under one."""
    draft = only(told_by(episode(), born="2022-05-02"), "referral-received")
    assert (draft.subjects[0].role, shared(draft)["age_band"]) == ("child", "under-1")


def test_an_expected_date_long_past_makes_nobody_unborn() -> None:
    """Given an expected date of years ago and no birth: no age is made up."""
    draft = only(
        told_by(episode(), born=None, ExpectedPersonBirthDate="2019-08-22"), "referral-received"
    )
    assert "age_band" not in shared(draft)


def test_a_birth_that_was_not_understood_makes_nobody_unborn() -> None:
    """Given a date of birth that cannot be read beside an expected one: no age is made up."""
    draft = only(
        told_by(episode(), born="12/05/2020", ExpectedPersonBirthDate="2022-08-22"),
        "referral-received",
    )
    assert "age_band" not in shared(draft)


def test_a_child_in_need_plan_starts_and_ends() -> None:
    """Given plan dates: a start and an end, in one stream."""
    events = told_by(episode(cin_plan("2022-06-20", "2022-09-01"), cin_plan("2022-09-02")))
    first, second = drafts(events, "cin-plan-started")
    ended = only(events, "cin-plan-ended")
    assert first.key == ("A-1", "2022-06-20", "1")
    assert first.stream == ended.stream == ("cin-plan", *first.key)
    assert second.key == ("A-1", "2022-09-02", "1")
    assert first.episode == ("A-1", "2022-05-02", "1")
    told = facts(ended)
    assert (told["start_date"], told["end_date"]) == ("2022-06-20", "2022-09-01")


def test_a_death_is_told_once() -> None:
    """Given a death and two episodes: one event of the child, and whether a case was open."""
    closed = episode(CINclosureDate="2022-06-01", ReasonForClosure="RC7")
    events = told_by(closed, episode(referred="2022-07-01"), PersonDeathDate="2022-12-01")
    died = only(events, "child-died")
    assert (died.key, died.stream) == (("A-1",), ("death", "A-1"))
    assert died.episode is None
    assert shared(died)["case_open"] is True
    assert restricted(died)["date_of_death"] == "2022-12-01"
    assert facts(died) == {"family_view_recorded": False}


def test_a_death_after_the_last_closure_had_no_open_case() -> None:
    """Given a death after all was closed or turned away: no case was open."""
    closed = episode(CINclosureDate="2022-06-01", ReasonForClosure="RC7")
    away = episode(referred="2022-07-01", turned_away="1")
    died = only(told_by(closed, away, PersonDeathDate="2022-12-01"), "child-died")
    assert shared(died)["case_open"] is False


def test_a_closure_that_was_not_understood_leaves_it_open_whether_a_case_was() -> None:
    """Given a closure date that cannot be read: it is not said whether the case was open."""
    died = only(told_by(episode(CINclosureDate="soon"), PersonDeathDate="2022-12-01"), "child-died")
    assert "case_open" not in shared(died)


def test_what_the_hub_would_refuse_is_refused_here() -> None:
    """Given days before 1990 or after today: no event, and a finding at the element."""
    events = told_by(
        episode(referred="1989-12-31", CINclosureDate=str(date(TODAY.year, 6, 2))),
        episode(referred="1990-01-01", CINclosureDate=str(TODAY)),
        born="1988-01-01",
    )
    assert [told.draft.key[1] for told in events.told] == ["1990-01-01", "1990-01-01"]
    assert events.untold == ("referral-received", "case-closed")
    assert remarks(events) == [
        ("event-before-1990", "refused", "Child[1]/CINdetails[1]/CINreferralDate"),
        ("event-in-the-future", "refused", "Child[1]/CINdetails[1]/CINclosureDate"),
    ]
    assert [finding.refuses for finding in events.findings] == ["referral-received", "case-closed"]
    assert {finding.child for finding in events.findings} == {1}
