"""Releases over HTTP: the same bytes for ever, by either right, each read recorded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.suppression.highs import Highs
from domain.canonical import canonical
from domain.reference.documents import document_digest
from domain.values import to_text
from domain.vocabulary.hub import ViewRead
from domain.vocabulary.offices import RightGranted
from services.ports import Caller
from services.releases.publishing import PublishedRelease, Releasing
from tests.adapters.http.test_tables import read
from tests.http_rig import WHY, HttpRig
from tests.hub_rig import open_rig
from tests.rig_publisher import PURPOSE
from tests.services.releases.test_publishing import CountedViews

MONTH = "2025-06"
TABLE = f"/v1/releases/{MONTH}/thresholds"


@pytest.fixture(scope="module")
def door() -> Iterator[tuple[HttpRig, PublishedRelease]]:
    """Give a served hub with one release, and a chief executive who may read releases alone."""
    with open_rig() as rig:
        views = CountedViews()
        served = HttpRig(rig, views)
        rig.registering.grant(
            RightGranted.Facts(
                effective_from="2020-01-01", office="director", participant="havering",
                purposes=(PURPOSE,), right="released",
            )
        )  # fmt: skip
        published = Releasing(lambda: views, rig.registering, Highs(), "views/1").publish()
        yield served, published


def released_reader(served: HttpRig) -> dict[str, str]:
    """Give the header of a reader with the right to releases alone."""
    return served.bearer(Caller("havering", None, "director", "person-2"))


def reads(served: HttpRig) -> list[ViewRead.Facts]:
    """Give every recorded read."""
    events = served.rig.partnership.opened()
    return [one.facts for one in events if isinstance(one.facts, ViewRead.Facts)]


def test_release_is_read_byte_for_byte(door: tuple[HttpRig, PublishedRelease]) -> None:
    """Whole, and as a table in JSON, it is what was published; what is said beside is not."""
    served, published = door
    whole = served.get(f"/v1/releases/{MONTH}")
    assert published.raw in whole.content
    assert canonical(whole.json()["release"]) == published.raw
    assert whole.json()["digest"] == to_text(document_digest(published.raw))
    table = published.release.table("thresholds")
    assert table is not None
    assert canonical(served.get(TABLE).json()["table"]) == table.canonical()
    [listed] = served.get("/v1/releases").json()["releases"]
    assert (listed["name"], listed["hidden"]) == (MONTH, published.release.loss.hidden())


def test_table_comes_as_a_file(door: tuple[HttpRig, PublishedRelease]) -> None:
    """Every cell that the release has is a row, with what it stands on."""
    served, published = door
    answer = served.get(TABLE, format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"].endswith(f'"release-{MONTH}-thresholds.csv"')
    rows = read(answer.content)
    table = published.release.table("thresholds")
    assert table is not None
    cells = [cell for one in table.series for cell in one.numerators if cell]
    assert [row["value"] for row in rows] == cells
    assert "c" in cells
    assert {row["policy"] for row in rows} == {"small-numbers-1"}
    assert {row["suppression"] for row in rows} == {published.release.suppression()}


def test_what_a_reader_holds_is_not_sent_again(door: tuple[HttpRig, PublishedRelease]) -> None:
    """A release, a table and the list have tags; that nothing changed is a recorded read too.

    An answer names the right by which it was read, so the same of another right is another answer.
    """
    served, _ = door
    for path in ("/v1/releases", f"/v1/releases/{MONTH}", TABLE):
        tag = served.get(path).headers["etag"]
        before = len(reads(served))
        again = served.get(path, tag)
        assert (again.status_code, again.content) == (304, b"")
        who = {**released_reader(served), "if-none-match": tag}
        assert served.client.get(path, params=WHY, headers=who).status_code == 200
        assert [one.right for one in reads(served)[before:]] == ["live", "released"]


def test_released_right_reads_releases_alone(door: tuple[HttpRig, PublishedRelease]) -> None:
    """Who may read releases alone reads them, by that right, and is told where when refused."""
    served, _ = door
    who = released_reader(served)
    assert served.client.get(TABLE, params=WHY, headers=who).status_code == 200
    assert (reads(served)[-1].right, reads(served)[-1].view) == ("released", "releases")
    refused = served.client.get("/v1/themes/thresholds", params=WHY, headers=who)
    assert refused.status_code == 403
    assert refused.json()["releases"] == "/v1/releases"
    assert refused.json()["type"] == "urn:bhr:problem:released-only"


def test_differences_of_as_of_dates_are_for_live_alone(
    door: tuple[HttpRig, PublishedRelease],
) -> None:
    """The difference between two recorded dates is refused to who may read releases alone."""
    served, _ = door
    asked = {**WHY, "before": "2025-01-01", "after": "2025-06-01"}
    refused = served.client.get(
        "/v1/history/thresholds", params=asked, headers=released_reader(served)
    )
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:bhr:problem:released-only")


def test_live_right_reads_releases_too(door: tuple[HttpRig, PublishedRelease]) -> None:
    """Who may read live figures may read releases, and the read says by which right."""
    served, _ = door
    assert served.get(TABLE).status_code == 200
    assert reads(served)[-1].right == "live"


@pytest.mark.parametrize("path", ["/v1/releases/2025-05", f"/v1/releases/{MONTH}/nothing"])
def test_what_there_is_not_is_not_found(door: tuple[HttpRig, PublishedRelease], path: str) -> None:
    """A month without a release, and a table that it does not have, are not found."""
    served, _ = door
    assert served.get(path).status_code == 404
