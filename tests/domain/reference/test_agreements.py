"""What may be published, to whom, and who may read it why."""

from __future__ import annotations

import itertools

import pytest

from domain.reference.agreements import Agreement, agreement_for
from domain.reference.documents import read_as
from domain.reference.participants import Authority, Participants, participants_for
from tests.domain.reference.drafts import AGREEMENT, PARTICIPANTS, bent, raw, refused

DRAFT = read_as(Agreement, raw(AGREEMENT))
DRAFTED_FOR = read_as(Participants, raw(PARTICIPANTS))


def test_only_named_types_are_covered_for_their_purposes() -> None:
    """A type or a purpose that nobody wrote down is not covered."""
    assert DRAFT.covers_type("assessment-completed")
    assert DRAFT.covers_purpose("assessment-completed", "themes")
    assert not DRAFT.covers_purpose("assessment-completed", "case-work")
    assert not DRAFT.covers_type("assessment-started")
    assert not DRAFT.covers_purpose("assessment-started", "themes")
    assert DRAFT.types() == ("assessment-completed", "cross-border-move-notified")


def test_a_recipient_is_allowed_for_a_type_and_a_purpose_together() -> None:
    """Neither the type alone nor the purpose alone opens a restricted part to anybody."""
    move, assessed = "cross-border-move-notified", "assessment-completed"
    assert DRAFT.may_receive(move, "southam", purpose="case-work")
    assert not DRAFT.may_receive(move, "southam", purpose="themes")
    assert not DRAFT.may_receive(move, "new-health", purpose="case-work")
    assert not DRAFT.may_receive(assessed, "southam", purpose="themes")
    assert not DRAFT.may_receive("never-heard-of", "southam", purpose="case-work")


def test_a_reader_needs_body_office_view_and_purpose_together() -> None:
    """Of all sixteen mixtures of right and wrong, only the one that is wholly right may read."""
    right = ("northam", "director", "factors", "themes")
    wrong = ("stranger", "clerk", "feeds", "case-work")
    for choice in itertools.product((True, False), repeat=4):
        picked = [a if is_right else b for a, b, is_right in zip(right, wrong, choice, strict=True)]
        participant, office, view, purpose = picked
        allowed = DRAFT.may_read(participant=participant, office=office, view=view, purpose=purpose)
        assert allowed is all(choice)


def test_retention_goes_by_type() -> None:
    """How long the hub keeps its copy is part of what was agreed."""
    assert DRAFT.retention_days("assessment-completed") == 100
    assert DRAFT.retention_days("cross-border-move-notified") == 50
    assert DRAFT.retention_days("never-heard-of") is None


@pytest.mark.parametrize(
    ("place", "value", "faults"),
    [
        ("parties.1", "northam", {"parties.1": "doubled"}),
        ("controllers.+", "stranger", {"controllers.3": "unknown"}),
        ("purposes.1.code", "themes", {"purposes.1.code": "doubled"}),
        ("groups.1.code", "assessment", {"groups.1.code": "doubled"}),
        ("groups.0.purposes", ["other"], {"groups.0.purposes.0": "unknown"}),
        ("groups.1.recipients.+", "stranger", {"groups.1.recipients.3": "unknown"}),
        (
            "groups.1.recipient_purposes",
            ["other"],
            {"groups.1.recipient_purposes.0": "unknown"},
        ),
        (
            "groups.1.recipient_purposes",
            [],
            {"groups.1.recipient_purposes": "recipients-without-purpose"},
        ),
        ("groups.1.types.+", "assessment-completed", {"groups.1.types.1": "doubled"}),
        ("groups.0.types", [], {"groups.0.types": "too-short"}),
        ("groups.0.types", ["*"], {"groups.0.types.0": "string-pattern-mismatch"}),
        ("groups.0.types.+", "gang-risk-identified", {"groups.0.types.1": "not-switched-on"}),
        ("switched_on", ["gang-risk-identified"], {"switched_on.0": "unknown"}),
        ("readers.0.participants.+", "stranger", {"readers.0.participants.2": "unknown"}),
        ("readers.0.purposes", ["other"], {"readers.0.purposes.0": "unknown"}),
    ],
)
def test_what_does_not_hold_together_is_refused(
    place: str, value: object, faults: dict[str, str]
) -> None:
    """Every rule between parties, types, purposes and readers has a fault with its place."""
    found = refused(bent(AGREEMENT, place, value))
    assert faults.items() <= found.items()


def test_an_event_of_highest_risk_must_be_switched_on() -> None:
    """Covering it is not enough: somebody has to say a second time that it is meant."""
    draft = bent(AGREEMENT, "groups.0.types.+", "gang-risk-identified")
    assert refused(bent(draft, "switched_on", ["gang-risk-identified"])) == {}


def test_parties_that_are_no_participants_are_strangers() -> None:
    """An agreement holds together by itself; whether its parties exist is asked of the register."""
    assert list(DRAFT.strangers(DRAFTED_FOR)) == []
    stranger = read_as(Agreement, raw(bent(AGREEMENT, "parties.+", "stranger")))
    assert [fault.place for fault in stranger.strangers(DRAFTED_FOR)] == ["parties.3"]


def test_the_same_agreement_is_drafted_for_other_boroughs() -> None:
    """The new boroughs stand where the old stood; bodies that do not serve them are left out."""
    others = [
        Authority.named("Eastam", la_code="911", gss_code="E09000911"),
        Authority.named("Westam", la_code="912", gss_code="E09000912"),
        Authority.named("Midam", la_code="913", gss_code="E09000913"),
    ]
    agreement = agreement_for(participants_for(others), draft=DRAFT, drafted_for=DRAFTED_FOR)
    boroughs = ("eastam", "westam", "midam")
    assert agreement.parties == agreement.controllers == boroughs
    assert [reader.participants for reader in agreement.readers] == [boroughs]
    assert agreement.types() == DRAFT.types()
    assert agreement.may_receive("cross-border-move-notified", "midam", purpose="case-work")
    assert not agreement.may_receive("cross-border-move-notified", "police", purpose="case-work")
    assert read_as(Agreement, agreement.canonical()) == agreement


def test_for_the_same_boroughs_the_agreement_stays_as_it_is() -> None:
    """Drafting anew for those whom the draft names changes nothing."""
    assert agreement_for(DRAFTED_FOR, draft=DRAFT, drafted_for=DRAFTED_FOR) == DRAFT


def test_a_group_that_nobody_is_left_to_receive_needs_no_purpose_for_it() -> None:
    """Where only police could receive, and no police are there, the draft still holds together."""
    draft = read_as(Agreement, raw(bent(AGREEMENT, "groups.1.recipients", ["police"])))
    others = [Authority.named("Eastam", la_code="911", gss_code="E09000911")]
    agreement = agreement_for(participants_for(others), draft=draft, drafted_for=DRAFTED_FOR)
    assert agreement.groups[1].recipient_purposes == ()
    assert list(agreement.rules()) == []
