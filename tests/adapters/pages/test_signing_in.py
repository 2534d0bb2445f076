"""Signing in by a link: what it sets, what it refuses, and what it never spends."""

from __future__ import annotations

from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from httpx2 import Response

from adapters.identity.one_time_links import LIFE_SECONDS
from adapters.pages.sessions import LIFE_S
from tests.adapters.pages.invented_querying import invented
from tests.pages_rig import ANALYST, PagesRig, hidden, open_pages


def cookies_of(response: Response) -> SimpleCookie:
    """Give what a response sets."""
    found = SimpleCookie()
    for header in response.headers.get_list("set-cookie"):
        found.load(header)
    return found


def test_a_link_signs_in_after_its_page(pages: PagesRig) -> None:
    """The page of the link spends nothing; its form signs in, and leads to the overview."""
    token = pages.link()
    for _ in range(2):
        assert pages.client.get(f"/pages/sign-in/{token}").status_code == 200
    page = pages.client.get(f"/pages/sign-in/{token}")
    fields = {name: hidden(page.text, name) for name in ("csrf", "token")}
    answer = pages.client.post("/pages/sign-in", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/pages/")
    assert pages.client.get("/pages/").status_code == 200


@pytest.mark.parametrize("secure", [False, True])
def test_the_cookie_s_flags(tmp_path: Path, secure: bool) -> None:  # noqa: FBT001 - a case of the table
    """Unread by scripts, unsent from elsewhere, gone in an hour, and over TLS alone where it is."""
    with open_pages(tmp_path, invented, secure=secure) as pages:
        set_by = cookies_of(pages.sign_in())
        name = "__Secure-bhr-session" if secure else "bhr-session"
        cookie = set_by[name]
        assert cookie["httponly"] is True
        assert (cookie["samesite"], cookie["path"]) == ("strict", "/pages")
        assert cookie["max-age"] == str(LIFE_S)
        assert bool(cookie["secure"]) == secure
        assert cookie["domain"] == ""
        assert ANALYST.person not in cookie.value


def test_a_spent_link_signs_nobody_in(pages: PagesRig) -> None:
    """Not at the same browser, and not at another; its page says what to do."""
    page = pages.client.get(f"/pages/sign-in/{pages.link()}")
    fields = {name: hidden(page.text, name) for name in ("csrf", "token")}
    pages.client.post("/pages/sign-in", data=fields)
    other = pages.browser()
    shown = other.get(f"/pages/sign-in/{fields['token']}")
    again = other.post("/pages/sign-in", data={**fields, "csrf": hidden(shown.text, "csrf")})
    assert again.status_code == 403
    assert "This link does not let you in" in again.text
    assert fields["token"] not in again.text
    assert other.get("/pages/").headers["location"] == "/pages/sign-in"


def test_an_old_link_signs_nobody_in(pages: PagesRig) -> None:
    """Ten minutes after it was made it is over."""
    page = pages.client.get(f"/pages/sign-in/{pages.link()}")
    fields = {name: hidden(page.text, name) for name in ("csrf", "token")}
    pages.door.rig.clock.at_ms += LIFE_SECONDS * 1000
    assert pages.client.post("/pages/sign-in", data=fields).status_code == 403


def test_nobody_is_signed_in_from_elsewhere(pages: PagesRig) -> None:
    """A form that another site fills in has no secret of this browser: nothing is spent."""
    token = pages.link()
    for fields in ({"token": token}, {"token": token, "csrf": ""}, {"token": token, "csrf": "x"}):
        assert pages.client.post("/pages/sign-in", data=fields).status_code == 400
    pages.client.get(f"/pages/sign-in/{token}")
    forged = {"token": token, "csrf": "x"}
    assert pages.client.post("/pages/sign-in", data=forged).status_code == 400
    assert pages.sign_in().status_code == 303


@pytest.mark.parametrize("token", ["x", "a.b.c", "%3Cscript%3E", "x" * 5000])
def test_a_link_made_up_signs_nobody_in(pages: PagesRig, token: str) -> None:
    """What is shown again of it is escaped, and it opens nothing."""
    page = pages.client.get(f"/pages/sign-in/{token}")
    assert "<script>" not in page.text.replace('<script src="', "").replace("</script>", "")
    fields = {"csrf": hidden(page.text, "csrf"), "token": token}
    assert pages.client.post("/pages/sign-in", data=fields).status_code in {400, 403}


@pytest.mark.parametrize(
    "path",
    ["/pages/", "/pages/themes/domestic-abuse", "/pages/feeds", "/pages/themes/thresholds/explain"],
)
def test_pages_are_for_who_is_signed_in(pages: PagesRig, path: str) -> None:
    """Anybody else is led to the page that says how."""
    answer = pages.client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/pages/sign-in")
    assert pages.client.get("/pages/sign-in").status_code == 200


def test_a_session_ends_in_an_hour(reader: PagesRig) -> None:
    """Then the link's page is wanted again."""
    reader.door.rig.clock.at_ms += LIFE_S * 1000
    assert reader.client.get("/pages/").status_code == 303


def test_signing_out(reader: PagesRig) -> None:
    """It takes the page's own form, and ends the session at the hub, not in the browser alone."""
    cookie = reader.client.cookies["bhr-session"]
    assert reader.client.post("/pages/sign-out", data={"csrf": "x"}).status_code == 400
    assert reader.client.get("/pages/sign-out").status_code == 405
    page = reader.client.get("/pages/feeds").text
    answer = reader.client.post("/pages/sign-out", data={"csrf": hidden(page, "csrf")})
    assert answer.headers["location"] == "/pages/sign-in"
    other = reader.browser()
    other.cookies.set("bhr-session", cookie)
    assert other.get("/pages/feeds").status_code == 303


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"csrf=x", "text/plain"),
        (b"csrf=x&csrf=x", "application/x-www-form-urlencoded"),
        (b"csrf", "application/x-www-form-urlencoded"),
        (b"csrf=%ff", "application/x-www-form-urlencoded"),
        (b"csrf=\xc3\xa4", "application/x-www-form-urlencoded"),
        (b"a=b&" * 40, "application/x-www-form-urlencoded"),
        (b"csrf=" + b"x" * 40_000, "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
    ],
)
def test_what_no_page_sends_is_refused(reader: PagesRig, body: bytes, kind: str) -> None:
    """Another type, a doubled field, a field without value, too many, too long: 400, in words."""
    answer = reader.client.post("/pages/sign-out", content=body, headers={"content-type": kind})
    assert answer.status_code == 400
    assert "This form cannot be taken" in answer.text


def test_where_links_are_off(tmp_path: Path) -> None:
    """Beside an identity provider no link opens, and the page says why."""
    with open_pages(tmp_path, invented, redeem=False) as pages:
        assert "switched off" in pages.client.get("/pages/sign-in").text
        token = pages.link()
        assert pages.client.get(f"/pages/sign-in/{token}").status_code == 403
        assert pages.client.post("/pages/sign-in", data={"token": token}).status_code == 400
