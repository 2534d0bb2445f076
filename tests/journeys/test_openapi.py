"""The OpenAPI of the running hub is the whole truth: nothing it does is undocumented, or breaks.

schemathesis makes requests out of the document, right ones and wrong ones, and holds every answer
against it: statuses, content types, documents, headers, methods, tokens.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from adapters.http.bodies import ONE_TYPE
from adapters.http.examples import PLAIN_EVENT, SUBMISSION
from adapters.keys import signing
from adapters.keys.signing import Ed25519Signer
from domain.canonical import canonical
from domain.reference.body_keys import fingerprint
from domain.schemas import schema_names, schema_of
from domain.statement import signed_bytes
from domain.values import to_bytes, to_text
from domain.wire import Unread
from tests.http_rig import WHY, HttpRig, open_door
from tests.hub_rig import WIRE
from tests.rig_publisher import inner, stated

PATH = "/v1/openapi.json"
Node = dict[str, object]


@pytest.fixture(scope="module")
def door() -> Iterator[HttpRig]:
    """Give a served hub for all of these."""
    with open_door() as opened:
        yield opened


# --- what schemathesis finds ----------------------------------------------------------------------


@dataclass
class Found:
    """What a run found wrong, and which statuses it met."""

    wrong: list[str] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    def hear(self, event: events.EngineEvent) -> None:
        """Take what one event of the run tells."""
        if isinstance(event, events.ScenarioFinished):
            self._scenario(event.recorder)
        elif isinstance(event, events.NonFatalError):
            self.wrong.append(f"{event.label}: {event.info.format()}")
        elif isinstance(event, events.FatalError):
            self.wrong.append(repr(event.exception))

    def _scenario(self, recorder: ScenarioRecorder) -> None:
        for name, checks in recorder.checks.items():
            told = [one.failure_info.failure for one in checks if one.failure_info]
            if told:
                request = recorder.cases[name].value.as_curl_command()
                self.wrong += [f"{one.title}: {one.message}: {request[:2000]}" for one in told]
        for interaction in recorder.interactions.values():
            if interaction.response is not None:
                self.statuses.add(interaction.response.status_code)


def searched(door: HttpRig, method: str, who: Mapping[str, str], **said: object) -> Found:
    """Let schemathesis search the routes of a method, in the name of a caller."""
    profile = settings.get_profile(settings.get_current_profile_name())
    generation: Node = {"max-examples": 12, "deterministic": profile.derandomize}
    headers = {"Authorization": who["authorization"]}
    config = SchemathesisConfig.from_dict(
        {"generation": generation, "headers": headers, "workers": 1, **said}
    )
    schema = schemathesis.openapi.from_asgi(PATH, door.app, config=config)
    found = Found()
    for event in from_schema(schema.include(method=method)).execute():
        found.hear(event)
    return found


MAY_BE_REFUSED = {"positive_data_acceptance": {"enabled": False}}
"""A body of the right shape is not a right body: signatures, agreements and kinds say more."""


def test_reading_anything_is_as_documented(door: HttpRig) -> None:
    """An office that reads asks for whatever the document lets it ask."""
    found = searched(door, "GET", door.reading)
    assert found.wrong == []
    assert found.statuses >= {401, 403, 404, 405, 422}


def test_reading_what_is_there_is_as_documented(door: HttpRig) -> None:
    """An office that reads under its agreement is answered with the documents described."""
    publisher = door.publisher
    session = publisher.session({"havering": publisher.recipient_public})
    sealed = publisher.sealed(session.seal)
    assert door.post(publisher.submission(session.event, sealed)).status_code == 200
    door.project()
    there = {"code": "havering", "event": sealed["id"], "ledger": "havering", "number": 2}
    fixed = {"path.theme": "exploitation", **{f"path.{name}": at for name, at in there.items()}}
    fixed |= {f"query.{name}": value for name, value in WHY.items()}
    fixed["query.cut"] = "age-band"  # no wards' populations are registered
    found = searched(door, "GET", door.reading, parameters=fixed)
    assert found.wrong == []
    assert found.statuses >= {200, 401, 404, 405}


def test_publishing_plainly_is_as_documented(door: HttpRig) -> None:
    """A plain source sends events of every shape that the document allows, and of others."""
    found = searched(door, "POST", door.plain, checks=MAY_BE_REFUSED)
    assert found.wrong == []
    assert found.statuses >= {200, 401, 405, 415, 422}


def test_publishing_what_is_signed_is_as_documented(door: HttpRig) -> None:
    """A source sends submissions of the right shape; the document does not make signatures."""
    phases = {"coverage": {"enabled": False}}  # a thousand more of what the plain ones cover
    found = searched(door, "POST", door.publishing, checks=MAY_BE_REFUSED, phases=phases)
    assert found.wrong == []
    assert found.statuses >= {403}


# --- what the document says -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def document(door: HttpRig) -> Node:
    """Give the document as anybody is given it, without a token."""
    answer = door.client.get(PATH)
    assert answer.status_code == 200
    found: Node = answer.json()
    return found


def test_every_reference_leads_somewhere(document: Node) -> None:
    """And nothing is described that nothing refers to."""
    text = json.dumps(document)
    referred = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    components = document["components"]
    assert isinstance(components, dict)
    assert referred == set(components["schemas"])


def test_every_route_takes_a_bearer_token_and_answers_refusals_with_problems(
    document: Node,
) -> None:
    """401, 422 and 500 are described everywhere, and every refusal as a problem document.

    What has not changed since a reader was given it is no refusal, and has no content.
    """
    assert document["security"] == [{"bearer": []}]
    paths = document["paths"]
    assert isinstance(paths, dict)
    for operations in paths.values():
        for operation in operations.values():
            responses = operation["responses"]
            assert set(responses) >= {"200", "401", "422", "500", "503"}
            assert all(
                list(response["content"]) == ["application/problem+json"]
                for status, response in responses.items()
                if status not in {"200", "304"}
            )
            assert "content" not in responses.get("304", {})


def test_the_plain_event_is_described_as_its_published_schemas_are(document: Node) -> None:
    """Of each kind: the same fields of the header, the same of them required, and its own type."""
    components = document["components"]
    assert isinstance(components, dict)
    shown = components["schemas"]["PlainCloudEvent"]
    names = schema_names()
    for name in names:
        published = schema_of(name)
        assert isinstance(published, dict)
        assert set(inner(published, "properties")) == set(shown["properties"])
        assert published["required"] == shown["required"]
        kind = inner(inner(published, "properties"), "type")["const"]
        assert kind in shown["properties"]["type"]["enum"]
    assert len(shown["properties"]["type"]["enum"]) == len(names)


def test_the_example_of_a_plain_event_is_taken() -> None:
    """Who copies it, and puts a source of theirs in its place, is understood."""
    with open_door() as door:
        assert door.post(canonical(PLAIN_EVENT), ONE_TYPE).status_code == 200


def test_the_example_of_a_submission_holds() -> None:
    """It is read without a fault; its statement and its signature are those of what it holds."""
    parsed = WIRE.signed_submission(canonical(SUBMISSION))
    (event,) = parsed.events
    assert not isinstance(event, Unread)
    events_shown = SUBMISSION["events"]
    assert isinstance(events_shown, list)
    digest = stated(events_shown[0])
    head = parsed.head
    assert head.statements == (to_text(digest),)
    public = Ed25519Signer(hashlib.sha256(b"example").digest()).public
    assert to_bytes(head.key) == fingerprint("signing", public)
    message = signed_bytes(head.ledger, head.source, uuid.UUID(head.id), [digest])
    assert signing.verify(public, to_bytes(head.signature), message)
