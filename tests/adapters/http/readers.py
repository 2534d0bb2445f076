"""Who reads over HTTP, and what was told before they do."""

from __future__ import annotations

from collections.abc import Mapping

from domain.canonical import JsonValue
from domain.vocabulary.offices import RightGranted
from services.ports import Caller
from tests.http_rig import WHY, HttpRig
from tests.rig_publisher import PURPOSE, Json, Publisher, inner, subjects


def told_of(
    publisher: Publisher, kind: str, day: str, facts: Mapping[str, JsonValue], **shared: JsonValue
) -> Json:
    """Give an event about one child."""
    event = publisher.event(kind, time=f"{day}T00:00:00Z")
    inner(event, "data")["facts"] = dict(facts)
    subjects(event)[0]["shared"] = {"age_band": "5-9", **shared}
    return event


def reader(door: HttpRig, body: str, person: str = "person-9") -> dict[str, str]:
    """Give what an analyst of a body shows, who holds the right."""
    door.rig.registering.grant(
        RightGranted.Facts(
            effective_from="2020-01-01",
            office="analyst",
            participant=body,
            purposes=(PURPOSE,),
            right="live",
        )
    )
    return door.bearer(Caller(body, None, "analyst", person))


def read_as(door: HttpRig, who: Mapping[str, str], path: str, **query: str) -> bytes:
    """Read a view as somebody."""
    response = door.client.get(path, params={**WHY, **query}, headers=dict(who))
    assert response.status_code == 200, response.content
    return response.content


def wait(door: HttpRig, *, hours: int) -> None:
    """Let time pass, and sign in again."""
    door.rig.clock.at_ms += hours * 60 * 60 * 1000
    door.reading = door.bearer(Caller("havering", None, "analyst", "person-1"))
