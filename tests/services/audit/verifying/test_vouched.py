"""What no publisher signed is the hub's own, or of a source that cannot sign: else it is found."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from domain.record import Attestation
from domain.vocabulary.figures import FigureReported
from domain.wire import Unread
from services.audit.verifying import report
from services.batches import Batch
from services.identifiers import uuid7
from services.preparing import PreparedEvent, from_signed
from tests.hub_rig import HAVERING, WIRE, HubRig, open_rig
from tests.rig_plain import an_event, send, with_source
from tests.rig_publisher import Publisher, outcomes
from tests.services.audit.verifying.test_contents import looked_into


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub in memory."""
    with open_rig() as opened:
        yield opened


def appended(rig: HubRig, made: PreparedEvent) -> int:
    """Have the operator append an event past every check; gives where it stands."""
    batch = Batch(
        submission=uuid7(rig.clock.now_ms()),
        source=HAVERING,
        digests=(made.digest,),
        signature=b"",
        events=((0, made),),
        answer=lambda _: b"",
    )
    rig.havering.committer.commit(batch)
    return rig.havering.ledger.head().size - 1


def forged(publisher: Publisher, attestation: Attestation) -> PreparedEvent:
    """Make an event in a borough's name that the borough did not sign."""
    (event,) = WIRE.signed_submission(publisher.submission(publisher.event())).events
    assert not isinstance(event, Unread)
    return dataclasses.replace(from_signed(event), attestation=attestation)


@pytest.mark.parametrize(
    ("attestation", "code"),
    [
        (Attestation.HUB, "not-of-the-hubs-own"),
        (Attestation.PLAIN, "not-signed-and-not-of-a-plain-source"),
    ],
)
def test_an_event_in_the_name_of_a_borough_is_found(
    rig: HubRig, attestation: Attestation, code: str
) -> None:
    """The operator can write that somebody else vouches for it: whether that can be is asked."""
    publisher = rig.publisher()
    position = appended(rig, forged(publisher, attestation))
    _, found = looked_into(rig, [publisher.signer.public])
    assert found == {(report.OPENINGS, position, code)}


def test_a_kind_that_the_hub_does_not_record_is_found(rig: HubRig) -> None:
    """In its own name too, the hub reports no figure of a borough's."""
    publisher = rig.publisher()
    facts = FigureReported.Facts(
        area="301",
        measure="offences",
        numerator=3,
        period_end="2025-03-31",
        period_start="2024-04-01",
        published_source="Nobody's",
    )
    position = appended(rig, rig.hub_events.made(FigureReported, facts))
    _, found = looked_into(rig, [publisher.signer.public])
    assert found == {(report.OPENINGS, position, "not-of-the-hubs-own")}


def test_what_a_plain_source_said_is_counted_and_signed_by_nobody(rig: HubRig) -> None:
    """It was registered as one that cannot sign: no finding, and never said to be checked."""
    publisher = rig.publisher()
    rig.registering.register(with_source())
    (told,) = outcomes(send(rig, an_event(publisher)))
    assert told["outcome"] == "recorded"
    contents, found = looked_into(rig, [publisher.signer.public])
    assert found == set()
    why = {one.not_checked for one in contents.checked() if one.step == report.OPENINGS} - {""}
    assert why == {"1 entries of plain sources are not signed by anybody"}
