"""What a browser is told of every answer, and what the assets are free of."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.pages.building import ASSETS, unbranded
from adapters.pages.protection import HEADERS
from tests.adapters.pages.invented_querying import invented
from tests.pages_rig import PagesRig, open_pages

PATHS = ("/", "/feeds", "/sign-in", "/nowhere", "/assets/pages.css", "/themes/x?y=z")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_protected(reader: PagesRig, path: str) -> None:
    """A policy that allows our own assets and nothing else, no referrer, no sniffing, no frame."""
    answer = reader.client.get(f"/pages{path}")
    assert HEADERS.items() <= dict(answer.headers).items()
    assert "strict-transport-security" not in answer.headers
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("path", ["/", "/feeds", "/sign-in", "/nowhere"])
def test_no_page_is_kept(reader: PagesRig, path: str) -> None:
    """Neither by the browser nor on the way."""
    assert reader.client.get(f"/pages{path}").headers["cache-control"] == "no-store"


def test_assets_are_asked_for_again(pages: PagesRig) -> None:
    """They may be kept, and whether they are still the same is asked each time."""
    first = pages.client.get("/pages/assets/govuk-frontend.css")
    assert first.headers["cache-control"] == "no-cache"
    tag = {"if-none-match": first.headers["etag"]}
    assert pages.client.get("/pages/assets/govuk-frontend.css", headers=tag).status_code == 304


def test_over_tls_it_stays_so(tmp_path: Path) -> None:
    """A browser that was here once over TLS comes back no other way."""
    with open_pages(tmp_path, invented, secure=True) as pages:
        answer = pages.client.get("/pages/sign-in")
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("govuk-frontend.css", "text/css"),
        ("pages.css", "text/css"),
        ("govuk-frontend.js", "text/javascript"),
        ("begin.js", "text/javascript"),
        ("pages.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
    ],
)
def test_assets_are_served_and_plain(pages: PagesRig, name: str, kind: str) -> None:
    """Each is there, of its type, and asks for nothing from anywhere."""
    answer = pages.client.get(f"/pages/assets/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    if kind == "text/css":
        assert "url(" not in answer.text
        assert "@import" not in answer.text
        assert "GDS Transport" not in answer.text


def test_the_font_and_the_crest_stay_behind() -> None:
    """They are not for pages outside GOV.UK; the rest of the style is as it was."""
    style = (
        '@charset "UTF-8";@font-face{font-family:GDS Transport;src:url(/a.woff2)}'
        "a{font-family:GDS Transport,arial,sans-serif;color:red}"
        "b{background:url(/assets/images/govuk-crest.svg)}\n/*# sourceMappingURL=x.css.map */"
    )
    assert unbranded(style) == (
        '@charset "UTF-8";a{font-family:arial,helvetica,sans-serif;color:red}b{background:none}\n'
    )


def test_no_branding_among_the_assets() -> None:
    """No crown, no GOV.UK logotype, no font file."""
    names = {path.name for path in ASSETS.iterdir()} - {".ready"}
    assert {path.rpartition(".")[2] for path in names} == {"css", "js", "svg"}
    assert "crown" not in (ASSETS / "icon.svg").read_text(encoding="utf-8").lower()
