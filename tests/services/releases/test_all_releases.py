"""An outsider who holds every release of a history, and the table that the Department publishes.

They are releases of one hub through its own door, a month apart, between which events came late and
were taken back; all of them are attacked as one by an attacker that reads documents.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from adapters.suppression.highs import Highs
from domain.canonical import JsonValue, canonical
from projections.thresholds import RATINGS
from services.releases.publishing import Releasing
from services.releases.relations import quarters_of
from tests.hub_rig import open_rig, shipped_fields
from tests.services.releases.attacker import HIDDEN, Attacker, Key
from tests.services.releases.changing import (
    AGENCIES,
    COLUMNS,
    EPISODES,
    YEARS,
    ChangingViews,
    Event,
    counted,
    department,
    events,
)

MONTHS = ("2025-04", "2025-05", "2025-06")
TABLES: JsonValue = [
    {"code": "exploitation", "measures": ["factor-11a", "factor-24a"], "theme": "exploitation",
     "title": "Exploitation"},
    {"code": "thresholds", "measures": ["rating-changed-on-review"], "theme": "thresholds",
     "title": "Thresholds"},
]  # fmt: skip
SMALL = 5
FINAL = frozenset(f"rating-final:{one}" for one in RATINGS)


@dataclass
class History:
    """What was published, and the events behind it, which no attacker has."""

    events: list[Event]
    releases: list[bytes] = field(default_factory=list)
    department: dict[tuple[str, str], str] = field(default_factory=dict)
    numbers: dict[tuple[str, str, int], int] = field(default_factory=dict)

    def number(self, what: str, period: str, at: int) -> int:
        """Give a figure as it was at a release; ratings that were another at first begin with *."""
        if (what, period, at) not in self.numbers:
            cells = frozenset(what.removeprefix("*").split())
            found = counted(self.events, cells, period, at, changed=what.startswith("*"))
            self.numbers[what, period, at] = found
        return self.numbers[what, period, at]


@dataclass(frozen=True)
class Case:
    """Which events, how many without an agency; how many releases, the table before which."""

    seed: int
    unnamed: float
    releases: int
    table_since: int


def published(case: Case) -> History:
    """Let one hub publish its releases, and the Department its table before one of them."""
    history = History(events(case.seed, unnamed=case.unnamed))
    views = ChangingViews(history.events)
    tables: dict[str, JsonValue] = {
        **shipped_fields("release-tables.json"), "cross_borough": [], "published": [],
        "tables": TABLES, "version": 2, "years": len(YEARS),
    }  # fmt: skip
    with open_rig() as rig:
        raw, history.department = department(history.events)
        rig.registering.register(canonical(tables))
        releasing = Releasing(lambda: views, rig.registering, Highs(), "views/1")
        for views.at, month in enumerate(MONTHS[: case.releases], start=1):
            if views.at == case.table_since:
                rig.registering.register(raw)
            history.releases.append(releasing.publish(month).raw)
    return history


@dataclass
class Outsider:
    """Reads releases one after another; figures that did not change are known to be the same."""

    history: History
    attacker: Attacker = field(default_factory=Attacker)
    given: set[Key] = field(default_factory=set)
    """What the Department publishes as a number."""

    def key(self, what: str, period: str, at: int) -> Key:
        """Name a figure: one that did not change is the same one in every release."""
        return what, period, str(self.history.number(what, period, at))

    def reads_the_department(self) -> None:
        """Take in the Department's numbers; a `c` of its says no more than that it is one."""
        for (year, column), text in self.history.department.items():
            if text != "c":
                cell = "factor:any" if column == EPISODES else COLUMNS[column]
                self.given.add((cell, year, text))
                self.attacker.read((cell, year, text), text)

    def reads(self, raw: bytes, at: int) -> None:
        """Take in one release, and what must hold between its cells."""
        told: dict[str, list[str]] = {}
        for table in json.loads(raw)["tables"]:
            for series in table["series"]:
                parts = (series["numerators"], series.get("denominators", []))
                for what, cells in zip(counts(series), parts, strict=True):
                    told[what] = table["periods"]
                    self.reads_cells(what, zip(table["periods"], cells, strict=True), at)
        for what, periods in told.items():
            for year in YEARS:
                quarters = [self.key(what, one, at) for one in quarters_of(year)]
                self.attacker.adds_up(quarters, self.key(what, year, at))
            for period in periods:
                self.reasons(what, period, at, told)

    def reads_cells(self, what: str, cells: Iterable[tuple[str, str]], at: int) -> None:
        """Take in one line; where a figure is told of nowhere it has no cell."""
        for period, text in cells:
            if text:
                self.attacker.read(self.key(what, period, at), text)

    def reasons(self, what: str, period: str, at: int, others: Collection[str]) -> None:
        """Know that a part is no larger than its whole, and that ratings have one agency each."""
        for whole, parts in wholes():
            if what == whole:
                self.subtracts(self.key(what, period, at), [*{*parts} & {*others}], at)
        wider = {"factor:any"} if what.startswith("factor") else {what.removeprefix("*")}
        for whole in wider & {*others}:
            self.attacker.at_most(self.key(what, period, at), self.key(whole, period, at))

    def subtracts(self, whole: Key, parts: Sequence[str], at: int) -> None:
        """Know that parts add up to their whole, or leave what is small: then attack that too."""
        every = [self.key(one, whole[1], at) for one in parts]
        here = [one for one in every if one in self.attacker.domains]
        left = int(whole[2]) - sum(int(one[2]) for one in here)
        if 1 <= left <= SMALL:
            rest = (f"rest of {whole} but {sorted(here)}",)
            self.attacker.read(rest, HIDDEN)
            here.append(rest)
        if left <= SMALL:
            self.attacker.adds_up(here, whole)


def counts(series: dict[str, str]) -> tuple[str, str]:
    """Say which cells a series counts, and which it is a share of, as its tables describe it."""
    if series["measure"].startswith("factor-"):
        return f"factor:{series['measure'].removeprefix('factor-').upper()}", "factor:any"
    every, part = " ".join(sorted(FINAL)), series["breakdown"]
    if part.startswith("to-"):
        return f"*rating-final:{part.removeprefix('to-')}", every
    own = " ".join(f"{one}:{part}" for one in sorted(FINAL)) if part else every
    return f"*{own}", own


def wholes() -> Iterator[tuple[str, list[str]]]:
    """Give ratings by agency, and as they were changed to, beside all of them."""
    every = " ".join(sorted(FINAL))
    agencies = [" ".join(f"{one}:by-{agency}" for one in sorted(FINAL)) for agency in AGENCIES]
    yield every, agencies
    yield f"*{every}", [f"*{one}" for one in agencies]
    yield f"*{every}", [f"*{one}" for one in sorted(FINAL)]


def narrowed(history: History, releases: Sequence[bytes]) -> dict[Key, set[int]]:
    """Attack releases together, beside what the Department publishes."""
    outsider = Outsider(history)
    outsider.reads_the_department()
    for at, raw in enumerate(releases, start=1):
        outsider.reads(raw, at)
    return {
        key: of for key, of in outsider.attacker.narrowed().items() if key not in outsider.given
    }


def with_small_ones_hidden_alone(history: History, at: int) -> bytes:
    """Give a release in which nothing is hidden but what is from 1 to 5."""
    document = json.loads(history.releases[at - 1])
    outsider = Outsider(history)
    for table in document["tables"]:
        for series in table["series"]:
            for what, part in zip(counts(series), ("numerators", "denominators"), strict=True):
                numbers = [outsider.key(what, period, at)[2] for period in table["periods"]]
                series[part] = [HIDDEN if 1 <= int(one) <= SMALL else one for one in numbers]
    return canonical(document)


CASES = {
    "all told": Case(seed=1, unnamed=0, releases=3, table_since=1),
    "agencies unnamed, the table late": Case(seed=2, unnamed=0.1, releases=2, table_since=2),
}


@pytest.fixture(scope="module", params=CASES)
def history(request: pytest.FixtureRequest) -> History:
    """Give the releases of invented events, made once for all that is asked of them."""
    return published(CASES[str(request.param)])


def test_all_releases_and_the_published_table_narrow_nothing(history: History) -> None:
    """Every figure that any release hides keeps three values, whoever holds all of them."""
    losses = [json.loads(raw)["loss"] for raw in history.releases]
    assert all(one["small"] and one["beside"] and not one["given_away"] for one in losses)
    assert any(one["changed"] for one in losses)
    assert narrowed(history, history.releases) == {}


def test_one_release_that_hides_too_little_gives_figures_away(history: History) -> None:
    """The same attacker reads small numbers off where one release hides nothing beside them."""
    weak = [with_small_ones_hidden_alone(history, 1), *history.releases[1:]]
    assert narrowed(history, weak)
