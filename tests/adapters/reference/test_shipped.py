"""The shipped reference documents: they parse, and hold with each other."""

from __future__ import annotations

import importlib.resources

import pytest

from adapters.reference import shipped
from domain.errors import NotFound
from domain.reference.agreements import OFF_BY_DEFAULT, Agreement
from domain.reference.documents import kind_of, parse_document, read_as
from domain.reference.participants import Authority, Participants, participants_for
from domain.vocabulary.catalogue import STANDARD

PACKAGE = importlib.resources.files("adapters.reference")
BOROUGHS = [
    Authority("barking-and-dagenham", "Barking and Dagenham", "301", "E09000002"),
    Authority("havering", "Havering", "311", "E09000016"),
    Authority("redbridge", "Redbridge", "317", "E09000026"),
]
CODES = [borough.code for borough in BOROUGHS]
TODAY = "2026-11-23"

RETURNED = (
    "referral-received referral-closed assessment-started assessment-completed"
    " section47-started icpc-held icpc-not-required protection-plan-started"
    " protection-plan-category-changed protection-plan-reviewed protection-plan-ended"
    " cin-plan-started cin-plan-ended case-closed child-died unborn-referral-received"
    " record-withdrawn sealing-session-opened canary"
)
"""What a CIN Census return becomes, and what goes with it."""

AREAS = [
    "front_door",
    "assessment",
    "child_protection",
    "child_in_need",
    "pre_birth",
    "missing_and_care",
    "police_health_school",
    "exploitation",
    "across_borders",
    "figures",
    "data_quality",
]
"""The areas of the vocabulary that borough and agency systems publish."""


def _raw(file: str) -> bytes:
    return shipped.shipped_document(file).raw


PARTICIPANTS = read_as(Participants, _raw(shipped.PARTICIPANTS))
AGREEMENT = read_as(Agreement, _raw(shipped.AGREEMENT))


@pytest.mark.parametrize("document", shipped.shipped_documents(), ids=lambda one: one.file)
def test_every_shipped_document_is_what_it_says(document: shipped.Shipped) -> None:
    """Each parses as its kind; each name stands once, so each can be registered."""
    assert kind_of(document.raw) == document.kind
    assert parse_document(document.kind, document.raw).kind == document.kind
    names = [parse_document(one.kind, one.raw).reference() for one in shipped.shipped_documents()]
    assert len(set(names)) == len(names)


def test_no_document_is_left_out() -> None:
    """Whatever document lies in the package is shipped by name; no other file can be asked for."""
    found = {
        path.name if folder == "." else f"{folder}/{path.name}"
        for folder in (".", "rule-packs", "reference-figures")
        for path in PACKAGE.joinpath(folder).iterdir()
        if path.name.endswith(".json")
    }
    assert found - {"factor-columns.json"} == set(shipped.FILES)
    with pytest.raises(NotFound):
        shipped.shipped_document("../settings.json")


def test_the_three_boroughs_are_the_drafted_ones() -> None:
    """The shipped boroughs, their ledgers and sources are what any authorities would be given."""
    drafted = participants_for(BOROUGHS)
    assert PARTICIPANTS.boroughs(TODAY) == drafted.boroughs(TODAY)
    assert PARTICIPANTS.ledgers(TODAY) == drafted.ledgers(TODAY) == (*CODES, "bhr")
    for source in drafted.sources:
        assert PARTICIPANTS.source(source.name, TODAY) == source


def test_the_police_are_three_sources_in_three_ledgers() -> None:
    """One command serves three boroughs: each ledger has a source of its own, none of it plain."""
    police = [one for one in PARTICIPANTS.sources if one.participant == "metropolitan-police-east"]
    assert [source.ledger for source in police] == CODES
    assert not any(source.plain for source in PARTICIPANTS.sources)


@pytest.mark.parametrize(
    ("day", "body"),
    [
        ("2019-09-29", "nhs-havering-ccg"),
        ("2021-03-31", "nhs-havering-ccg"),
        ("2021-04-01", "nhs-north-east-london-ccg"),
        ("2022-06-30", "nhs-north-east-london-ccg"),
        ("2022-07-01", "nhs-north-east-london-icb"),
    ],
)
def test_the_health_body_of_a_day_is_found(day: str, body: str) -> None:
    """Three groups became one in 2021, and a board in July 2022."""
    found = PARTICIPANTS.successors("nhs-havering-ccg", day)
    assert [one.code for one in found] == [body]


def test_the_agreement_holds_with_the_participants() -> None:
    """Every party is a participant that still stands, and every party controls what it sends."""
    assert AGREEMENT.reference() == "bhr-themes@1"
    assert list(AGREEMENT.strangers(PARTICIPANTS)) == []
    assert all(PARTICIPANTS.participant(party, TODAY) for party in AGREEMENT.parties)
    assert AGREEMENT.controllers == AGREEMENT.parties


def test_the_agreement_covers_what_a_return_needs_and_nothing_of_highest_risk() -> None:
    """What a CIN Census return becomes is covered for the themes; what is off stays off."""
    assert all(AGREEMENT.covers_purpose(event, "partnership-themes") for event in RETURNED.split())
    assert not OFF_BY_DEFAULT & set(AGREEMENT.types())


def test_the_agreement_covers_every_event_of_borough_and_agency_systems() -> None:
    """Nothing of the catalogue's areas is forgotten but what is off, and nothing is invented."""
    systems = {kind.name for kind in STANDARD.kinds if kind.__module__.split(".")[-1] in AREAS}
    clients_own = {"canary", "erasure-requested", "sealing-session-opened"}
    assert set(AGREEMENT.types()) - clients_own == systems - OFF_BY_DEFAULT
    assert set(AGREEMENT.types()) <= set(STANDARD.names())


def test_only_what_crosses_a_border_has_recipients() -> None:
    """Restricted parts of everything else are for the controller alone."""
    received = {
        event
        for event in AGREEMENT.types()
        if AGREEMENT.may_receive(event, "redbridge", purpose="case-work")
    }
    assert received == {
        "cross-border-move-notified",
        "information-request-answered",
        "information-request-declined",
        "information-request-made",
        "sealing-session-opened",
        "share-acknowledged",
        "strategy-discussion-held",
    }


def test_other_authorities_get_the_same_documents() -> None:
    """With three other authorities only participants and agreement differ, and both still hold."""
    others = [
        Authority.named("Northam", la_code="901", gss_code="E09000901"),
        Authority.named("Southam, City of", la_code="902", gss_code="E09000902"),
        Authority.named("Midam", la_code="903", gss_code="E09000903"),
    ]
    documents = shipped.documents_for(others)
    assert [one.file for one in documents] == list(shipped.FILES)
    changed = [
        one.file
        for one, original in zip(documents, shipped.shipped_documents(), strict=True)
        if one.raw != original.raw
    ]
    assert changed == [shipped.PARTICIPANTS, shipped.AGREEMENT]
    participants = read_as(Participants, documents[0].raw)
    agreement = read_as(Agreement, documents[1].raw)
    assert agreement.parties == ("northam", "southam-city-of", "midam", "bhr")
    assert list(agreement.strangers(participants)) == []
    assert agreement.may_read(
        participant="midam", office="analyst", view="factors", purpose="partnership-themes"
    )
