"""Drafts: what does not hold together is said by place, and the same content has one digest."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.vocabulary.assessment import AssessmentCompleted, AssessmentStarted
from domain.vocabulary.data_quality import IdentityLinked
from domain.vocabulary.parts import RestrictedPart, SharedPart
from domain.vocabulary.persons import DescribedPerson
from services.borough.drafting import Draft, SubjectDraft, Tagged, Tagging
from tests.services.borough.boroughs import assessment, child, referral

TAGGING = Tagging(b"k" * 32, "/participants/havering/social-care")


def tagged(draft: Draft) -> Tagged:
    """Judge a draft that holds together."""
    found = TAGGING.tagged(0, draft)
    assert isinstance(found, Tagged), found
    return found


def with_subject(**changes: object) -> Draft:
    """Change the only person of a referral."""
    subject = replace(child(), **changes)  # type: ignore[arg-type]  # each test names a field's own
    return replace(referral(), subjects=(subject,))


WRONG = {
    "facts of another kind": (
        replace(referral(), facts=AssessmentStarted.Facts(start_date="2023-04-03")),
        ("data.facts", "not-of-this-kind"),
    ),
    "an episode's pseudonym in the facts": (
        assessment(episode="A" * 43),
        ("data.facts.episode", "named-by-its-key"),
    ),
    "an episode where there is none": (
        replace(referral(), kind=IdentityLinked),
        ("data.facts.episode", "not-of-this-kind"),
    ),
    "nobody": (replace(referral(), subjects=()), ("data.subjects", "too-few-or-too-many")),
    "the same person twice": (
        replace(referral(), subjects=(child(), child())),
        ("data.subjects", "same-person-twice"),
    ),
    "no key": (replace(referral(), key=()), ("subject", "no-natural-key")),
    "no stream": (replace(referral(), stream=()), ("subject", "no-natural-key")),
    "half a character": (replace(referral(), key=("\ud800",)), ("subject", "lone-surrogate")),
    "a person without an id": (
        with_subject(person=""),
        ("data.subjects.0.pseudonym", "no-natural-key"),
    ),
    "a shared part of another kind": (
        with_subject(shared=AssessmentCompleted.Shared()),
        ("data.subjects.0.shared", "not-of-this-kind"),
    ),
    "a restricted part of another kind": (
        with_subject(restricted=RestrictedPart()),
        ("data.subjects.0.restricted", "not-of-this-kind"),
    ),
    "a number with spaces": (
        with_subject(linkage=(("nhs", "943 476 5919"),)),
        ("data.subjects.0.linkage", "not-a-number-of-its-basis"),
    ),
    "too many numbers": (
        with_subject(linkage=tuple(("nhs", f"{number:010}") for number in range(5))),
        ("data.subjects.0.linkage", "too-many"),
    ),
    "no such day": (replace(referral(), time="2023-02-30T00:00:00Z"), ("time", "not-valid")),
    "no such precision": (
        replace(referral(), precision="year"),  # type: ignore[arg-type]  # what is wrong with it
        ("precision", "not-valid"),
    ),
    "no authority": (replace(referral(), residencela="Havering"), ("residencela", "not-valid")),
    "no agreement": (replace(referral(), agreement="ours"), ("agreement", "not-valid")),
    "no body": (replace(referral(), recipients=("The Police",)), ("recipients", "not-valid")),
    "too many recipients": (
        replace(referral(), recipients=tuple(f"trust-{number}" for number in range(16))),
        ("data.subjects.restricted.recipients", "too-many"),
    ),
}


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_what_does_not_hold_together_is_said(case: str) -> None:
    """A draft that the hub would refuse is refused before it costs a sequence number."""
    draft, expected = WRONG[case]
    found = TAGGING.tagged(7, draft)
    assert not isinstance(found, Tagged)
    assert expected in {(fault.place, fault.code) for fault in found}
    assert {fault.event for fault in found} == {7}


def test_all_faults_come_together() -> None:
    """Whoever must correct a draft is told everything at once."""
    found = TAGGING.tagged(0, replace(referral(), key=(), subjects=(), time="yesterday"))
    assert not isinstance(found, Tagged)
    assert len(found) == 3


def test_what_is_too_large_is_said_before_it_is_made() -> None:
    """An event over the hub's limit is refused here: 31 persons with long narratives."""
    people = tuple(
        SubjectDraft(f"C{number}", "child", SharedPart(), DescribedPerson(narrative="x" * 4000))
        for number in range(10)
    )
    draft = replace(
        referral(), subjects=tuple(replace(one, shared=child().shared) for one in people)
    )
    found = TAGGING.tagged(0, draft)
    assert not isinstance(found, Tagged)
    assert [fault.code for fault in found] == ["event-too-large"]


def test_no_value_stands_in_a_draft_that_is_shown() -> None:
    """A draft that ends up in a log names kind and time, never who it is about."""
    shown = repr(referral("SECRET-ID"))
    assert "SECRET-ID" not in shown
    assert "2016-05-04" not in repr(child("SECRET-ID"))


CHANGES = {
    "time": {"time": "2023-04-03T10:00:00Z"},
    "precision": {"precision": "instant"},
    "authority": {"residencela": "311"},
    "recipients": {"recipients": ("redbridge",)},
    "purpose": {"purpose": "case-work"},
    "agreement": {"agreement": "other@2"},
    "episode": {"episode": ("C1", "2023-04-03", "2")},
    "facts": {"facts": referral(source_code="1A").facts},
    "shared": {"subjects": (child(sex="male"),)},
    "restricted": {"subjects": (replace(child(), restricted=None),)},
    "role": {"subjects": (replace(child(), role="sibling"),)},
    "linkage": {"subjects": (replace(child(), linkage=(("nhs", "9434765919"),)),)},
}


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_of_content_changes_the_digest(what: str) -> None:
    """What was said last is recognised by its digest: nothing that is said may be left out."""
    changed = replace(referral(), **CHANGES[what])  # type: ignore[arg-type]  # the table's own fields
    assert tagged(changed).digest != tagged(referral()).digest
    assert tagged(changed).fact == tagged(referral()).fact


def test_no_value_and_an_absent_one_are_the_same() -> None:
    """A field that is given as nothing is a field that is not given."""
    plain, nothing = referral(), referral(contact=None)
    assert tagged(plain).digest == tagged(nothing).digest


@given(st.binary(min_size=32, max_size=32))
def test_digests_are_keyed(key: bytes) -> None:
    """The store is no dictionary: without the borough's key nobody can try values out."""
    other = Tagging(key + b"!", "/participants/havering/social-care").tagged(0, referral())
    assert isinstance(other, Tagged)
    ours = tagged(referral())
    assert {other.fact, other.digest, other.likeness} & {ours.fact, ours.digest, ours.likeness} == (
        set()
    )


def test_facts_of_two_sources_are_two() -> None:
    """Two systems of a borough may number alike."""
    other = Tagging(b"k" * 32, "/participants/havering/early-help").tagged(0, referral())
    assert isinstance(other, Tagged)
    assert other.fact != tagged(referral()).fact


def test_likeness_leaves_out_the_days_of_the_key() -> None:
    """A fact whose day was wrong is like itself under the right day, and like nothing else."""
    one = tagged(assessment(day="2023-04-03", internal_review_date="2023-05-01"))
    moved = tagged(assessment(day="2023-04-04", internal_review_date="2023-05-01"))
    other = tagged(assessment(day="2023-04-04", internal_review_date="2023-05-02"))
    assert one.likeness == moved.likeness != other.likeness
    assert one.fact != moved.fact
