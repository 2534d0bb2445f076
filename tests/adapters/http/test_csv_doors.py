"""Every door that gives CSV: none of its cells is one that Excel makes something else of."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from adapters.http.application import application
from tests.adapters.http.test_reading import assessed
from tests.excel import cells, changed
from tests.http_rig import HttpRig

DOORS: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "/v1/access": ({},),
    "/v1/cross-borough": ({},),
    "/v1/factors": ({"as_of": "2025-12-31"}, {}),
    "/v1/feeds": ({},),
    "/v1/history/{theme}": ({"before": "2026-01-01"},),
    "/v1/indicators": ({},),
    "/v1/loads": ({},),
    "/v1/releases/{name}/{table}": (),  # below: it is made of another hub
    "/v1/strategy-discussions": ({},),
    "/v1/themes/{theme}": (
        {"period": "month", "cut": "age-band"},
        {"period": "quarter"},
        {"period": "rolling-12"},
        {"period": "year-to-march", "cut": "sex"},
    ),
    "/v1/tidy.csv": ({},),
}
"""By path, the questions asked of it: every period, and ages as they are cut by."""


@pytest.fixture
def told(door: HttpRig) -> HttpRig:
    """Give a served hub whose views have figures, feeds with gaps, loads and reads."""
    assessed(door, "2024-05-01", "3A", "3B")
    assessed(door, "2025-05-01", "3A")
    door.publisher.publish(door.publisher.event(sequence="900"))
    door.get("/v1/factors")
    door.project()
    return door


def altered(table: bytes) -> list[tuple[str, str, str]]:
    """Give each cell that Excel alters: its column, what it is, and as what it is taken."""
    return [(name, one, as_what) for name, one in cells(table) if (as_what := changed(one))]


def test_every_door_is_listed(door: HttpRig) -> None:
    """A route that gives CSV, and none besides, stands in the table of this test."""
    described = application(door.hub).openapi()
    paths = described["paths"]
    assert isinstance(paths, Mapping)
    found = {path for path, routes in paths.items() if "text/csv" in str(routes.get("get", ""))}
    assert found == DOORS.keys()


@pytest.mark.parametrize(
    ("path", "asked"), [(path, asked) for path, all_asked in DOORS.items() for asked in all_asked]
)
def test_no_cell_is_altered(told: HttpRig, path: str, asked: Mapping[str, str]) -> None:
    """Months, ages, days, truths and texts: each is to Excel what it is in the file."""
    form = {} if path.endswith(".csv") else {"format": "csv"}
    response = told.get(path.format(theme="domestic-abuse"), **asked, **form)
    assert response.status_code == 200
    assert altered(response.content) == []


def test_no_cell_of_a_release_is_altered(released: HttpRig) -> None:
    """Its month, its years and quarters too."""
    table = released.get("/v1/releases/2025-06/thresholds", format="csv").content
    assert altered(table) == []
    assert {"2025-M06", "2022-M04", "2022"} <= {one for _, one in cells(table)}
