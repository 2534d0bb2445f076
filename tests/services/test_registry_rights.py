"""The registry: rights with their days, suspensions from their instant, keys that are believed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.keys.ceremony import body_keys
from domain.errors import NotFound
from domain.reference.body_keys import BodyKeys, fingerprint
from domain.reference.participants import PARTNERSHIP
from domain.vocabulary import hub
from services.trust import Vouched
from tests.hub_rig import HubRig, open_rig
from tests.services.test_registry import DAY_MS, PURPOSE, THEMES, agreement


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub with the shipped documents registered."""
    with open_rig() as opened:
        yield opened


def a_right(**changes: object) -> hub.RightGranted.Facts:
    """Give a right; `changes` replace what it says."""
    said = {
        "effective_from": "2025-06-15",
        "office": "analyst",
        "participant": "havering",
        "purposes": (PURPOSE,),
        "right": "live",
        **changes,
    }
    return hub.RightGranted.Facts.model_validate(said)


def has_right(rig: HubRig, **changes: str) -> bool:
    """Ask for that right, or for another."""
    asked = {"participant": "havering", "office": "analyst", "right": "live", **changes}
    purpose = asked.get("purpose", PURPOSE)
    return rig.registry.has_right(
        asked["participant"], asked["office"], right=asked["right"], purpose=purpose
    )


def remove(rig: HubRig, until: str, granted: str | None = None) -> None:
    """Take that right away."""
    facts = hub.RightRemoved.Facts(
        effective_until=until, granted=granted, office="analyst", participant="havering",
        right="live",
    )  # fmt: skip
    rig.hub_events.append(PARTNERSHIP, rig.hub_events.made(hub.RightRemoved, facts))


def test_a_right_is_one_body_s_office_s_purpose_s_and_has_its_days(rig: HubRig) -> None:
    """Both days included, and for nobody and nothing else."""
    rig.registering.grant(a_right(effective_from="2025-06-16", effective_until="2025-06-17"))
    held = []
    for _ in range(4):
        held.append(has_right(rig))
        rig.clock.at_ms += DAY_MS
    assert held == [False, True, True, False]
    rig.clock.at_ms -= 3 * DAY_MS
    assert has_right(rig)
    assert not has_right(rig, participant="redbridge")
    assert not has_right(rig, office="director")
    assert not has_right(rig, right="released")
    assert not has_right(rig, purpose="case-work")


def test_a_removed_right_ends_on_its_day(rig: HubRig) -> None:
    """Not before, not after, and a later grant is a right anew."""
    rig.registering.grant(a_right())
    remove(rig, "2025-06-15")
    assert has_right(rig)
    remove(rig, "2025-06-20")
    rig.clock.at_ms += DAY_MS
    assert not has_right(rig)
    rig.registering.grant(a_right())
    assert has_right(rig)


def test_a_removal_that_names_a_granting_ends_that_one_alone(rig: HubRig) -> None:
    """Another right of the same office goes on."""
    first = rig.hub_events.made(hub.RightGranted, a_right(purposes=("case-work",)))
    rig.hub_events.append(PARTNERSHIP, first)
    rig.registering.grant(a_right())
    remove(rig, "2025-06-14", str(first.event_id))
    assert has_right(rig)
    assert not has_right(rig, purpose="case-work")


def test_an_agreement_is_suspended_from_its_instant(rig: HubRig) -> None:
    """To the millisecond, the earliest of several, and what it said can still be read."""
    rig.suspend(THEMES, "2025-06-15T16:06:40.002+01:00")
    rig.suspend(THEMES, "2025-07-01T00:00:00Z")
    for at, in_force in ((1, True), (1, False), (40 * DAY_MS, False)):
        rig.clock.at_ms += at
        assert (agreement(rig, THEMES) is not None) == in_force
    assert rig.registry.agreement_text(THEMES) is not None
    assert rig.registry.agreement_text("bhr-themes@9") is None


def test_keys_are_found_by_fingerprint_and_believed_by_trust(rig: HubRig) -> None:
    """The newest recipient key that is both; a signing key by its own fingerprint alone."""
    old, new, signing = bytes([1]) * 1216, bytes([2]) * 1216, bytes([3]) * 32
    keys = body_keys(
        "havering",
        [("recipient", old), ("signing", signing), ("recipient", new)],
        effective_from="2020-01-01",
    )
    rig.registering.register(keys)
    assert rig.registry.recipient_key("havering") is None
    assert rig.registry.recipient_key("redbridge") is None
    rig.trust.add(Vouched("havering", "recipient", fingerprint("recipient", old)))
    assert rig.registry.recipient_key("havering") == old
    rig.trust.add(Vouched("havering", "recipient", fingerprint("recipient", new)))
    assert rig.registry.recipient_key("havering") == new
    mark = fingerprint("signing", signing)
    rig.trust.add(Vouched("redbridge", "signing", mark))
    rig.trust.add(Vouched("havering", "hub", mark))
    assert rig.registry.signing_key("havering", mark) is None
    rig.trust.add(Vouched("havering", "signing", mark))
    assert rig.registry.signing_key("havering", mark) == signing
    assert rig.registry.public_key("havering", "hub", mark) is None
    assert rig.registry.signing_key("redbridge", mark) is None
    assert isinstance(rig.registry.body_keys("havering"), BodyKeys)


def test_no_right_is_given_to_nobody(rig: HubRig) -> None:
    """A body that is no participant is refused, and nothing is recorded."""
    sizes = rig.sizes()
    with pytest.raises(NotFound):
        rig.registering.grant(a_right(participant="haverng"))
    assert rig.sizes() == sizes
