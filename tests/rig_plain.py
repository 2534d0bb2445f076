"""A plain source beside the rig's hub: its registration, its events, and how it sends them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from domain.canonical import JsonValue, canonical
from services.ports import Caller
from services.taking import Answer
from tests.hub_rig import HubRig, next_participants, shipped_fields
from tests.rig_publisher import Json, Publisher, inner, subjects, token

SOURCE = "/participants/havering/early-help"
CALLER = Caller("havering", SOURCE, None, "early-help")
RESTRICTED: Mapping[str, JsonValue] = {"local_id": "EH-4411", "name": "Invented Child"}


def a_source(**changes: JsonValue) -> Json:
    """Give the registration of a plain source; `changes` replace its fields."""
    return {
        "controller": "havering",
        "description": "A system that cannot run the client.",
        "ledger": "havering",
        "name": SOURCE,
        "participant": "havering",
        "plain": True,
        **changes,
    }


def with_source(**changes: JsonValue) -> bytes:
    """Give the participants with one source more."""
    sources = shipped_fields("participants.json")["sources"]
    assert isinstance(sources, list)
    return next_participants(sources=[*sources, a_source(**changes)])


def an_event(publisher: Publisher, *, restricted: bool = True, **changes: JsonValue) -> Json:
    """Give an event as a plain source sends it."""
    event = publisher.event("contact-received", **{"source": SOURCE, **changes})
    person: Json = {"pseudonym": token(), "role": "child", "shared": {"sex": "female"}}
    if restricted:
        person["restricted"] = {**RESTRICTED}
    event["data"] = {"facts": {"outcome": "advice"}, "subjects": [person]}
    return event


def send(rig: HubRig, *events: Json, atomic: bool = False) -> Answer:
    """Send a batch of plain events."""
    return rig.plain.submit(canonical(events), CALLER, batch=True, atomic=atomic)


def changed(event: Json, *path: str, by: JsonValue) -> Json:
    """Give a copy of an event with one thing changed in it, of its only person or of itself."""
    copy: Json = json.loads(canonical(event))
    if path[0] in {"shared", "restricted"}:
        inner(subjects(copy)[0], path[0])[path[1]] = by
    elif path[0] == "facts":
        inner(inner(copy, "data"), "facts")[path[1]] = by
    else:
        copy[path[0]] = by
    return copy
