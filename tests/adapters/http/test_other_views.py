"""The views beside the themes over HTTP: what each answers, to whom, and the record before it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from adapters.http.other_documents import (
    AccessAnswer,
    CrossBoroughAnswer,
    IndicatorsAnswer,
    LoadsAnswer,
    StrategyAnswer,
)
from adapters.http.view_documents import ViewAnswer
from domain.vocabulary.hub import ViewRead
from services.ports import Caller
from tests.adapters.http.readers import told_of
from tests.http_rig import WHY, HttpRig, problem_in
from tests.rig_publisher import PURPOSE, inner

VIEWS: Mapping[str, type[ViewAnswer]] = {
    "/v1/access": AccessAnswer,
    "/v1/cross-borough": CrossBoroughAnswer,
    "/v1/indicators": IndicatorsAnswer,
    "/v1/loads": LoadsAnswer,
    "/v1/strategy-discussions": StrategyAnswer,
}

BEFORE_ALL = "2020-01-01"
"""A recorded day before anything was recorded."""


# --- what holds for all ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", VIEWS)
def test_each_answers_and_is_recorded_once(door: HttpRig, path: str) -> None:
    """All that every answer says, and the record of the read with the positions that it names."""
    door.project()
    sizes = door.rig.sizes()
    response = door.get(path)
    assert response.status_code == 200, response.content
    answer = VIEWS[path].model_validate_json(response.content)
    view = path.rpartition("/")[2]
    assert (answer.view, answer.right, answer.purpose) == (view, "live", PURPOSE)
    assert door.rig.sizes() == {**sizes, "bhr": sizes["bhr"] + 1}
    read = door.rig.partnership.opened(sizes["bhr"])[0].facts
    assert isinstance(read, ViewRead.Facts)
    assert (read.view, {one.ledger: one.position for one in read.positions}) == (
        view,
        answer.positions,
    )


@pytest.mark.parametrize("path", VIEWS)
def test_what_cannot_be_recorded_is_not_shown(door: HttpRig, path: str) -> None:
    """503, and nothing of the view."""
    door.rig.partnership.committer.close()
    problem_in(door.get(path), 503, "not-available")


@pytest.mark.parametrize("path", VIEWS)
def test_an_office_without_the_right_is_refused(door: HttpRig, path: str) -> None:
    """And no read is recorded."""
    sizes = door.rig.sizes()
    stranger = door.bearer(Caller("redbridge", None, "analyst", "person-3"))
    problem_in(door.client.get(path, params=WHY, headers=stranger), 403, "no-right")
    assert door.rig.sizes() == sizes


@pytest.mark.parametrize("path", VIEWS)
def test_another_borough_is_none(door: HttpRig, path: str) -> None:
    """A borough that is not of the partnership gives no answer."""
    problem_in(door.get(path, borough="camden"), 404, "not-found")


# --- indicators -----------------------------------------------------------------------------------


def test_indicators_are_given_with_numerator_and_denominator(door: HttpRig) -> None:
    """Given an assessment in time, one late, and a referral: shares and a rate, by year."""
    havering = door.publisher
    facts = {"authorisation_date": "2023-02-01", "referral_date": "2022-12-20"}
    late = {"authorisation_date": "2023-03-30", "referral_date": "2022-12-20"}
    events = [
        told_of(havering, "assessment-completed", "2023-02-01", facts, factors=["13A"]),
        told_of(havering, "assessment-completed", "2023-03-30", late, factors=["3B"]),
        told_of(havering, "referral-received", "2022-12-20", {}),
    ]
    havering.publish(*events)
    door.project()
    answer = IndicatorsAnswer.model_validate_json(door.get("/v1/indicators").content)
    rows = {(row.indicator, row.line, row.borough, row.period): row for row in answer.rows}
    in_time = rows[11, "", "havering", "2023"]
    assert (in_time.numerator, in_time.denominator, in_time.rate, in_time.per) == (
        1,
        2,
        "50.0",
        100,
    )
    gangs = rows[22, "", "havering", "2023"]
    assert (gangs.numerator, gangs.denominator, gangs.rate) == (1, 2, "500.0")
    referrals = rows[2, "", "havering", "2023"]
    assert (referrals.numerator, referrals.per) == (1, 10_000)
    assert referrals.denominator is not None
    assert referrals.denominator_source is not None
    assert ": 2022 (population-0-17@1)" in referrals.denominator_source
    assert {row.borough for row in answer.rows} == {"havering"}
    by_number = {one.number: one for one in answer.indicators}
    assert (by_number[11].basis, by_number[11].fed_by) == ("computed", ("havering",))
    assert (by_number[21].basis, by_number[40].basis) == ("reported", "no source yet")
    assert by_number[12].fed_by == ()
    assert door.get("/v1/indicators", year="2024").json()["rows"] == []
    before = IndicatorsAnswer.model_validate_json(
        door.get("/v1/indicators", as_of=BEFORE_ALL).content
    )
    assert {one.fed_by for one in before.indicators} == {()}


def test_an_indicator_shows_no_year_that_its_theme_would_not(door: HttpRig) -> None:
    """Given older referrals that were open in a return, and years before 24A: none is a year."""
    havering = door.publisher
    old = [
        told_of(havering, "referral-received", f"2021-{at % 8 + 4:02}-09", {}) for at in range(24)
    ]
    months = [*(f"2021-{at:02}" for at in range(4, 13)), "2022-01", "2022-02", "2022-03"]
    spread = [told_of(havering, "referral-received", f"{month}-02", {}) for month in months]
    assessed = [
        told_of(havering, "assessment-completed", day, {"authorisation_date": day}, factors=["3A"])
        for day in ("2022-04-01", "2023-03-30")
    ]
    new = told_of(havering, "referral-received", "2022-12-20", {})
    earliest = told_of(
        door.publisher,
        "assessment-completed",
        "2020-04-02",
        {"authorisation_date": "2020-04-02"},
        factors=["3A"],
    )
    havering.publish(*old, *spread, *assessed, new)
    door.project()
    rows = IndicatorsAnswer.model_validate_json(door.get("/v1/indicators").content).rows
    referrals = [row for row in rows if (row.indicator, row.line) == (2, "")]
    assert [(row.period, row.numerator, row.flags) for row in referrals] == [("2023", 1, ())]
    havering.publish(earliest)
    door.project()
    rows = IndicatorsAnswer.model_validate_json(door.get("/v1/indicators").content).rows
    filed = {
        line: [row.period for row in rows if (row.indicator, row.line) == (26, line)]
        for line in ("11a", "24a")
    }
    assert filed == {"11a": ["2021", "2022", "2023"], "24a": ["2022", "2023"]}


def test_what_is_reported_stands_beside_what_is_computed(door: HttpRig) -> None:
    """Given a reported share of a whole year: its own row, named by its measure."""
    figure = door.publisher.event("figure-reported", time="2023-03-31T23:00:00Z")
    data = inner(figure, "data")
    del data["subjects"]
    data["facts"] = {
        "area": "311",
        "denominator": 80,
        "measure": "reoffending-15-17",
        "numerator": 20,
        "period_end": "2023-03-31",
        "period_start": "2022-04-01",
        "published_source": "Local Authority Interactive Tool",
    }
    door.publisher.publish(figure)
    door.project()
    (row,) = IndicatorsAnswer.model_validate_json(door.get("/v1/indicators").content).rows
    assert (row.indicator, row.line, row.source) == (21, "reoffending-15-17", "reported")
    assert (row.numerator, row.denominator, row.rate, row.period) == (20, 80, "25.0", "2023")
    assert door.get("/v1/indicators", year="2024").json()["rows"] == []
    assert len(door.get("/v1/indicators", occurred_to="2023-03-31").json()["rows"]) == 1
    assert door.get("/v1/indicators", occurred_to="2023-03-30").json()["rows"] == []


# --- strategy discussions -------------------------------------------------------------------------


def test_lateness_has_no_source_until_a_due_day_is_published(door: HttpRig) -> None:
    """Given a discussion without a due day: it was held, and nobody says whether in time."""
    havering = door.publisher
    held = {"held": "2024-05-01"}
    havering.publish(told_of(havering, "strategy-discussion-held", "2024-05-01", held))
    door.project()
    answer = StrategyAnswer.model_validate_json(door.get("/v1/strategy-discussions").content)
    assert [(row.measure, row.period, row.numerator) for row in answer.rows] == [
        ("held", "2024-04", 1)
    ]
    assert {one.source for one in answer.late_known_by} == {"no source yet"}


def test_what_was_late_is_told_by_reason_and_agency(door: HttpRig) -> None:
    """Given one without a due day, one in time and two late: shares of those that are known."""
    havering = door.publisher
    held = {"held": "2024-05-01"}
    late = {"due": "2024-05-02", "late_agency": "police", "late_reason": "agency-capacity"}
    events = [
        told_of(
            havering,
            "strategy-discussion-held",
            f"2024-05-0{day}",
            {"held": f"2024-05-0{day}"} | late,
        )
        for day in (3, 4)
    ]
    in_time = {"held": "2024-05-02", "due": "2024-05-02"}
    events.append(told_of(havering, "strategy-discussion-held", "2024-05-02", in_time))
    havering.publish(*events, told_of(havering, "strategy-discussion-held", "2024-05-01", held))
    door.project()
    answer = StrategyAnswer.model_validate_json(
        door.get("/v1/strategy-discussions", period="month").content
    )
    assert [(row.measure, row.value, row.numerator, row.denominator) for row in answer.rows] == [
        ("held", "", 4, None),
        ("due-known", "", 3, None),
        ("in-time", "", 1, 3),
        ("late", "", 2, 3),
        ("late-reason", "agency-capacity", 2, 2),
        ("late-agency", "police", 2, 2),
    ]
    known = {one.borough: one.source for one in answer.late_known_by}
    assert known == {
        "barking-and-dagenham": "no source yet", "havering": "events", "redbridge": "no source yet"
    }  # fmt: skip
    before = StrategyAnswer.model_validate_json(
        door.get("/v1/strategy-discussions", as_of=BEFORE_ALL).content
    )
    assert {one.source for one in before.late_known_by} == {"no source yet"}
    assert {(row.period_from, row.period_to) for row in answer.rows} == {
        ("2024-05-01", "2024-05-31")
    }
