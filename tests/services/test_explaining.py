"""A borough explains its own figure, and nobody else's."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.errors import NotAuthorised, NotFound
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.figures import FigureExplained
from services.explaining import Explaining
from services.ports import Caller
from services.reading import Reading
from tests.adapters.http.test_reading import assessed
from tests.http_rig import HttpRig, open_door
from tests.rig_publisher import AGREEMENT, PURPOSE, token

ANALYST = Caller("havering", None, "analyst", "person-1")
READING = Reading(ANALYST, AGREEMENT, PURPOSE, "page")
THEME = "domestic-abuse"


def said(**changes: str | None) -> FigureExplained.Facts:
    """Give an explanation of Havering's analyst; `changes` replace its fields."""
    facts: dict[str, str | None] = {
        "borough": "havering",
        "judgement": "real",
        "measure": "factor-3a",
        "office": "analyst",
        "period_end": "2023-03-31",
        "period_start": "2022-04-01",
        "text": "More is told since the campaign.",
        "theme": "domestic-abuse",
    }
    return FigureExplained.Facts.model_validate(
        {name: value for name, value in {**facts, **changes}.items() if value is not None}
    )


@pytest.fixture
def door() -> Iterator[HttpRig]:
    """Give a hub at which Havering's analyst may read."""
    with open_door() as opened:
        yield opened


def explaining(door: HttpRig) -> Explaining:
    """Give the service."""
    rig = door.rig
    return Explaining(rig.registry, rig.reading, rig.hub_events, lambda: door.views)


def printed(door: HttpRig) -> list[dict[str, str]]:
    """Give what is printed under the figure of the year to March 2023."""
    answer = door.get("/v1/themes/domestic-abuse", period="year-to-march").json()
    return [
        one
        for row in answer["rows"]
        if (row["measure"], row["borough"], row["period"]) == ("factor-3a", "havering", "2023")
        for one in row["explanations"]
    ]


def explained(door: HttpRig) -> str:
    """Have Havering's analyst explain a figure; gives the event by which it is taken back."""
    assessed(door, "2022-05-01", "3A", child=token())
    explaining(door).explain(READING, said())
    door.project()
    (one,) = printed(door)
    return one["event"]


def test_it_stands_in_the_borough_s_ledger(door: HttpRig) -> None:
    """One event of the hub's own, attested by the hub, and nothing in any other ledger."""
    sizes = door.rig.sizes()
    explaining(door).explain(READING, said())
    assert door.rig.sizes() == {**sizes, "havering": sizes["havering"] + 1}
    assert door.rig.havering.opened()[-1].facts == said()


def test_it_is_printed_under_its_figure(door: HttpRig) -> None:
    """What an office says by the hub's form is its borough's word, as what a system sends is."""
    assessed(door, "2022-05-01", "3A", child=token())
    explaining(door).explain(READING, said())
    door.project()
    answer = door.get("/v1/themes/domestic-abuse", period="year-to-march").json()
    printed = {
        (row["borough"], row["period"], one["text"])
        for row in answer["rows"]
        if row["measure"] == "factor-3a"
        for one in row["explanations"]
    }
    assert printed == {("havering", "2023", "More is told since the campaign.")}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"borough": "redbridge"}, NotAuthorised),
        ({"office": "director"}, NotAuthorised),
        ({"measure": "factor-13a"}, NotFound),
        ({"measure": "unheard-of"}, NotFound),
        ({"theme": None}, NotFound),
    ],
)
def test_nothing_else_is_recorded(
    door: HttpRig, changes: dict[str, str | None], error: type[Exception]
) -> None:
    """Not another's figure, not in another's name, not of what the theme does not measure."""
    sizes = door.rig.sizes()
    with pytest.raises(error):
        explaining(door).explain(READING, said(**changes))
    assert door.rig.sizes() == sizes


@pytest.mark.parametrize("participant", ["metropolitan-police-east", "bhr", "elsewhere"])
def test_who_is_no_borough_has_no_figure_to_explain(door: HttpRig, participant: str) -> None:
    """The partnership has a ledger of its own, and is no borough."""
    with pytest.raises(NotAuthorised):
        explaining(door).ledger_of(participant)


def test_what_an_office_said_its_borough_takes_back(door: HttpRig) -> None:
    """It is printed no longer; the ledger says which office took it back, and nothing is parked."""
    event = explained(door)
    explaining(door).take_back(READING, THEME, event)
    door.project()
    assert printed(door) == []
    last = door.rig.havering.opened()[-1]
    assert last.header.supersedes == event
    assert isinstance(last.facts, RecordWithdrawn.Facts)
    assert last.facts.office == "analyst"
    assert door.views.folded("havering").parked == ()


def test_it_is_taken_back_once(door: HttpRig) -> None:
    """What stands no longer is not found, and nothing more is recorded of it."""
    event = explained(door)
    explaining(door).take_back(READING, THEME, event)
    door.project()
    sizes = door.rig.sizes()
    with pytest.raises(NotFound):
        explaining(door).take_back(READING, THEME, event)
    assert door.rig.sizes() == sizes


def test_nobody_else_takes_it_back(door: HttpRig) -> None:
    """Not another borough, not the police, and not by the page of another theme."""
    event = explained(door)
    sizes = door.rig.sizes()
    for other in ("redbridge", "metropolitan-police-east"):
        reading = replace(READING, caller=replace(ANALYST, participant=other))
        with pytest.raises(NotAuthorised):
            explaining(door).take_back(reading, THEME, event)
    for theme, one in (("exploitation", event), (THEME, str(uuid.uuid4()))):
        with pytest.raises(NotFound):
            explaining(door).take_back(READING, theme, one)
    assert door.rig.sizes() == sizes
