"""Callers whom no ledger tells of are counted, by reason, where the operator looks: the log."""

from __future__ import annotations

import logging

import pytest

from adapters.http.turned_away import TurnedAway
from domain.errors import NotAuthorised, NotFound
from services.ports import Caller
from tests.http_rig import EVENTS, WHY, HttpRig


def heard(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Give what the door logged."""
    return [one.getMessage() for one in caplog.records if one.name == "bhr.http"]


def test_who_is_turned_away_is_counted_and_nothing_else_is_said(
    door: HttpRig, caplog: pytest.LogCaptureFixture
) -> None:
    """By constant reason alone: not what they showed, nor where they came from or went to."""
    sizes = door.rig.sizes()
    stranger = door.bearer(Caller("havering", "/participants/havering/no-such", None, "system"))
    with caplog.at_level(logging.WARNING):
        door.client.post(EVENTS, content=b"Marker-1", headers={"authorization": "Bearer Marker-2"})
        door.client.get("/v1/feeds?agreement=Marker-3")
        door.client.post(EVENTS, content=b"Marker-4", headers=stranger)
        door.client.post(EVENTS, content=b"Marker-5", headers=door.reading)
    assert heard(caplog) == [
        "callers-turned-away reason=token-malformed count=1",
        "callers-turned-away reason=token-missing count=1",
        "callers-turned-away reason=source-not-registered count=1",
        "callers-turned-away reason=not-a-publishing-token count=1",
    ]
    assert door.rig.sizes() == sizes


def test_who_is_let_in_is_not_counted(door: HttpRig, caplog: pytest.LogCaptureFixture) -> None:
    """An answer, or a refusal that a ledger tells of, says nothing in the log."""
    with caplog.at_level(logging.WARNING):
        door.client.get("/v1/feeds", params=WHY, headers=door.reading)
        door.post(b"no JSON")
    assert heard(caplog) == []


def test_a_flood_of_callers_is_no_flood_of_lines(caplog: pytest.LogCaptureFixture) -> None:
    """The log doubles its step; the count itself misses nobody."""
    turned_away = TurnedAway()
    with caplog.at_level(logging.WARNING):
        for _ in range(1_000):
            turned_away.hear(NotAuthorised("token-expired"))
        turned_away.hear(NotAuthorised("no-right"))
        turned_away.hear(NotFound("part"))
    assert turned_away.counts() == {"token-expired": 1_000, "no-right": 1}
    assert len(caplog.records) == 10 + 1
    assert caplog.records[-2].getMessage() == ("callers-turned-away reason=token-expired count=512")
