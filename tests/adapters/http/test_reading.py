"""Reading over HTTP: who may, what an answer says beside its figures, and the record before it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pytest

from adapters.http.documents import KeysAnswer
from adapters.http.theme_documents import ThemeAnswer
from adapters.http.view_documents import FactorsAnswer, FeedsAnswer, ViewAnswer
from domain.canonical import canonical
from domain.reference.body_keys import fingerprint_text
from domain.values import to_text
from domain.vocabulary.hub import ViewRead
from services.ports import Caller
from tests.http_rig import VERSIONS, WHY, HttpRig, problem_in
from tests.hub_rig import HAVERING
from tests.rig_publisher import AGREEMENT, PURPOSE, inner, subjects, token

VIEWS: Mapping[str, type[ViewAnswer]] = {
    "/v1/factors": FactorsAnswer,
    "/v1/feeds": FeedsAnswer,
    "/v1/themes/domestic-abuse": ThemeAnswer,
    "/v1/themes/exploitation": ThemeAnswer,
    "/v1/themes/knife-crime-and-gangs": ThemeAnswer,
    "/v1/themes/pre-birth-and-neglect": ThemeAnswer,
    "/v1/themes/thresholds": ThemeAnswer,
}


def assessed(door: HttpRig, day: str, *factors: str, child: str | None = None) -> None:
    """Publish a completed assessment of a child, in an episode of its own."""
    event = door.publisher.event("assessment-completed", time=f"{day}T00:00:00Z")
    inner(event, "data")["facts"] = {"authorisation_date": day, "episode": token()}
    person = subjects(event)[0]
    person["pseudonym"] = child or token()
    person["shared"] = {"age_band": "5-9", "factors": sorted(factors)}
    assert door.post(door.publisher.submission(event)).status_code == 200


@pytest.fixture
def told(door: HttpRig) -> HttpRig:
    """Give a served hub whose views hold three assessments of two children."""
    child = token()
    assessed(door, "2024-05-01", "3A", "3B", child=child)
    assessed(door, "2025-02-01", "3A", child=child)
    assessed(door, "2025-05-01", "3A")
    door.project()
    return door


# --- what is answered -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", VIEWS)
def test_every_answer_says_what_it_stands_on(told: HttpRig, path: str) -> None:
    """Agreement, purpose, right, positions, feeds, mapping, suppression: beside every figure."""
    response = told.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    answer = VIEWS[path].model_validate_json(response.content)
    assert (answer.agreement, answer.purpose, answer.right) == (AGREEMENT, PURPOSE, "live")
    assert answer.positions.items() >= {"havering": 3, "redbridge": 0}.items()
    mapping, digest = told.rig.registry.mapping()
    assert (answer.mapping.digest, answer.mapping.reference) == (
        to_text(digest),
        mapping.reference(),
    )
    assert answer.suppression == "none: live figures"
    assert answer.views_version == VERSIONS
    assert answer.proof == "unwitnessed"
    assert answer.view == path.rpartition("/")[2]
    assert answer.rule_packs == tuple(one.reference() for one in told.rig.registry.rule_packs())
    feed = next(one for one in answer.feeds if one.source == HAVERING)
    assert (feed.events, feed.data_to, feed.refused) == (3, "2025-05-01", 0)
    assert feed.loaded_on is not None


def test_factors_are_counted_by_year_to_march(told: HttpRig) -> None:
    """Episodes, assessments and children of each published column, which are never one another."""
    answer = FactorsAnswer.model_validate_json(told.get("/v1/factors").content)
    counted = {
        (row.measure, row.period): (row.episodes, row.assessments, row.children)
        for row in answer.rows
        if row.episodes
    }
    assert counted == {
        ("Domestic_Abuse_child", "2025"): (2, 2, 1),
        ("Domestic_Abuse_child", "2026"): (1, 1, 1),
        ("Domestic_Abuse_parent", "2025"): (1, 1, 1),
        ("Episodes_with_assessment_factor", "2025"): (2, 2, 1),
        ("Episodes_with_assessment_factor", "2026"): (1, 1, 1),
    }
    assert {row.ledger for row in answer.rows} == {"havering"}
    assert {row.codes for row in answer.rows if row.measure == "Domestic_Abuse_child"} == {("3A",)}


@pytest.mark.parametrize(
    ("query", "periods"),
    [
        ({}, {"2025-04", "2025-05"}),
        ({"period": "rolling-12", "year": "2026"}, {"2025-04", "2025-05"}),
        ({"period": "year-to-march"}, {"2025", "2026"}),
        ({"period": "quarter"}, {"2024-04", "2024-07", "2024-10", "2025-01", "2025-04"}),
        ({"period": "month", "occurred_to": "2024-07-31"}, {"2024-05"}),
        ({"period": "month", "year": "2026"}, {"2025-04", "2025-05"}),
        ({"period": "month", "as_of": "2020-01-01"}, set()),
        ({"period": "year-to-march", "as_of": "2025-06-15T23:00:00Z"}, {"2025", "2026"}),
    ],
)
def test_a_theme_is_counted_by_period(
    told: HttpRig, query: dict[str, str], periods: set[str]
) -> None:
    """By twelve months that roll unless told otherwise, from the first told of to the last."""
    response = told.get("/v1/themes/domestic-abuse", **query)
    answer = ThemeAnswer.model_validate_json(response.content)
    assert {row.period for row in answer.rows} == periods
    assert answer.period == query.get("period", "rolling-12")
    assert answer.as_of == query.get("as_of")
    assert {factor.code for factor in answer.factors} >= {"3A", "3B"}
    assert answer.measures
    assert {one.source for one in answer.measures} <= {"events", "no source yet"}


@pytest.mark.parametrize("path", ["/v1/factors", "/v1/themes/domestic-abuse"])
def test_filters_narrow_an_answer_and_are_told(told: HttpRig, path: str) -> None:
    """One year and one borough, said again in the answer and named in its record by a digest."""
    answer = told.get(path, year="2026", borough="havering").json()
    assert answer["filters"] == {"borough": "havering", "year": "2026"}
    assert {row["period"] for row in answer["rows"]} <= {"2026", "2025-04", "2025-05"}
    assert {row.get("borough", "havering") for row in answer["rows"]} == {"havering"}
    assert {row.get("ledger", "havering") for row in answer["rows"]} == {"havering"}
    assert told.get(path, borough="redbridge").json()["rows"] == []
    first, _ = read_since(told, 2)
    filters = canonical({"borough": "havering", "year": "2026"})
    assert first.filters == to_text(hashlib.sha256(filters).digest())


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/v1/themes/thresholds", {"cut": "ward"}, 422, "ward-populations-not-registered"),
        ("/v1/factors", {"borough": "camden"}, 404, "not-found"),
        ("/v1/factors", {"borough": "bhr"}, 404, "not-found"),
        ("/v1/themes/unheard-of", {}, 403, "agreement-does-not-cover"),
        ("/v1/themes/factors", {}, 404, "not-found"),
    ],
)
def test_what_is_not_there_is_not_answered(
    told: HttpRig, path: str, query: dict[str, str], status: int, code: str
) -> None:
    """Another borough or theme gives no figure, and no record of one."""
    sizes = told.rig.sizes()
    problem_in(told.get(path, **query), status, code)
    assert told.rig.sizes() == sizes


# --- the record before the answer -----------------------------------------------------------------


def read_since(door: HttpRig, last: int) -> list[ViewRead.Facts]:
    """Give what the last so many entries of the partnership's ledger say was read."""
    opened = door.rig.partnership.opened(door.rig.partnership.ledger.head().size - last)
    facts = [one.facts for one in opened]
    assert all(isinstance(one, ViewRead.Facts) for one in facts)
    return [one for one in facts if isinstance(one, ViewRead.Facts)]


@pytest.mark.parametrize("path", VIEWS)
def test_each_read_is_recorded_once(told: HttpRig, path: str) -> None:
    """Who, for whom, why, which view, from which positions: before the answer leaves."""
    sizes = told.rig.sizes()
    answer = told.get(path).json()
    assert told.rig.sizes() == {**sizes, "bhr": sizes["bhr"] + 1}
    (read,) = read_since(told, 1)
    assert (read.participant, read.office, read.reader) == ("havering", "analyst", "person-1")
    assert (read.agreement, read.purpose, read.right) == (AGREEMENT, PURPOSE, "live")
    assert (read.view, read.format) == (path.rpartition("/")[2], "json")
    assert {one.ledger: one.position for one in read.positions} == answer["positions"]


@pytest.mark.parametrize("path", VIEWS)
def test_what_cannot_be_recorded_is_not_shown(told: HttpRig, path: str) -> None:
    """503, and not a figure: no unrecorded answer."""
    told.rig.partnership.committer.close()
    response = told.get(path)
    problem_in(response, 503, "not-available")
    assert set(response.json()) == {"status", "title", "type"}


# --- who may read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caller", "why", "code"),
    [
        (Caller("havering", HAVERING, None, "system"), {}, "not-a-reading-token"),
        (Caller("havering", None, "director", "person-2"), {}, "no-right"),
        (Caller("redbridge", None, "analyst", "person-3"), {}, "no-right"),
        (Caller("havering", None, "caretaker", "person-4"), {}, "agreement-does-not-cover"),
        (Caller("elsewhere", None, "analyst", "person-5"), {}, "agreement-does-not-cover"),
        (None, {"agreement": "bhr-themes@2"}, "agreement-not-in-force"),
        (None, {"agreement": "unheard-of@1"}, "agreement-not-in-force"),
        (None, {"purpose": "case-work"}, "agreement-does-not-cover"),
        (None, {"purpose": "curiosity"}, "agreement-does-not-cover"),
    ],
)
def test_agreement_purpose_and_right_are_each_needed(
    door: HttpRig, caller: Caller | None, why: dict[str, str], code: str
) -> None:
    """Without any one of them: 403 with its reason, no figure, and no record of a read."""
    who = door.bearer(caller) if caller else door.reading
    sizes = door.rig.sizes()
    for path in VIEWS:
        problem_in(door.client.get(path, params={**WHY, **why}, headers=who), 403, code)
    assert door.rig.sizes() == sizes


def test_a_suspended_agreement_lets_nobody_read(door: HttpRig) -> None:
    """From the instant that it is suspended, whoever held a right under it."""
    assert door.get("/v1/feeds").status_code == 200
    door.rig.suspend(AGREEMENT, "2025-06-01T00:00:00Z")
    problem_in(door.get("/v1/feeds"), 403, "agreement-not-in-force")


# --- keys -----------------------------------------------------------------------------------------


def test_a_body_s_registered_keys_are_shown_to_any_known_caller(door: HttpRig) -> None:
    """Their fingerprints are those that the body gives by other means."""
    for who in (door.publishing, door.plain, door.reading):
        response = door.client.get("/v1/participants/havering/keys", headers=who)
        assert response.status_code == 200
        answer = KeysAnswer.model_validate_json(response.content)
        assert answer.participant == "havering"
        assert {key.purpose for key in answer.keys} == {"deciding", "recipient", "signing"}
        for key in answer.keys:
            assert fingerprint_text(key.purpose, key.public) == key.fingerprint


@pytest.mark.parametrize("code", ["nhs-havering-ccg", "nowhere"])
def test_a_body_without_registered_keys_is_not_found(door: HttpRig, code: str) -> None:
    """Whether the body is known or not, no key of it is."""
    answer = door.client.get(f"/v1/participants/{code}/keys", headers=door.reading)
    problem_in(answer, 404, "not-found")
