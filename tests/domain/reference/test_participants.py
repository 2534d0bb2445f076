"""Who publishes, reads and controls, since when, and what became of them."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ReferenceRefused
from domain.reference.documents import read_as
from domain.reference.participants import Authority, Participants, participants_for
from tests.domain.reference.drafts import DAYS, HEAD, PARTICIPANTS, Draft, bent, raw, refused

DRAFT = read_as(Participants, raw(PARTICIPANTS))


def test_a_body_is_found_on_the_days_on_which_it_stands() -> None:
    """A body that has ended, or has not begun, is not there."""
    assert DRAFT.participant("old-health", "2022-06-30") is not None
    assert DRAFT.participant("old-health", "2022-07-01") is None
    assert DRAFT.participant("new-health", "2022-06-30") is None
    assert DRAFT.participant("nobody", "2022-06-30") is None


def test_a_source_is_found_while_its_bodies_stand() -> None:
    """A source speaks for a participant, so it ends with it."""
    source = DRAFT.source("/participants/police/northam", "2020-01-01")
    assert source is not None
    assert (source.ledger, source.controller, source.plain) == ("northam", "police", False)
    assert DRAFT.source("/participants/police/northam", "1999-12-31") is None
    assert DRAFT.source("/participants/police/southam", "2020-01-01") is None


def test_who_answers_for_a_source_outlives_it() -> None:
    """What a source told has a controller on every day: its own, or who came after it."""
    name = "/participants/police/northam"
    assert DRAFT.controllers(name, "2020-01-01") == {"police"}
    draft = bent(PARTICIPANTS, "participants.2.successors", ["new-health", "police"])
    draft = bent(draft, "sources.0.controller", "old-health")
    document = read_as(Participants, raw(draft))
    first = document.sources[0].name
    assert document.controllers(first, "2022-01-01") == {"old-health"}
    assert document.controllers(first, "2023-01-01") == {"new-health", "police"}
    assert document.controllers("/participants/nobody/anything", "2023-01-01") == frozenset()


def test_boroughs_and_ledgers_are_those_of_the_day() -> None:
    """Nobody has to name a borough to go through all of them."""
    assert [body.code for body in DRAFT.boroughs("2019-09-28")] == ["northam", "southam"]
    assert DRAFT.ledgers("2019-09-28") == ("northam", "southam")
    assert DRAFT.ledgers("2019-09-29") == ("northam", "southam", "group")


def _chain(starts: list[datetime.date]) -> Draft:
    """Bodies that follow each other, each ending on the day before the next begins."""
    bodies: list[Draft] = []
    for at, start in enumerate(starts):
        body: Draft = {
            "code": f"body-{at}",
            "name": "A body",
            "kind": "icb",
            "effective_from": start.isoformat(),
        }
        if at + 1 < len(starts):
            last = starts[at + 1] - datetime.timedelta(days=1)
            body |= {"effective_until": last.isoformat(), "successors": [f"body-{at + 1}"]}
        bodies.append(body)
    return HEAD | {"kind": "participants", "name": "chain", "participants": bodies, "sources": []}


@given(starts=st.lists(DAYS, min_size=1, max_size=6, unique=True).map(sorted), day=DAYS)
def test_a_chain_of_successors_has_exactly_one_body_on_every_day(
    starts: list[datetime.date], day: datetime.date
) -> None:
    """Whoever asks for the first body gets the one that stands on the day: no gap, no overlap."""
    chain = read_as(Participants, raw(_chain(starts)))
    begun = [at for at, start in enumerate(starts) if start <= day]
    found = [body.code for body in chain.successors("body-0", day.isoformat())]
    assert found == ([f"body-{begun[-1]}"] if begun else [])


@given(starts=st.lists(DAYS, min_size=2, max_size=4, unique=True).map(sorted), gap=st.booleans())
def test_a_gap_or_ring_in_a_succession_is_refused(
    starts: list[datetime.date],
    gap: bool,  # noqa: FBT001 - hypothesis hands it over by name
) -> None:
    """A successor has to be there on the next day, so no chain leads back to where it began."""
    draft = _chain(starts)
    if gap:
        draft = bent(draft, "participants.1.effective_from", "2099-01-01")
    else:
        end = len(starts) - 1
        draft = bent(draft, f"participants.{end}.effective_until", "2099-01-01")
        draft = bent(draft, f"participants.{end}.successors", ["body-0"])
    assert "not-in-force-next-day" in refused(draft).values()


def test_a_body_that_became_two_is_followed_by_both() -> None:
    """A merger and a split are the same kind of data."""
    draft = bent(PARTICIPANTS, "participants.2.successors", ["new-health", "police"])
    document = read_as(Participants, raw(draft))
    found = document.successors("old-health", "2023-01-01")
    assert [body.code for body in found] == ["new-health", "police"]
    assert document.successors("nobody", "2023-01-01") == ()


@pytest.mark.parametrize(
    ("place", "value", "faults"),
    [
        ("participants.1.code", "northam", {"participants.1.code": "doubled"}),
        ("participants.1.la_code", "901", {"participants.1.la_code": "doubled"}),
        ("participants.0.gss_code", None, {"participants.0.gss_code": "missing"}),
        ("participants.1.ledger", None, {"participants.1.ledger": "missing"}),
        ("participants.4.ledger", "police", {"participants.4.ledger": "keeps-no-ledger"}),
        (
            "participants.1.effective_until",
            "1999-01-01",
            {"participants.1.effective_until": "dates-out-of-order"},
        ),
        ("participants.2.successors", ["nobody"], {"participants.2.successors.0": "unknown"}),
        (
            "participants.2.effective_until",
            None,
            {"participants.2.successors": "no-last-day"},
        ),
        ("sources.0.controller", "nobody", {"sources.0.controller": "unknown"}),
        ("sources.0.ledger", "nowhere", {"sources.0.ledger": "unknown"}),
        ("sources.0.ledger", "southam", {"sources.0.ledger": "of-another-participant"}),
        (
            "sources.0.name",
            "/participants/southam/case-system",
            {"sources.0.name": "of-another-participant"},
        ),
        ("sources.1.plain", True, {"sources.1.plain": "never-plain"}),
    ],
)
def test_what_does_not_hold_together_is_refused(
    place: str, value: object, faults: dict[str, str]
) -> None:
    """Every rule between bodies and sources has a fault with its place."""
    found = refused(bent(PARTICIPANTS, place, value))
    assert faults.items() <= found.items()


def test_a_source_may_write_to_the_partnerships_ledger() -> None:
    """A borough writes to its own ledger or to the partnership's, and police to any borough's."""
    assert refused(bent(PARTICIPANTS, "sources.0.ledger", "group")) == {}
    assert refused(bent(PARTICIPANTS, "sources.1.ledger", "southam")) == {}


@pytest.mark.parametrize("place", ["sources.0.plain", "sources.0.shielded"])
def test_a_borough_source_may_be_plain_or_shielded(place: str) -> None:
    """Either is its controller's choice."""
    assert refused(bent(PARTICIPANTS, place, value=True)) == {}


def test_a_shielded_source_is_never_plain() -> None:
    """What a controller protects, the hub must not be able to read while it arrives."""
    draft = bent(
        bent(PARTICIPANTS, "sources.0.plain", value=True), "sources.0.shielded", value=True
    )
    assert refused(draft) == {"sources.0.plain": "never-plain"}


def test_a_source_controlled_by_the_police_is_never_plain() -> None:
    """It is the controller's data that would be open while it arrives, whoever sends it."""
    draft = bent(PARTICIPANTS, "sources.0.plain", value=True)
    draft = bent(draft, "sources.0.controller", "police")
    assert refused(draft) == {"sources.0.plain": "never-plain"}


def test_every_fault_is_given_at_once() -> None:
    """Whoever drafts a document corrects it once, not fault by fault."""
    draft = bent(bent(PARTICIPANTS, "sources.0.ledger", "nowhere"), "sources.1.plain", value=True)
    draft = bent(draft, "participants.0.gss_code", None)
    assert refused(draft) == {
        "participants.0.gss_code": "missing",
        "sources.0.ledger": "unknown",
        "sources.1.plain": "never-plain",
    }


def test_participants_are_drafted_for_any_authorities() -> None:
    """Three other boroughs are data: each has a ledger and a source, and so has the partnership."""
    names = [("Northam", "901"), ("St. Agnes on the Hill", "902"), ("Southam, City of", "903")]
    authorities = [
        Authority.named(name, la_code=code, gss_code=f"E09000{code}") for name, code in names
    ]
    document = participants_for(authorities)
    codes = ["northam", "st-agnes-on-the-hill", "southam-city-of"]
    assert [body.code for body in document.boroughs("2026-01-01")] == codes
    assert document.ledgers("2018-01-01") == (*codes, "bhr")
    for code in codes:
        source = document.source(f"/participants/{code}/children-social-care", "2018-01-01")
        assert source is not None
        assert source.ledger == source.controller == code
    assert read_as(Participants, document.canonical()) == document


@pytest.mark.parametrize(
    ("authorities", "code"),
    [
        ([Authority("", "Nowhere", "901", "E09000901")], "string-pattern-mismatch"),
        (
            [Authority("a", "A", "901", "E09000901"), Authority("b", "B", "901", "E09000902")],
            "doubled",
        ),
    ],
)
def test_authorities_that_make_up_no_document_are_refused(
    authorities: list[Authority], code: str
) -> None:
    """A table with a broken authority ends in a refusal of ours, never in somebody else's error."""
    with pytest.raises(ReferenceRefused) as refusal:
        participants_for(authorities)
    assert code in {fault.code for fault in refusal.value.faults}
