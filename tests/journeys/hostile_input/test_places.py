"""A marker planted in every place of what is sent, and around it, is found nowhere afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import pytest

from adapters.http.bodies import ONE_TYPE
from domain.canonical import JsonValue, canonical
from domain.wire import SIGNED_TYPE
from tests.http_rig import EVENTS
from tests.journeys.hostile_input.test_lengths import LINK
from tests.journeys.hostile_input.watching import MARKER, Change, Watch, at, put
from tests.rig_publisher import Json, subjects


def planting(document: JsonValue) -> Iterator[Change]:
    """Give the changes that plant a marker in such a document, each in one place in one way."""
    for place in places(document):
        for value in (MARKER, [MARKER], {MARKER: MARKER}, [[{MARKER: [MARKER]}]]):
            yield put(place, value)
        found = at(document, place)
        if isinstance(found, dict):
            yield put(f"{place}.{MARKER}", MARKER)
        if isinstance(found, str):
            yield put(place, found + MARKER)
            yield put(place, MARKER + found)


def places(document: JsonValue, before: str = "") -> Iterator[str]:
    """Give the way to every value inside a document."""
    if isinstance(document, Mapping):
        inside = list(document.items())
    elif isinstance(document, Sequence) and not isinstance(document, str):
        inside = [(str(step), value) for step, value in enumerate(document)]
    else:
        inside = []
    for step, value in inside:
        yield f"{before}{step}"
        yield from places(value, f"{before}{step}.")


def test_a_marker_anywhere_in_a_submission_is_never_echoed(watch: Watch) -> None:
    """In place of each value, as a name of an unknown field, before and behind what is right."""
    publisher = watch.door.publisher
    session = publisher.session({"havering": publisher.recipient_public})
    assert watch.door.post(publisher.submission(session.event)).status_code == 200

    def whole() -> Json:
        event = publisher.sealed(session.seal, supersedes="0190a8c4-6f00-7a10-8b20-3c4d5e6f7a8b")
        subjects(event)[0]["linkage"] = [LINK]
        submission: Json = json.loads(publisher.submission(event))
        return submission

    changes = list(planting(whole()))
    assert len(changes) > 150
    for change in changes:
        document = whole()
        change(document)
        raw = canonical(document)
        watch.refused(lambda raw=raw: watch.door.post(raw))  # type: ignore[misc]  # bound now


def test_a_marker_anywhere_in_a_plain_event_is_never_echoed(watch: Watch) -> None:
    """The same where the hub reads the restricted part too; no echo of what it takes, either."""
    changes = list(planting(watch.door.plain_event()))
    assert len(changes) > 100
    taken = 0
    for change in changes:
        event = watch.door.plain_event()
        change(event)
        size = watch.door.rig.sizes()["havering"]
        response = watch.door.post(canonical(event), ONE_TYPE)
        if response.status_code == 200:
            taken += 1
            assert MARKER not in f"{response.headers} {response.text} {watch.logged.text}"
        else:
            assert response.status_code == 422
            assert watch.door.rig.sizes()["havering"] == size + 1
            watch.told_nothing(response, size)
    assert taken == 3  # a name that is the marker, ends with it, begins with it


@pytest.mark.parametrize(
    "sent",
    [
        f"uk.bhr.safeguarding.{MARKER}.v1",
        f"uk.bhr.safeguarding.referral-received.v1{MARKER}",
        "uk.bhr.safeguarding.referral-received.v2",
        f"{MARKER}.uk.bhr.safeguarding.referral-received.v1",
        MARKER,
        MARKER * 1000,
        "",
    ],
)
def test_a_tag_that_is_no_kind_is_not_told_again(watch: Watch, sent: str) -> None:
    """Pydantic would name the tag that was sent, and all that there are."""
    publisher = watch.door.publisher
    raw = publisher.submission(publisher.event(type=sent))
    response = watch.refused(lambda: watch.door.post(raw))
    assert "uk.bhr.safeguarding" not in response.text


# --- around the body ------------------------------------------------------------------------------


HEADERS: Mapping[str, Mapping[str, str]] = {
    "content type": {"content-type": f"application/{MARKER}"},
    "charset": {"content-type": f"{SIGNED_TYPE}; charset={MARKER}"},
    "boundary": {"content-type": f"multipart/form-data; boundary={MARKER}"},
    "coding": {"content-encoding": MARKER},
    "token": {"authorization": f"Bearer {MARKER}"},
    "three segments": {"authorization": f"Bearer {MARKER}.{MARKER}.{MARKER}"},
    "scheme": {"authorization": f"{MARKER} {MARKER}"},
    "a long token": {"authorization": "Bearer " + MARKER * 100_000},
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_marker_in_a_header_is_never_echoed(watch: Watch, name: str) -> None:
    """Types, codings and tokens are refused by name of the header alone; nothing is recorded."""
    headers = {**watch.door.publishing, "content-type": SIGNED_TYPE, **HEADERS[name]}
    client = watch.door.client
    watch.refused(lambda: client.post(EVENTS, content=b"{}", headers=headers), refusals=0)


ODD_HEADERS: Sequence[Mapping[str, str]] = [
    {"host": MARKER},
    {"accept": MARKER},
    {"accept-encoding": MARKER},
    {"cookie": f"{MARKER}={MARKER}"},
    {"expect": MARKER},
    {"forwarded": f"for={MARKER};host={MARKER};proto=https"},
    {"if-none-match": MARKER},
    {"origin": f"https://{MARKER}"},
    {"range": f"bytes={MARKER}"},
    {"traceparent": f"00-{MARKER}-{MARKER}-01"},
    {"user-agent": MARKER},
    {"x-forwarded-for": MARKER, "x-forwarded-host": MARKER, "x-forwarded-prefix": f"/{MARKER}"},
    {"x-http-method-override": "DELETE", "x-method-override": MARKER},
    {"x-original-url": f"/{MARKER}", "x-rewrite-url": f"/{MARKER}"},
    {f"x-{MARKER}-{at}": MARKER * 10 for at in range(1000)},
]


@pytest.mark.parametrize("headers", ODD_HEADERS, ids=lambda headers: next(iter(headers)))
def test_other_headers_change_nothing(watch: Watch, headers: Mapping[str, str]) -> None:
    """What the hub does not ask for it neither obeys nor repeats, a thousand of them included."""
    client, path = watch.door.client, "/v1/participants/havering/keys"
    plain = client.get(path, headers=watch.door.reading)
    answer = client.get(path, headers={**watch.door.reading, **headers})
    assert (answer.status_code, answer.content) == (200, plain.content)
    assert answer.headers == plain.headers
    assert MARKER not in watch.logged.text + "".join(watch.screen.readouterr())


ADDRESSES = [
    f"/{MARKER}",
    f"/v1/themes/{MARKER}",
    f"/v1/themes/{MARKER.lower()}",
    f"/v1/themes/%00{MARKER}",
    f"/v1/themes/%2e%2e%2f{MARKER}",
    f"/v1/themes/\N{RIGHT-TO-LEFT OVERRIDE}{MARKER}",
    f"/v1/parts/{MARKER}/{MARKER}/{MARKER}",
    f"/v1/participants/{MARKER}/keys",
    f"/v1/feeds?{MARKER}={MARKER}",
    f"/v1/feeds?agreement={MARKER}&purpose={MARKER}",
    f"/v1/feeds?agreement={MARKER.lower()}@1&purpose={MARKER.lower()}",
    f"/v1/feeds?agreement[]={MARKER}&agreement[{MARKER}]=1",
    f"/v1/feeds?agreement=%ff%fe{MARKER}&purpose=%u0041{MARKER}",
    f"/v1/feeds?agreement=bhr-themes@1;purpose={MARKER}",
    f"/v1/feeds?{'&'.join(f'{MARKER}{at}=1' for at in range(2000))}",
    f"/v1/factors?agreement=bhr-themes@1&purpose=partnership-themes&year={MARKER}",
    f"/v1/factors?agreement=bhr-themes@1&purpose=partnership-themes&borough={MARKER.lower()}",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_marker_in_an_address_is_never_echoed(watch: Watch, address: str) -> None:
    """Path and query, right or wrong, are refused by names of ours; nothing is recorded."""
    lowered = Watch(watch.door, watch.logged, watch.screen, watch.raised)
    response = lowered.refused(
        lambda: watch.door.client.get(address, headers=watch.door.reading), refusals=0
    )
    assert MARKER.lower() not in response.text.lower()
