"""Return after return, through the command line and over HTTP, and the view follows each one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from domain.opened import OpenedEvent
from tests.adapters.returns.census import assessment, census, child, episode
from tests.journeys.counts import factor_counts
from tests.journeys.machines import Ended
from tests.journeys.stage import Stage, set_stage

HAVERING = "havering"
ANN = child(episode(assessment("3B")), number="A-1")
BEN = child(episode(assessment("3B", "4B")), number="B-2")
CAT = child(episode(assessment("16A", authorised="2022-07-01")), number="C-3")
DAN = child(episode(assessment("13A")), number="D-4")
OF_2023 = census(ANN, BEN, CAT, DAN)
COUNTED_2023 = {"3B": 2, "4B": 1, "16A": 1, "13A": 1, "any": 4}

BEN_CHANGED = child(episode(assessment("3B", "24A")), number="B-2")
CAT_REKEYED = child(
    episode(assessment("16A", start="2022-05-09", authorised="2022-07-01")), number="C-3"
)
OF_2023_AGAIN = census(ANN, BEN_CHANGED, CAT_REKEYED)
COUNTED_2023_AGAIN = {"3B": 2, "24A": 1, "16A": 1, "13A": 1, "any": 4}

LATER = assessment("1B", start="2023-09-04", authorised="2023-10-02")
ANN_CHANGED = child(episode(assessment("3C"), LATER), number="A-1")
EVE = child(
    episode(assessment("2B", start="2023-05-02", authorised="2023-06-01"), referred="2023-05-01"),
    number="E-5",
)
OF_2024 = census(ANN_CHANGED, EVE, year=2024)
COUNTED_2024 = {"1B": 1, "2B": 1, "any": 2}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Give a stage whose hub serves and projects."""
    made = set_stage(tmp_path / "stage")
    running = made.start_hub()
    yield made
    assert "Traceback" not in running.said()
    running.kill()


def publish(stage: Stage, file: bytes, year: int = 2023) -> tuple[Ended, Mapping[str, object]]:
    """Publish a return, and give how it ended and what the report says of its delivery."""
    path = stage.folder / f"return-{year}.xml"
    path.write_bytes(file)
    ended = stage.machine(HAVERING).run(
        *("returns", "publish", path, "--borough", HAVERING, "--year", year, "--format", "json")
    )
    return ended, json.loads(ended.out)


def events(report: Mapping[str, object], count: str) -> dict[str, int]:
    """Give one column of a report by kind, noughts left out."""
    rows = report["counts"]
    assert isinstance(rows, list)
    return {row["kind"]: row[count] for row in rows if row.get(count)}


def view(stage: Stage, year: int = 2023) -> dict[str, int]:
    """Give the episodes by factor code that the view shows of Havering for a year."""
    counts = factor_counts(stage.read_folded("factors"), HAVERING)
    return {code: episodes for (code, of), (_, episodes, _) in counts.items() if of == str(year)}


def pseudonyms(stage: Stage) -> list[set[str]]:
    """Give, for each year to 31 March, the pseudonyms of children assessed in it."""
    found: dict[bool, set[str]] = {False: set(), True: set()}
    with stage.rooms() as rooms:
        entries = rooms.ledgers[HAVERING].read(0, 10_000)
        for event in rooms.rules.open_entries(HAVERING, entries):
            if isinstance(event, OpenedEvent) and event.kind.name == "assessment-completed":
                found[event.header.time > "2023-04"] |= {
                    subject.pseudonym for subject in event.subjects if subject.pseudonym
                }
    return [found[False], found[True]]


def test_the_same_file_again_changes_nothing(stage: Stage) -> None:
    """A return that is published twice is in the view once, and nothing is sent the second time."""
    ended, report = publish(stage, OF_2023)
    assert (ended.status, view(stage)) == (0, COUNTED_2023)
    assert events(report, "new")["assessment-completed"] == 4
    held = stage.events()
    ended, report = publish(stage, OF_2023)
    assert (ended.status, stage.events()) == (0, held)
    assert (events(report, "new"), events(report, "corrected")) == ({}, {})
    assert events(report, "unchanged")["assessment-completed"] == 4
    assert view(stage) == COUNTED_2023


def test_a_corrected_return_corrects_the_view(stage: Stage) -> None:
    """A changed value corrects, a changed key withdraws and tells anew, a child gone stays."""
    publish(stage, OF_2023)
    ended, report = publish(stage, OF_2023_AGAIN)
    assert ended.status == 0
    assert events(report, "corrected") == {"assessment-completed": 1}
    assert events(report, "rekeyed") == {"assessment": 1, "assessment-completed": 1}
    assert events(report, "gone_due")["assessment-completed"] == 1
    delivery = report["delivery"]
    assert isinstance(delivery, dict)
    assert delivery["children_gone_due"] == 1
    assert view(stage) == COUNTED_2023_AGAIN


def test_next_years_return_keeps_pseudonyms(stage: Stage) -> None:
    """Next year the same child has the same pseudonym, and can be corrected for the year before."""
    publish(stage, OF_2023)
    ended, report = publish(stage, OF_2024, 2024)
    assert ended.status == 0
    assert events(report, "corrected") == {"assessment-completed": 1}
    assert view(stage, 2024) == COUNTED_2024
    assert view(stage) == {**COUNTED_2023, "3B": 1, "3C": 1}
    before, after = pseudonyms(stage)
    assert (len(before), len(after), len(before & after)) == (4, 2, 1)


def test_a_wrong_file_is_taken_back(stage: Stage) -> None:
    """`returns withdraw` takes back what a wrong file told, and the view is as it was before."""
    publish(stage, OF_2023)
    _, report = publish(stage, OF_2024, 2024)
    delivery = report["delivery"]
    assert isinstance(delivery, dict)
    ended = stage.machine(HAVERING).run(
        "returns", "withdraw", *delivery["submissions"], "--borough", HAVERING
    )
    assert ended.status == 0, ended.said()
    assert "submissions left 0" in ended.out
    assert view(stage, 2024) == {}
    assert view(stage) == COUNTED_2023
    rebuilt = stage.hub.run("views", "rebuild", "--processes", "2")
    assert rebuilt.status == 0, rebuilt.said()
    assert view(stage) == COUNTED_2023
