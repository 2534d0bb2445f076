"""The catalogue is closed, and its names are those that were agreed."""

import re

import pytest
from pydantic import TypeAdapter

from domain.envelope import MOST_SUBJECTS, EventType, Header, SchemaRef
from domain.errors import NotFound
from domain.vocabulary.catalogue import STANDARD, Catalogue
from domain.vocabulary.parts import Kind
from domain.vocabulary.upcasting import Upcast

FRONT_DOOR = """
    contact-received mash-check-requested mash-check-returned referral-received referral-closed
    threshold-rating-set case-stepped threshold-document-agreed
"""
ASSESSMENT = """
    early-help-assessment-started early-help-assessment-completed assessment-started
    assessment-completed
"""
CHILD_PROTECTION = """
    strategy-discussion-held section47-started icpc-held icpc-not-required protection-plan-started
    protection-plan-category-changed protection-plan-reviewed protection-plan-ended
"""
CHILD_IN_NEED = "cin-plan-started cin-plan-ended case-closed child-died"
PRE_BIRTH = "unborn-referral-received pre-birth-assessment-completed child-born"
MISSING_AND_CARE = """
    missing-episode-started missing-episode-ended return-interview-offered return-interview-held
    return-interview-declined care-period-started care-period-ended legal-status-changed
    placement-started placement-moved
"""
POLICE_HEALTH_SCHOOL = """
    weapon-incident-recorded domestic-abuse-notified encompass-notified marac-case-heard
    school-exclusion-recorded youth-justice-outcome-recorded
"""
OFF_BY_DEFAULT = "emergency-attendance-recorded gang-risk-identified"
EXPLOITATION = """
    mace-referral-made mace-meeting-held mace-risk-rated mace-case-closed nrm-referral-made
    location-concern-raised location-concern-reviewed location-concern-closed
"""
ACROSS_BORDERS = """
    cross-border-move-notified information-request-made information-request-answered
    information-request-declined share-acknowledged
"""
COUNTS = "figure-reported"
DATA_QUALITY = """
    identity-linked identity-unlinked record-withdrawn sharing-withheld figure-explained
    restriction-placed restriction-lifted objection-recorded part-disputed
"""
HUB = """
    agreement-signed agreement-suspended view-read part-fetched entries-fetched warrant-granted
    submission-refused stream-parked stream-redriven release-published erasure-requested
    erasure-approved erasure-notified erasure-confirmed legal-hold-set legal-hold-lifted
    sealing-session-opened key-created key-rotated key-destroyed audit-opened canary
    incident-recorded retention-reviewed
"""
ALREADY_NEEDED = """
    reference-data-registered right-granted right-removed office-appointed office-ended
"""
AREAS = (
    FRONT_DOOR, ASSESSMENT, CHILD_PROTECTION, CHILD_IN_NEED, PRE_BIRTH, MISSING_AND_CARE,
    POLICE_HEALTH_SCHOOL, OFF_BY_DEFAULT, EXPLOITATION, ACROSS_BORDERS, COUNTS, DATA_QUALITY, HUB,
    ALREADY_NEEDED,
)  # fmt: skip
NAMES = [name for area in AREAS for name in area.split()]

ABOUT_NO_PERSON = """
    threshold-document-agreed location-concern-raised location-concern-reviewed
    location-concern-closed figure-reported figure-explained agreement-signed agreement-suspended
    view-read part-fetched entries-fetched warrant-granted erasure-approved erasure-notified
    erasure-confirmed legal-hold-set legal-hold-lifted submission-refused stream-parked
    stream-redriven release-published sealing-session-opened key-created key-rotated key-destroyed
    audit-opened canary incident-recorded retention-reviewed reference-data-registered right-granted
    right-removed office-appointed office-ended
"""

OF_AN_EPISODE = """
    referral-received referral-closed case-stepped assessment-started assessment-completed
    strategy-discussion-held section47-started icpc-held icpc-not-required protection-plan-started
    protection-plan-category-changed protection-plan-reviewed protection-plan-ended
    cin-plan-started cin-plan-ended case-closed child-died unborn-referral-received
    pre-birth-assessment-completed child-born
"""

PAST = re.compile(r"(?:ed|born|held|made|read|set|withdrawn|withheld|heard|redriven)$")


def test_the_names_are_exactly_those_of_the_catalogue() -> None:
    """Nothing is missing, nothing was added, and everything begins at version 1."""
    assert list(STANDARD.names()) == sorted(NAMES)
    assert len(set(NAMES)) == len(NAMES) == len(STANDARD.kinds)
    assert {kind.version for kind in STANDARD.kinds} == {1}


def test_names_are_kebab_case_and_past_tense() -> None:
    """An event is something that happened; the canary alone is called what all call it."""
    for name in STANDARD.names():
        assert re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", name)
        assert PAST.search(name) or name == "canary"


def test_a_type_is_a_name_and_a_version_and_never_a_path() -> None:
    """Type and schema addresses are spelt from name and version, as the envelope takes them."""
    for kind in STANDARD.kinds:
        assert kind.type_name() == f"uk.bhr.safeguarding.{kind.name}.v{kind.version}"
        assert kind.schema_id() == f"urn:bhr:schema:{kind.name}:v{kind.version}"
        TypeAdapter(EventType).validate_python(kind.type_name())
        TypeAdapter(SchemaRef).validate_python(kind.schema_id())
        assert STANDARD.kind(kind.type_name()) is STANDARD.current(kind.name) is kind


def test_a_class_is_called_as_its_event_is() -> None:
    """Who knows the name of an event knows the name of its class."""
    for kind in STANDARD.kinds:
        assert kind.__name__ == "".join(word.capitalize() for word in kind.name.split("-"))


def test_events_about_no_person_have_no_subjects() -> None:
    """Who is counted as a person is decided kind by kind; a leaf has room for 31 of them."""
    found = [kind.name for kind in STANDARD.kinds if not kind.about_a_person]
    assert sorted(found) == sorted(ABOUT_NO_PERSON.split())
    for kind in STANDARD.kinds:
        assert kind.takes_subjects(0) == (kind.fewest_subjects == 0)
        assert kind.takes_subjects(MOST_SUBJECTS) == kind.about_a_person
        assert not kind.takes_subjects(MOST_SUBJECTS + 1)


def test_every_event_of_an_episode_can_name_it() -> None:
    """Episodes can be counted apart from assessments, whatever belongs to them."""
    found = [kind.name for kind in STANDARD.kinds if "episode" in kind.Facts.model_fields]
    assert sorted(found) == sorted(OF_AN_EPISODE.split())


def test_the_highest_risk_is_off_until_an_agreement_switches_it_on() -> None:
    """Emergency attendances and gang risk are defined, and off by default."""
    found = [kind.name for kind in STANDARD.kinds if kind.off_by_default]
    assert found == OFF_BY_DEFAULT.split()


@pytest.mark.parametrize(
    "type_name",
    [
        "uk.bhr.safeguarding.case-closed.v2",
        "uk.bhr.safeguarding.thing-scored.v1",
        "case-closed",
        "domain.vocabulary.child_in_need.CaseClosed",
        "",
    ],
)
def test_what_is_not_in_the_catalogue_does_not_exist(type_name: str) -> None:
    """An unknown type, an unknown version and a class path are not found; none is repeated back."""
    with pytest.raises(NotFound, match=r"^no such event type$"):
        STANDARD.kind(type_name)


def test_an_unknown_name_has_no_current_version() -> None:
    """Asking for the current version of nothing says so."""
    with pytest.raises(NotFound, match=r"^no such event type$"):
        STANDARD.current("thing-scored")


class First(Kind, name="thing-scored"):
    """A kind that only these tests know."""


class Second(Kind, name="thing-scored", version=2):
    """Its second version."""


class Third(Kind, name="thing-scored", version=3):
    """Its third version."""


def step(version: int) -> Upcast:
    """Give a step from a version of these tests' kind to the next."""
    return Upcast("thing-scored", version)


def test_the_highest_version_is_current_whatever_the_order() -> None:
    """Versions may be listed in any order."""
    catalogue = Catalogue(kinds=(Third, First, Second), upcasts=(step(2), step(1)))
    assert catalogue.current("thing-scored") is Third
    assert catalogue.kind("uk.bhr.safeguarding.thing-scored.v1") is First
    assert catalogue.names() == ("thing-scored",)


@pytest.mark.parametrize(
    ("kinds", "upcasts"),
    [
        ((First, First), ()),
        ((Second,), ()),
        ((First, Third), (step(1),)),
        ((First, Second), ()),
        ((First, Second, Third), (step(1),)),
        ((First, Second, Third), (step(2),)),
        ((First, Second), (step(1), step(1))),
        ((First, Second), (step(1), step(2))),
        ((First,), (step(1),)),
    ],
    ids=[
        "a kind twice",
        "no first version",
        "a version left out",
        "no step",
        "no second step",
        "no first step",
        "a step twice",
        "a step beyond the current version",
        "a step of a kind that has one version",
    ],
)
def test_a_catalogue_with_a_gap_cannot_be_made(
    kinds: tuple[type[Kind], ...], upcasts: tuple[Upcast, ...]
) -> None:
    """What could not be read later is refused when the catalogue is built."""
    with pytest.raises(ValueError, match=r"catalogue|version"):
        Catalogue(kinds=kinds, upcasts=upcasts)


def test_the_header_holds_nothing_of_a_person() -> None:
    """The header stays for ever: these are its fields, and no others."""
    assert sorted(Header.model_fields) == [
        "agreement", "datacontenttype", "dataschema", "id", "incidentla", "precision", "purpose",
        "residencela", "sealingsession", "sequence", "source", "specversion", "subject",
        "supersedes", "time", "type",
    ]  # fmt: skip
