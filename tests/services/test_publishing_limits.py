"""Publishing: agreements as they stand at the moment, and how much may come at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.errors import NotAuthorised
from domain.wire import EVENT_BYTES_MAX, EVENTS_MAX
from tests.hub_rig import HubRig, next_agreement, next_participants, open_rig, shipped_fields
from tests.rig_publisher import Publisher, outcomes
from tests.services.test_publishing import codes, refused_whole


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub."""
    with open_rig() as opened:
        yield opened


@pytest.fixture
def havering(rig: HubRig) -> Publisher:
    """Give Havering's publisher."""
    return rig.publisher()


def test_agreements_are_asked_at_the_moment(rig: HubRig, havering: Publisher) -> None:
    """Suspended from an instant on, in force again by its next version, once that is signed."""
    rig.suspend("bhr-themes@1", "2025-06-15T15:06:40.001Z")
    assert outcomes(havering.publish(havering.event()))[0]["outcome"] == "recorded"
    rig.clock.at_ms += 1
    told = outcomes(havering.publish(havering.event()))
    assert codes(told[0]) == {("agreement", "not-in-force")}
    rig.registering.register(next_agreement())
    told = outcomes(havering.publish(havering.event(agreement="bhr-themes@2")))
    assert codes(told[0]) == {("agreement", "not-signed-by-the-controller")}
    rig.sign("bhr-themes@2", "havering")
    told = outcomes(havering.publish(havering.event(agreement="bhr-themes@2")))
    assert told[0]["outcome"] == "recorded"


def test_an_agreement_has_a_first_and_a_last_day(rig: HubRig, havering: Publisher) -> None:
    """A version that is not yet, or no longer, in force covers nothing."""
    rig.registering.register(next_agreement(effective_from="2025-06-16"))
    rig.registering.register(next_agreement(version=3, effective_until="2025-06-14"))
    for version in (2, 3, 4):
        told = outcomes(havering.publish(havering.event(agreement=f"bhr-themes@{version}")))
        assert codes(told[0]) == {("agreement", "not-in-force")}


def test_too_many_events_or_too_large_a_document(rig: HubRig, havering: Publisher) -> None:
    """A batch has at most 1000 events and 5 MiB; an event too large is refused by itself."""
    many = [havering.event() for _ in range(EVENTS_MAX + 1)]
    digests = [bytes(32)] * EVENTS_MAX
    assert refused_whole(rig, havering, havering.over(many, digests)) == "too-few-or-too-many"
    large = havering.submission(havering.event()) + b" " * (5 * 1024 * 1024)
    assert refused_whole(rig, havering, large) == "too-large"


def test_an_event_that_is_too_large_is_refused_by_itself(rig: HubRig, havering: Publisher) -> None:
    """More than 32 KiB decoded is refused, its neighbour stands, and a little less is taken."""
    opening = havering.session({"havering": havering.recipient_public})
    large = havering.sealed(opening.seal, restricted={"narrative": "x" * EVENT_BYTES_MAX})
    small = havering.sealed(opening.seal, restricted={"narrative": "x" * 20_000})
    told = outcomes(havering.publish(opening.event, large, small))
    assert [one["outcome"] for one in told] == ["recorded", "refused", "recorded"]
    assert codes(told[1]) == {("data.subjects.0.restricted.envelope", "string-too-long")}
    narrow = havering.sealed(opening.seal, restricted={"narrative": "x" * 32_100})
    assert codes(outcomes(havering.publish(narrow))[0]) == {("", "event-too-large")}


def test_a_source_whose_ledger_is_not_here_is_told_so(rig: HubRig) -> None:
    """A fourth borough may be registered before its ledger was made."""
    said = shipped_fields("participants.json")
    bodies, sources = said["participants"], said["sources"]
    assert isinstance(bodies, list)
    assert isinstance(sources, list)
    name = "tower-hamlets"
    body = {**bodies[0], "code": name, "gss_code": "E09000030", "la_code": "211", "ledger": name}
    source = f"/participants/{name}/cms"
    system = {**sources[0], "participant": name, "controller": name, "ledger": name, "name": source}
    raw = next_participants(participants=[*bodies, body], sources=[*sources, system])
    rig.registering.register(raw)
    publisher = rig.stranger(source)
    sizes = rig.sizes()
    with pytest.raises(NotAuthorised, match="ledger-not-here"):
        publisher.send(publisher.submission(publisher.event()))
    assert rig.sizes() == sizes
