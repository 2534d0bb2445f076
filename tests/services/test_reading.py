"""Who may read a view, and the record of it that is made before the answer leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.ledger.memory import MemoryLedger
from domain.errors import NotAuthorised, Unavailable
from domain.values import to_text
from domain.vocabulary import hub
from services.ports import Caller, Ledger
from services.reading import Reading
from tests.hub_rig import HubRig, open_rig
from tests.rig_faults import FailingLedger
from tests.rig_publisher import AGREEMENT, PURPOSE

ANALYST = Caller("havering", None, "analyst", "reader-1")
READING = Reading(ANALYST, AGREEMENT, PURPOSE, "json")
VIEW = "factors"


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub on which Havering's analyst has the right to read."""
    with open_rig() as opened:
        grant(opened)
        yield opened


def grant(rig: HubRig, **changes: object) -> None:
    """Give a right; `changes` replace what it says."""
    said = {
        "effective_from": "2025-01-01",
        "office": "analyst",
        "participant": "havering",
        "purposes": (PURPOSE,),
        "right": "live",
        **changes,
    }
    rig.registering.grant(hub.RightGranted.Facts.model_validate(said))


def reason(rig: HubRig, reading: Reading, view: str = VIEW) -> str:
    """Give why a view may not be read; nothing is recorded of it."""
    sizes = rig.sizes()
    with pytest.raises(NotAuthorised) as found:
        rig.reading.allow(reading, view)
    assert rig.sizes() == sizes
    return found.value.reason


def test_an_office_with_agreement_purpose_and_right_may_read(rig: HubRig) -> None:
    """The agreement under which it may is given back."""
    assert rig.reading.allow(READING, VIEW).reference() == AGREEMENT


WITHOUT = [
    (replace(READING, caller=replace(ANALYST, office=None)), "not-a-reading-token"),
    (replace(READING, agreement="bhr-themes@2"), "agreement-not-in-force"),
    (replace(READING, agreement=""), "agreement-not-in-force"),
    (replace(READING, purpose="curiosity"), "agreement-does-not-cover"),
    (replace(READING, purpose="case-work"), "agreement-does-not-cover"),
    (replace(READING, caller=replace(ANALYST, office="director")), "no-right"),
    (replace(READING, caller=replace(ANALYST, office="clerk")), "agreement-does-not-cover"),
    (replace(READING, caller=replace(ANALYST, participant="redbridge")), "no-right"),
    (
        replace(READING, caller=replace(ANALYST, participant="nhs-havering-ccg")),
        "agreement-does-not-cover",
    ),
]


@pytest.mark.parametrize(("reading", "expected"), WITHOUT)
def test_each_of_them_is_needed(rig: HubRig, reading: Reading, expected: str) -> None:
    """Office, agreement in force, view and purpose covered, and the right: or a reason why not."""
    assert reason(rig, reading) == expected


def test_a_view_that_the_agreement_does_not_name_is_not_read(rig: HubRig) -> None:
    """A right is no right to everything."""
    assert reason(rig, READING, "children") == "agreement-does-not-cover"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"right": "released"}, "released-only"), ({"purposes": ("case-work",)}, "no-right")],
)
def test_another_right_is_not_this_one(changes: dict[str, object], expected: str) -> None:
    """Releases alone, or another purpose, do not let live figures out."""
    with open_rig() as rig:
        grant(rig, **changes)
        assert reason(rig, READING) == expected


def test_an_agreement_suspended_a_moment_ago_lets_nothing_out(rig: HubRig) -> None:
    """The registry is read on before it is asked."""
    rig.suspend(AGREEMENT, "2025-06-15T15:06:40Z")
    assert reason(rig, READING) == "agreement-not-in-force"


def test_a_reading_is_recorded_whole(rig: HubRig) -> None:
    """Who, what, why, in which form and from which positions; of the filters a digest alone."""
    filters = {"year": "2024", "authority": "311"}
    before = rig.sizes()
    rig.reading.record(READING, VIEW, positions={"redbridge": 3, "havering": 9}, filters=filters)
    (event,) = rig.partnership.opened(before["bhr"])
    assert rig.sizes() == {**before, "bhr": before["bhr"] + 1}
    assert event.facts == hub.ViewRead.Facts(
        agreement=AGREEMENT,
        filters=to_text(hashlib.sha256(b'{"authority":"311","year":"2024"}').digest()),
        format="json",
        office="analyst",
        participant="havering",
        positions=(
            hub.LedgerPosition(ledger="havering", position=9),
            hub.LedgerPosition(ledger="redbridge", position=3),
        ),
        purpose=PURPOSE,
        reader="reader-1",
        right="live",
        view=VIEW,
    )


def test_a_reading_without_filters_names_none(rig: HubRig) -> None:
    """The digest of nothing is not recorded as if something had been asked."""
    rig.reading.record(READING, VIEW, positions={}, filters={})
    facts = rig.partnership.opened()[-1].facts
    assert isinstance(facts, hub.ViewRead.Facts)
    assert (facts.filters, facts.positions) == (None, ())


def test_what_cannot_be_recorded_is_not_read() -> None:
    """A failing ledger reaches whoever asked, before any answer is made."""
    ledgers: dict[str, FailingLedger] = {}

    def make(name: str) -> Ledger:
        return ledgers.setdefault(name, FailingLedger(MemoryLedger(name)))

    with open_rig(HubRig(make_ledger=make)) as rig:
        ledgers["bhr"].plan.fail("append")
        with pytest.raises(Unavailable):
            rig.reading.record(READING, VIEW, positions={}, filters={})
