"""Parameters: each known by name, given once, in one spelling; wrong ones are told all at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.http_rig import EVENTS, WHY, HttpRig, faults_in, open_door, problem_in

EVENT = "018bcfe5-6800-7895-9190-33b16533772a"
QUERY = "agreement=bhr-themes@1&purpose=partnership-themes"


@pytest.fixture(scope="module")
def door() -> Iterator[HttpRig]:
    """Give one served hub for all of these: nothing of them is recorded."""
    with open_door() as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("", {("query.agreement", "missing"), ("query.purpose", "missing")}),
        ("agreement=&purpose=", {("query.agreement", "not-valid"), ("query.purpose", "not-valid")}),
        ("agreement=bhr-themes@1", {("query.purpose", "missing")}),
        ("agreement=bhr-themes&purpose=a", {("query.agreement", "not-valid")}),
        ("agreement=bhr-themes@0&purpose=a", {("query.agreement", "not-valid")}),
        ("agreement=bhr-themes@01&purpose=a", {("query.agreement", "not-valid")}),
        ("agreement=bhr-themes%401%0A&purpose=a", {("query.agreement", "not-valid")}),
        (f"agreement=bhr-themes@1&purpose={'a' * 64}", {("query.purpose", "not-valid")}),
        (
            "agreement[]=bhr-themes@1&purpose=a",
            {("query", "not-known"), ("query.agreement", "missing")},
        ),
        (f"{QUERY}&purpose=partnership-themes", {("query", "given-twice")}),
        (f"{QUERY}&x=1&x=1", {("query", "given-twice")}),
        (f"{QUERY}&x=1&y=2", {("query", "not-known")}),
        (f"{QUERY}&Year=2023", {("query", "not-known")}),
        (f"{QUERY}&=", {("query", "not-known")}),
        (f"{QUERY}&year=2023&year=2024", {("query", "given-twice")}),
        (f"{QUERY}&year=", {("query.year", "not-valid")}),
        (f"{QUERY}&year=1989", {("query.year", "not-valid")}),
        (f"{QUERY}&year=2100", {("query.year", "not-valid")}),
        (f"{QUERY}&year=2023.0", {("query.year", "not-valid")}),
        (f"{QUERY}&year=+2023", {("query.year", "not-valid")}),
        (f"{QUERY}&year=02023", {("query.year", "not-valid")}),
        (f"{QUERY}&year=2_023", {("query.year", "not-valid")}),
        (f"{QUERY}&year=2e3", {("query.year", "not-valid")}),
        (f"{QUERY}&year=-1", {("query.year", "not-valid")}),
        (f"{QUERY}&year={'9' * 5000}", {("query.year", "not-valid")}),
        (f"{QUERY}&year=%D9%A2%D9%A0%D9%A2%D9%A3", {("query.year", "not-valid")}),
        (f"{QUERY}&borough=Havering", {("query.borough", "not-valid")}),
        (f"{QUERY}&as_of=yesterday", {("query.as_of", "not-valid")}),
        (f"{QUERY}&as_of=2023-02-29", {("query.as_of", "not-valid")}),
        (f"{QUERY}&as_of=2023-04-01T10:00:00", {("query.as_of", "not-valid")}),
        (f"{QUERY}&occurred_to=2023-04-01T10:00:00Z", {("query.occurred_to", "not-valid")}),
        (f"{QUERY}&period=month", {("query", "not-known")}),
        (f"{QUERY}&borough=havering%00", {("query.borough", "not-valid")}),
        (f"{QUERY}&borough=%ff%fe", {("query.borough", "not-valid")}),
        (f"{QUERY}&borough=%ed%a0%80", {("query.borough", "not-valid")}),
    ],
)
def test_a_query_is_as_it_is_described_or_refused(
    door: HttpRig, query: str, faults: set[tuple[str, str]]
) -> None:
    """Every fault at once, by the name of a parameter of ours; and nothing is read or recorded."""
    sizes = door.rig.sizes()
    told = problem_in(
        door.client.get(f"/v1/factors?{query}", headers=door.reading), 422, "parameters-refused"
    )
    assert faults_in(told) == {(-1, place, code) for place, code in faults}
    assert door.rig.sizes() == sizes


@pytest.mark.parametrize("sent", ["agreement=bhr-themes@1", "agreement=bhr-themes%401"])
def test_a_query_may_be_spelled_as_urls_are(door: HttpRig, sent: str) -> None:
    """Percent-encoded or not, what is meant is one thing."""
    path = f"/v1/feeds?{sent}&purpose=partnership-themes"
    assert door.client.get(path, headers=door.reading).status_code == 200


@pytest.mark.parametrize(
    ("path", "faults"),
    [
        ("/v1/themes/Exploitation", {("path.theme", "not-valid")}),
        ("/v1/themes/exploitation%00", {("path.theme", "not-valid")}),
        ("/v1/themes/%E2%80%AE", {("path.theme", "not-valid")}),
        ("/v1/themes/%ff", {("path.theme", "not-valid")}),
        ("/v1/themes/..;", {("path.theme", "not-valid")}),
        ("/v1/themes/%2e%2e%3b", {("path.theme", "not-valid")}),
        (f"/v1/themes/{'a' * 64}", {("path.theme", "not-valid")}),
        (f"/v1/parts/Havering/{EVENT}/2", {("path.ledger", "not-valid")}),
        (f"/v1/parts/havering/{EVENT.upper()}/2", {("path.event", "not-valid")}),
        (f"/v1/parts/havering/{EVENT.replace('-', '')}/2", {("path.event", "not-valid")}),
        (f"/v1/parts/havering/%7B{EVENT}%7D/2", {("path.event", "not-valid")}),
        (f"/v1/parts/havering/{EVENT[:14]}4{EVENT[15:]}/2", {("path.event", "not-valid")}),
        (f"/v1/parts/havering/{EVENT}/63", {("path.number", "not-valid")}),
        (f"/v1/parts/havering/{EVENT}/-1", {("path.number", "not-valid")}),
        (f"/v1/parts/havering/{EVENT}/02", {("path.number", "not-valid")}),
        (f"/v1/parts/havering/{EVENT}/2.0", {("path.number", "not-valid")}),
        (f"/v1/parts/havering/{EVENT}/%20%32", {("path.number", "not-valid")}),
        (f"/v1/parts/havering/{EVENT}/{'2' * 5000}", {("path.number", "not-valid")}),
        (
            "/v1/parts/H/e/x",
            {
                ("path.event", "not-valid"),
                ("path.ledger", "not-valid"),
                ("path.number", "not-valid"),
            },
        ),
        ("/v1/participants/HAVERING/keys", {("path.code", "not-valid"), ("query", "not-known")}),
    ],
)
def test_a_path_is_as_it_is_described_or_refused(
    door: HttpRig, path: str, faults: set[tuple[str, str]]
) -> None:
    """One spelling of each id: what another reader would take for another thing is refused."""
    sizes = door.rig.sizes()
    told = problem_in(
        door.client.get(path, params=WHY, headers=door.reading), 422, "parameters-refused"
    )
    assert faults_in(told) == {(-1, place, code) for place, code in faults}
    assert door.rig.sizes() == sizes


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("atomic=True", ("query.atomic", "not-valid")),
        ("atomic=1", ("query.atomic", "not-valid")),
        ("atomic=", ("query.atomic", "not-valid")),
        ("atomc=true", ("query", "not-known")),
        ("atomic=true&atomic=false", ("query", "given-twice")),
        ("atomic=true&atomic=true", ("query", "given-twice")),
    ],
)
def test_how_a_batch_is_taken_is_never_guessed(
    door: HttpRig, query: str, fault: tuple[str, str]
) -> None:
    """A misspelt `atomic` must not pass for its absence: the batch is not even read."""
    sizes = door.rig.sizes()
    raw = door.publisher.submission(door.publisher.event())
    headers = {**door.publishing, "content-type": "application/vnd.bhr.submission+json"}
    answer = door.client.post(f"{EVENTS}?{query}", content=raw, headers=headers)
    assert faults_in(problem_in(answer, 422, "parameters-refused")) == {(-1, *fault)}
    assert door.rig.sizes() == sizes


def test_keys_take_no_parameter(door: HttpRig) -> None:
    """What has no meaning is not ignored."""
    answer = door.client.get("/v1/participants/havering/keys?x=1", headers=door.reading)
    assert faults_in(problem_in(answer, 422, "parameters-refused")) == {(-1, "query", "not-known")}
