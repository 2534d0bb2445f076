"""What an assessment tells: its factors, its completion, and what is known of the need."""

from __future__ import annotations

from typing import get_args

import pytest

from adapters.returns import cin_codes
from domain.vocabulary import codes
from tests.adapters.returns.census import (
    assessment,
    cin_plan,
    drafts,
    episode,
    facts,
    only,
    plan,
    remarks,
    shared,
    told_by,
)

IN_NEED = {"in_need", "in_need_basis"}


def need(*parts: str, **leaves: str) -> list[tuple[object, object]]:
    """Give what is told of the need that each assessment of an episode found."""
    completed = drafts(told_by(episode(*parts, **leaves)), "assessment-completed")
    return [(shared(each)["in_need"], shared(each)["in_need_basis"]) for each in completed]


def test_an_assessment_starts_and_is_completed_when_authorised() -> None:
    """Given an authorised assessment: two events of one stream, the second on authorisation."""
    events = told_by(episode(assessment("3B", "16A", "10A")))
    started, completed = only(events, "assessment-started"), only(events, "assessment-completed")
    assert started.key == completed.key == ("A-1", "2022-05-03", "1")
    assert started.stream == completed.stream == ("assessment", *started.key)
    assert started.episode == completed.episode == ("A-1", "2022-05-02", "1")
    assert (started.time, completed.time) == ("2022-05-02T23:00:00Z", "2022-05-31T23:00:00Z")
    told = facts(completed)
    assert told["authorisation_date"] == "2022-06-01"
    assert (told["start_date"], told["referral_date"]) == ("2022-05-03", "2022-05-02")
    assert told["factors_complete"] is True
    assert shared(completed)["factors"] == ("10A", "16A", "3B")
    assert "factors" not in shared(started)


def test_an_open_assessment_is_only_started() -> None:
    """Given no authorisation: nothing is completed, and factors that stand already are noted."""
    events = told_by(episode(assessment("3B", authorised=None)))
    assert [told.draft.kind.name for told in events.told][1:] == ["assessment-started"]
    place = "Child[1]/CINdetails[1]/Assessments[1]/AssessmentAuthorisationDate"
    assert remarks(events) == [("factors-without-authorisation", "noted", place)]


def test_no_factors_are_not_factor_21() -> None:
    """Given an authorised assessment without factors: none are told."""
    completed = only(told_by(episode(assessment())), "assessment-completed")
    assert "factors" not in shared(completed)
    assert facts(completed)["factors_complete"] is True


def test_factors_that_were_not_understood_are_missed() -> None:
    """Given a factor of no list: the others are told, and that they are not all."""
    completed = only(told_by(episode(assessment("3B", "99Z"))), "assessment-completed")
    assert shared(completed)["factors"] == ("3B",)
    assert facts(completed)["factors_complete"] is False


def test_assessments_of_one_start_are_told_apart_across_episodes() -> None:
    """Given three assessments of one start day in two episodes: the n-th keeps them apart."""
    events = told_by(
        episode(assessment(), assessment()), episode(assessment(), referred="2022-05-03")
    )
    told = [(draft.key[2], draft.episode) for draft in drafts(events, "assessment-started")]
    first, second = ("A-1", "2022-05-02", "1"), ("A-1", "2022-05-03", "1")
    assert told == [("1", first), ("2", first), ("3", second)]


def test_nothing_said_is_unknown() -> None:
    """Given an assessment and nothing after it: the need that it found is unknown."""
    assert need(assessment("3B")) == [("unknown", "not-stated")]


@pytest.mark.parametrize("reason", ["RC8", "RC9"])
def test_closed_after_assessment_is_no_need(reason: str) -> None:
    """Given a case closed after assessment: no need, and the closure says so."""
    leaves = {"CINclosureDate": "2022-06-10", "ReasonForClosure": reason}
    assert need(assessment("3B"), **leaves) == [("no", "closure-reason")]


def test_only_the_last_assessment_is_closed_after() -> None:
    """Given two assessments and a closure after assessment: of the first nothing is known."""
    leaves = {"CINclosureDate": "2022-09-10", "ReasonForClosure": "RC8"}
    later = assessment("3B", start="2022-08-01", authorised="2022-09-01")
    assert need(assessment("3B"), later, **leaves) == [
        ("unknown", "not-stated"),
        ("no", "closure-reason"),
    ]


def test_another_closure_says_nothing_of_the_need() -> None:
    """Given a case closed for another reason: the need that was found is unknown."""
    leaves = {"CINclosureDate": "2022-06-10", "ReasonForClosure": "RC7"}
    assert need(assessment("3B"), **leaves) == [("unknown", "not-stated")]


def test_a_closure_before_the_authorisation_says_nothing() -> None:
    """Given a closure that comes before the authorisation: it does not say what was found."""
    leaves = {"CINclosureDate": "2022-05-20", "ReasonForClosure": "RC8"}
    assert need(assessment("3B"), **leaves) == [("unknown", "not-stated")]


@pytest.mark.parametrize("following", [plan("2022-06-20"), cin_plan("2022-06-01")])
def test_a_plan_that_follows_is_need(following: str) -> None:
    """Given a plan from the day of authorisation on: need, and the plan says so."""
    assert need(assessment("3B"), following) == [("yes", "plan-followed")]


def test_a_plan_that_was_there_before_says_nothing() -> None:
    """Given a plan that began before the authorisation: it did not follow."""
    assert need(assessment("3B"), plan("2022-05-31")) == [("unknown", "not-stated")]


def test_a_plan_follows_the_assessment_before_it() -> None:
    """Given two assessments and a plan after the second: it followed the second alone."""
    later = assessment("3B", start="2022-08-01", authorised="2022-09-01")
    assert need(assessment("3B"), later, plan("2022-09-02")) == [
        ("unknown", "not-stated"),
        ("yes", "plan-followed"),
    ]


def test_factor_21_is_no_need() -> None:
    """Given no factors and no further action: no need, and the factor says so."""
    assert need(assessment("21")) == [("no", "no-factors")]
    assert need(assessment("21", "3B")) == [("unknown", "not-stated")]
    assert need(assessment("21", "99Z")) == [("unknown", "not-stated")]


def test_what_contradicts_itself_is_unknown() -> None:
    """Given a plan that followed what was closed after assessment: nobody can say."""
    leaves = {"CINclosureDate": "2022-07-10", "ReasonForClosure": "RC8"}
    assert need(assessment("3B"), plan(), **leaves) == [("unknown", "not-stated")]
    assert need(assessment("21"), plan()) == [("unknown", "not-stated")]


@pytest.mark.parametrize(
    ("read", "published"),
    [
        (cin_codes.FACTORS, codes.Factor),
        (cin_codes.REFERRAL_SOURCES, codes.ReferralSource),
        (cin_codes.PRIMARY_NEEDS, codes.PrimaryNeed),
        (cin_codes.CLOSURE_REASONS, codes.ClosureReason),
        (cin_codes.ABUSE_CATEGORIES, codes.CategoryOfAbuse),
        (cin_codes.DISABILITIES, codes.Disability),
    ],
)
def test_what_is_read_can_be_published(read: dict[str, object], published: object) -> None:
    """Every code that the reader knows is one that the vocabulary has, and the other way."""
    assert set(read) == set(get_args(published))
