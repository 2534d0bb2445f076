"""Access: what the hub recorded of reads and fetches, and nobody else's word for it."""

from __future__ import annotations

from domain.record import Attestation
from domain.vocabulary.hub import AuditOpened, LedgerPosition, PartFetched, ViewRead
from projections.accesses import ACCESSES, Access
from tests.projections.builders import Borough, Told, event_id, folded

HUB = Told(attestation=Attestation.HUB, source="hub", sequence=0, agreement="hub-operation@1")
READ = ViewRead.Facts(
    agreement="bhr-themes@1",
    format="json",
    office="analyst",
    participant="redbridge",
    positions=(
        LedgerPosition(ledger="havering", position=3),
        LedgerPosition(ledger="redbridge", position=9),
    ),
    purpose="partnership-themes",
    reader="person-1",
    right="live",
    view="factors",
)


def accesses(borough: Borough) -> list[Access]:
    """Fold a ledger; give what it tells of access."""
    rows = folded(borough).store.told(ACCESSES.name, [borough.ledger])
    return [Access.model_validate_json(row.body) for row in rows]


def test_a_read_is_told_with_the_ledgers_that_it_was_made_from() -> None:
    """Given a read of two ledgers: who, which view, what for, and whose entries."""
    bhr = Borough("bhr")
    bhr.tells(ViewRead, READ, (), HUB)
    (access,) = accesses(bhr)
    assert (access.kind, access.participant, access.reader) == ("read", "redbridge", "person-1")
    assert (access.view, access.ledgers) == ("factors", ("havering", "redbridge"))
    assert (access.office, access.right, access.purpose) == ("analyst", "live", READ.purpose)


def test_a_fetch_is_told_where_the_part_is() -> None:
    """Given a fetch from Havering's ledger: which event, which part, of whose entries."""
    havering = Borough("havering")
    facts = PartFetched.Facts(
        agreement="bhr-themes@1",
        event=str(event_id("havering", 1)),
        ledger="havering",
        part=2,
        participant="redbridge",
        purpose="case-work",
        reader="person-1",
    )
    havering.tells(PartFetched, facts, (), HUB)
    (access,) = accesses(havering)
    assert (access.kind, access.event, access.part) == ("fetch", facts.event, 2)
    assert (access.ledgers, access.view, access.office) == (("havering",), None, None)


def test_openings_are_a_look_at_the_ledger_that_they_are_of() -> None:
    """Given a pack that an auditor was handed: who, how much, and the warrant that allowed it."""
    havering = Borough("havering")
    facts = AuditOpened.Facts(
        auditor="internal-audit",
        ledger="havering",
        parts=120,
        positions=(LedgerPosition(ledger="havering", position=3),),
        warrant=str(event_id("havering", 1)),
    )
    havering.tells(AuditOpened, facts, (), HUB)
    (access,) = accesses(havering)
    assert (access.kind, access.reader, access.opened) == ("openings", "internal-audit", 120)
    assert (access.ledgers, access.warrant) == (("havering",), facts.warrant)
    assert (access.participant, access.view, access.purpose) == (None, None, "audit")


def test_what_a_source_says_of_a_read_is_not_believed() -> None:
    """Given a read that a source tells of: none."""
    bhr = Borough("bhr")
    bhr.tells(ViewRead, READ, (), Told(source="somebody"))
    assert accesses(bhr) == []
