"""What enquiries, conferences and child protection plans tell."""

from __future__ import annotations

import pytest

from tests.adapters.returns.census import (
    TODAY,
    drafts,
    enquiry,
    episode,
    facts,
    only,
    plan,
    remarks,
    shared,
    told_by,
)

DAY = "2022-06-20"


def test_an_enquiry_starts() -> None:
    """Given an enquiry with a target: one event with both days, in a stream of its own."""
    draft = only(told_by(episode(enquiry(target=DAY))), "section47-started")
    assert draft.key == ("A-1", "2022-06-02", "1")
    assert draft.stream == ("section47", *draft.key)
    told = facts(draft)
    assert (told["start_date"], told["target_date"]) == ("2022-06-02", DAY)


def test_a_conference_that_stands_twice_is_one() -> None:
    """Given one conference beside enquiry and episode: one event, with what the enquiry says."""
    events = told_by(episode(enquiry(conference=DAY, target=DAY), DateOfInitialCPC=DAY))
    draft = only(events, "icpc-held")
    assert (draft.key, draft.stream) == (("A-1", DAY), ("conference", "A-1", DAY))
    assert facts(draft) == {
        "family_view_recorded": False,
        "held": DAY,
        "outcome": "not-recorded",
        "referral_date": "2022-05-02",
        "section47_start_date": "2022-06-02",
        "target_date": DAY,
    }


def test_a_conference_without_an_enquiry_is_told() -> None:
    """Given a conference of the episode alone, as when a case comes from elsewhere: it is told."""
    draft = only(told_by(episode(DateOfInitialCPC=DAY)), "icpc-held")
    assert draft.episode == ("A-1", "2022-05-02", "1")
    assert "section47_start_date" not in facts(draft)


def test_two_days_are_two_conferences() -> None:
    """Given one day beside the enquiry and another beside the episode: both are told."""
    events = told_by(episode(enquiry(conference=DAY), DateOfInitialCPC="2022-06-21"))
    assert [draft.key[1] for draft in drafts(events, "icpc-held")] == [DAY, "2022-06-21"]


def test_an_enquiry_of_another_episode_knows_more() -> None:
    """Given a conference in two episodes: it belongs to the one whose enquiry led to it."""
    other = episode(enquiry(conference=DAY), referred="2022-05-10")
    draft = only(told_by(episode(DateOfInitialCPC=DAY), other), "icpc-held")
    assert draft.episode == ("A-1", "2022-05-10", "1")


def test_a_plan_of_that_day_is_the_outcome() -> None:
    """Given a plan that started on the day of the conference: it is its outcome."""
    events = told_by(episode(plan(DAY), DateOfInitialCPC=DAY))
    assert facts(only(events, "icpc-held"))["outcome"] == "plan"


def test_no_conference_was_required() -> None:
    """Given an enquiry that needed none: told to the month, since its day is not given."""
    events = told_by(episode(enquiry(target=DAY, not_required="1")))
    started, none = only(events, "section47-started"), only(events, "icpc-not-required")
    assert (none.stream, none.time) == (started.stream, started.time)
    assert (none.precision, started.precision) == ("month", "day")
    told = facts(none)
    assert (told["section47_start_date"], told["target_date"]) == ("2022-06-02", DAY)
    assert "decided" not in told


def test_held_and_not_required_is_a_contradiction() -> None:
    """Given a conference and that none was required: it was held, and the other is refused."""
    events = told_by(episode(enquiry(conference=DAY, not_required="1")))
    assert drafts(events, "icpc-not-required") == []
    assert len(drafts(events, "icpc-held")) == 1
    place = "Child[1]/CINdetails[1]/Section47[1]/ICPCnotRequired"
    assert remarks(events) == [("conference-held-and-not-required", "refused", place)]


def test_a_decision_falls_with_its_enquiry() -> None:
    """Given an enquiry of tomorrow: neither it nor what was decided can be sent."""
    events = told_by(episode(enquiry("2023-06-02", not_required="1")), today=TODAY)
    assert events.untold == ("section47-started", "icpc-not-required")


def test_a_plan_starts_is_reviewed_and_ends() -> None:
    """Given a whole plan: one stream of events, reviews once each, keyed by their days."""
    reviews = ("2022-09-01", "2023-02-01", "2022-09-01")
    events = told_by(episode(plan(DAY, *reviews, end="2023-03-01")))
    started, ended = only(events, "protection-plan-started"), only(events, "protection-plan-ended")
    reviewed = drafts(events, "protection-plan-reviewed")
    key = ("A-1", DAY, "1")
    assert started.key == ended.key == key
    assert [draft.key for draft in reviewed] == [(*key, day) for day in reviews[:2]]
    assert {draft.stream for draft in (started, ended, *reviewed)} == {("protection-plan", *key)}
    assert [facts(draft)["review_date"] for draft in reviewed] == list(reviews[:2])
    assert facts(ended)["end_date"] == "2023-03-01"
    assert {facts(draft)["start_date"] for draft in (started, ended, *reviewed)} == {DAY}
    assert shared(started)["previous_plans"] == 1


def test_a_change_of_category_has_no_day() -> None:
    """Given two categories: the first at the start, the latest at the end, the change a note."""
    events = told_by(episode(plan(DAY, "2022-09-01", end="2023-03-01", latest="EMO")))
    assert shared(only(events, "protection-plan-started"))["category"] == "NEG"
    assert shared(only(events, "protection-plan-ended"))["category"] == "EMO"
    assert "category" not in shared(only(events, "protection-plan-reviewed"))
    assert drafts(events, "protection-plan-category-changed") == []
    place = "Child[1]/CINdetails[1]/ChildProtectionPlans[1]/LatestCategoryOfAbuse"
    assert remarks(events) == [("category-change-has-no-date", "noted", place)]


@pytest.mark.parametrize(
    ("born", "words"),
    [
        ("2022-06-21", "before-birth"),
        (DAY, "within-28-days"),
        ("2022-05-23", "within-28-days"),
        ("2022-05-22", "within-1-year"),
        ("2021-06-21", "within-1-year"),
        ("2021-06-20", "over-1-year"),
        (None, "unknown"),
    ],
)
def test_how_long_after_birth_a_plan_began(born: str | None, words: str) -> None:
    """Given a birth: every event of the plan says how long after it the plan began."""
    events = told_by(episode(plan(DAY, end="2023-03-01")), born=born)
    for kind in ("protection-plan-started", "protection-plan-ended"):
        assert shared(only(events, kind))["days_from_birth"] == words


def test_more_plans_than_can_be_said_are_refused() -> None:
    """Given a thousand previous plans: the count is refused, the plan is told."""
    many = plan(DAY).replace(">1</NumberOfPreviousCPP>", ">1000</NumberOfPreviousCPP>")
    events = told_by(episode(many))
    assert "previous_plans" not in shared(only(events, "protection-plan-started"))
    place = "Child[1]/CINdetails[1]/ChildProtectionPlans[1]/NumberOfPreviousCPP"
    assert remarks(events) == [("count-beyond-999", "refused", place)]


def test_a_target_that_no_event_can_name_is_refused_once() -> None:
    """Given a target of 2100 for a conference that was held: one finding, and no target."""
    events = told_by(episode(enquiry(conference=DAY, target="2100-01-01")))
    assert "target_date" not in facts(only(events, "icpc-held"))
    place = "Child[1]/CINdetails[1]/Section47[1]/InitialCPCtarget"
    assert remarks(events) == [("date-beyond-2099", "refused", place)]


def test_a_review_of_tomorrow_is_refused_where_it_stands() -> None:
    """Given a review that has not been held yet: it is refused, with its own place."""
    events = told_by(episode(plan(DAY, "2022-09-01", "2023-06-02")), today=TODAY)
    assert len(drafts(events, "protection-plan-reviewed")) == 1
    (finding,) = events.findings
    assert (finding.code, finding.field) == ("event-in-the-future", "CPPreviewDate")
    assert finding.place.endswith("/ChildProtectionPlans[1]/Reviews/CPPreviewDate[2]")
