"""The pages of releases, over one that was published: hidden is hidden, and nothing moves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.http.release_tables import release_csv_of
from adapters.suppression.highs import Highs
from projections.feed_health import FEED_HEALTH, FEEDS, Feed
from services.releases.publishing import Releasing
from services.views import FoldedLedger
from tests.adapters.pages.reading_html import Page
from tests.excel import cells, changed
from tests.http_rig import HttpRig
from tests.hub_rig import HAVERING, NOW_MS, open_rig
from tests.pages_rig import DIRECTOR, PagesRig
from tests.services.releases.crossing import CrossingViews, children
from tests.services.releases.test_publishing import CountedViews

TABLE = "/pages/releases/2025-06/thresholds"


class FedViews(CountedViews):
    """The same views, and how far Havering's source has come."""

    def folded(self, ledger: str, *registers: str) -> FoldedLedger:
        """Give how far a ledger is folded, with a source and its health."""
        health = FEEDS.spell(Feed(data_to="2025-03-31", events=7, loaded_ms=NOW_MS))
        states = {FEED_HEALTH.name: {HAVERING: health} if ledger == "havering" else {}}
        return replace(super().folded(ledger, *registers), states=states)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesRig]:
    """Give pages at which a director is signed in who may read releases alone."""
    with open_rig() as rig:
        views = FedViews()
        pages = PagesRig(HttpRig(rig, views), tmp_path_factory.mktemp("home"))
        Releasing(lambda: views, rig.registering, Highs(), "views/1").publish()
        pages.grant(DIRECTOR, "released")
        pages.sign_in(DIRECTOR)
        yield pages


def test_releases_are_listed_with_their_loss(released: PagesRig) -> None:
    """Each with its tables, how much it shows, and how much it does not."""
    page = Page(released.client.get("/pages/releases").text)
    assert page.inline == []
    assert "June 2025" in page.text
    assert "hidden (" in page.text
    assert TABLE in page.links


def test_a_table_shows_what_was_released(released: PagesRig) -> None:
    """Years and quarters, `c` for what is hidden, and what it was made from."""
    answer = released.client.get(TABLE)
    assert answer.status_code == 200
    page = Page(answer.text)
    assert page.inline == []
    assert page.headings.count(1) == 1
    assert "Years to 31 March, newest first" in page.text
    assert "Quarters, newest first" in page.text
    assert " c " in page.text
    assert "Low and high counts are not performance judgements" in page.text
    assert "small-numbers-1" in page.text
    assert "Havering: data to 31 March 2025, loaded on 15 June 2025" in page.text


def test_its_file_is_the_released_one(released: PagesRig) -> None:
    """The same bytes as `/v1` gives, for ever."""
    session = released.front.sessions.find(released.client.cookies["bhr-session"])
    assert session is not None
    answer = released.front.asked(
        session,
        "releases",
        lambda reading: released.hub.releases.table(reading, "2025-06", "thresholds"),
    )
    assert released.client.get(f"{TABLE}?format=csv").content == release_csv_of(answer)


def test_pairs_of_boroughs_have_a_table(tmp_path: Path) -> None:
    """Children whom two boroughs know, by theme and year, beside how many could be met at all."""
    with open_rig() as rig:
        mapping, _ = rig.registry.mapping()
        views = CrossingViews(children(0, [theme.code for theme in mapping.themes]))
        pages = PagesRig(HttpRig(rig, views), tmp_path)
        Releasing(lambda: views, rig.registering, Highs(), "views/1").publish()
        pages.grant(DIRECTOR, "released")
        pages.sign_in(DIRECTOR)
        table = "/pages/releases/2025-06/cross-borough"
        page = Page(pages.client.get(table).text)
        assert page.inline == []
        assert "Barking and Dagenham and Havering" in page.text
        assert "In both boroughs: Domestic abuse" in page.text
        assert "Children who could be met in another borough" in page.text
        assert "It is a lower bound" in page.text
        assert "Quarters" not in page.text
        file = pages.client.get(f"{table}?format=csv").content
        found = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
        assert {row["other"] for row in found} == {"", "havering", "redbridge"}
        assert "c" in {row["value"] for row in found}
        assert [one for _, one in cells(file) if changed(one)] == []


@pytest.mark.parametrize("path", ["2025-05/thresholds", "2025-06/unheard-of", "june/thresholds"])
def test_what_was_not_released_is_not_there(released: PagesRig, path: str) -> None:
    """Another month, another table, or no month at all."""
    assert released.client.get(f"/pages/releases/{path}").status_code in {404, 422}
