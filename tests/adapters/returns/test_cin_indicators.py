"""The CIN Census alone feeds the indicators that it has the fields for."""

from __future__ import annotations

import uuid

import pytest

from domain.envelope import Header
from domain.opened import OpenedEvent, OpenedSubject
from domain.record import Attestation
from projections.catalogue import PROJECTIONS
from projections.indicator_list import INDICATORS
from services.borough.drafting import Draft
from tests.adapters.returns.census import assessment, enquiry, episode, plan, told_by
from tests.projections.builders import pseudonym

OF_THE_CENSUS = (2, 4, 5, 6, 11, 13, 14, 15, 16, 22, 26, 34, 36, 37)
FACTORS = ("11A", "12A", "13A", "16A", "24A", "3A", "3B", "3C")


def opened(draft: Draft) -> OpenedEvent:
    """Give a draft as projections are given it once it is recorded."""
    header = Header(
        agreement="bhr-themes@1",
        datacontenttype="application/json",
        dataschema=draft.kind.schema_id(),
        id="0190a8c4-6f00-7a10-8b20-3c4d5e6f7a8b",
        precision=draft.precision,
        purpose="partnership-themes",
        sequence="1",
        source="/participants/havering/children-social-care",
        specversion="1.0",
        subject=pseudonym("a stream"),
        time=draft.time,
        type=draft.kind.type_name(),
    )
    subjects = tuple(
        OpenedSubject(1, pseudonym(one.person), one.role, one.shared) for one in draft.subjects
    )
    identity = uuid.UUID(header.id)
    return OpenedEvent(
        "havering", 0, 0, identity, identity, Attestation.SIGNED, header, draft.kind, draft.facts,
        subjects,
    )  # fmt: skip


@pytest.fixture(scope="module")
def cells() -> set[str]:
    """Give every cell that two children of a census add to."""
    older = told_by(
        episode(
            assessment(*FACTORS, authorised="2022-06-01"),
            enquiry(conference="2022-06-17"),
            plan("2022-06-17", "2022-09-01", "2023-02-20", end="2023-03-01"),
        ),
        episode(
            assessment("21", start="2022-10-03", authorised="2022-10-20"),
            referred="2022-10-01",
            CINclosureDate="2022-10-21",
            ReasonForClosure="RC8",
        ),
        episode(assessment("3B", start="2022-11-02"), referred="2022-11-01"),
        episode(referred="2022-12-01", turned_away="1"),
    )
    newborn = told_by(episode(plan("2022-06-17"), referred="2022-06-01"), born="2022-06-10")
    drafts = [one.draft for told in (older, newborn) for one in told.told]
    return {
        contribution.cell
        for event in map(opened, drafts)
        for counting in PROJECTIONS.countings.get(event.kind.name, ())
        for contribution in counting.contribute(event)
    }


@pytest.mark.parametrize("number", OF_THE_CENSUS)
def test_the_census_alone_feeds_it(cells: set[str], number: int) -> None:
    """Its numerator and what it is of are in what a return tells; no other source is needed."""
    indicator = INDICATORS[number - 1]
    assert indicator.basis == "computed"
    for line in indicator.lines:
        if line.code not in FED_BY_OTHERS:
            assert all(part.cells & cells for part in line.counts), line.code
            assert line.of is None or line.of.cells & cells, line.code


FED_BY_OTHERS = {"as-the-source-counts", "before-birth", "ended-after-2-years"}
"""What case systems count for themselves, or these two children do not have."""
