"""One erasure from the borough's wish to the inspector's page, through doors that people use."""

from __future__ import annotations

import datetime
import json
import re
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.opened import OpenedEvent
from domain.values import to_bytes
from domain.vocabulary.custody import KeyDestroyed
from domain.vocabulary.parts import RestrictedPart
from services.borough.drafting import Draft, SubjectDraft
from tests.adapters.returns.census import assessment, census, child, episode
from tests.journeys.machines import Ended, wait_until
from tests.journeys.stage import Stage, set_stage
from tests.journeys.test_part_open import CASE_WORK, discussion, published, vouch
from tests.journeys.test_returns import events, publish, view

HAVERING, REDBRIDGE = "havering", "redbridge"
BODIES = (HAVERING, REDBRIDGE)
ANN, BEN = "ANN0000001", "BEN0000002"
"""Too long to stand anywhere by chance."""
RETURN = census(
    child(episode(assessment("3B")), number=ANN), child(episode(assessment("3B", "4B")), number=BEN)
)
COUNTED, WITHOUT_ANN = {"3B": 2, "4B": 1, "any": 2}, {"3B": 1, "4B": 1, "any": 1}
ASKED = ("--ground", "objection", "--office", "data-protection", "--borough", HAVERING)
NEWER = {"assessment": 1, "assessment-completed": 1}
ANN_S, BEN_S = 2, 4
"""The restricted parts of the two children that the discussion is about."""


def well(ended: Ended) -> str:
    """Give what a command said that ended well."""
    assert ended.status == 0, ended.said()
    return ended.out


@dataclass(frozen=True, slots=True)
class Erasure:
    """Two siblings of whom one is erased, and who does what about it."""

    stage: Stage

    def at(self, body: str, *words: object) -> str:
        """Run a command on a body's machine that ends well; gives what it says."""
        return well(self.stage.machine(body).run(*words))

    def asked(self, *words: str) -> str:
        """Have Havering ask for Ann's erasure; gives the request's id."""
        return self.at(HAVERING, "erasure", "request", ANN, *ASKED, *words).strip()

    def approved(self, request: str, body: str) -> None:
        """Have a body sign its approval, and the hub record it."""
        shown = self.at("hub", "erasure", "status", request)
        found = re.search(r"statement ([A-Za-z0-9_-]{43})", shown)
        assert found is not None, shown
        words = (HAVERING, request, found[1], "--borough", body, "--office", "director")
        file = self.stage.folder / f"approval-{body}-{request}.json"
        file.write_text(self.at(body, "sign", "erasure-approval", *words), encoding="utf-8")
        self.at("hub", "decision", "record", file)

    def refused(self, request: str) -> str:
        """Have the operator try to carry it out all the same; gives why it was refused."""
        ended = self.stage.hub.run("erasure", "carry-out", request)
        assert ended.status == 2, ended.said()
        return ended.err

    def part(self, event: uuid.UUID, number: int, *words: object) -> Ended:
        """Have Redbridge fetch and open a part of the discussion."""
        asked = ("part", "open", event, number, "--ledger", HAVERING, "--purpose", CASE_WORK)
        return self.stage.machine(REDBRIDGE).run(*asked, "--borough", REDBRIDGE, *words)

    def kept(self) -> dict[bytes, bytes]:
        """Give every wrapped key of the key store by its id."""
        with closing(sqlite3.connect(self.stage.hub_home.key_store)) as store:
            return dict(store.execute("SELECT key_id, wrapped FROM key").fetchall())

    def destroyed(self, request: str) -> set[bytes]:
        """Give the ids of the keys that the ledger says are destroyed for a request."""
        with self.stage.rooms() as rooms:
            entries = rooms.ledgers[HAVERING].read(0, 1000)
            opened = rooms.rules.open_entries(HAVERING, entries)
            told = [one.facts for one in opened if isinstance(one, OpenedEvent)]
        facts = [one for one in told if isinstance(one, KeyDestroyed.Facts)]
        return {to_bytes(key) for one in facts if one.erasure == request for key in one.keys}

    def files(self) -> Iterator[tuple[Path, bytes]]:
        """Give every file of the hub's home with its bytes."""
        for path in self.stage.hub_home.folder.rglob("*"):
            if path.is_file():
                yield path, path.read_bytes()


def siblings() -> Draft:
    """Draft a discussion about Ann and Ben that Redbridge may open."""
    two = tuple(
        SubjectDraft(
            number,
            "child",
            discussion().subjects[0].shared,
            RestrictedPart(local_id=number),
        )
        for number in (ANN, BEN)
    )
    return replace(discussion(), subjects=two)


def of_this_year() -> bytes:
    """Write the return of the year that today lies in: Ann's old episode goes on, since today."""
    today = datetime.datetime.now(ZoneInfo("Europe/London")).date()
    year = today.year + (today.month > 3)
    begun = assessment("1B", start=str(today), authorised=str(today))
    ann = child(episode(assessment("3B"), begun), number=ANN)
    return census(ann, year=year)


@pytest.fixture
def erasure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erasure]:
    """Give a served hub to which Havering can tell."""
    stage = set_stage(tmp_path_factory.mktemp("erasure") / "stage", waits=False)
    running = stage.start_hub()
    yield Erasure(stage)
    assert "Traceback" not in running.said()
    running.kill()


def test_from_a_borough_s_wish_to_the_inspector_s_page(erasure: Erasure, tmp_path: Path) -> None:
    """What two bodies approved and waited for is gone everywhere, and everything says so."""
    stage = erasure.stage
    ended, _ = publish(stage, RETURN)
    assert (ended.status, view(stage)) == (0, COUNTED)
    vouch(stage, REDBRIDGE)
    event = published(stage, siblings())
    of_ann, of_ben = tmp_path / "ann.json", tmp_path / "ben.json"
    well(erasure.part(event, ANN_S, "--keep", of_ann))
    well(erasure.part(event, BEN_S, "--keep", of_ben))
    request = approved_and_waited_for(erasure)
    before = erasure.kept()
    done = erasure.at("hub", "erasure", "carry-out", request)
    assert re.fullmatch(rf"{request}: 1 subject\(s\), \d+ stream\(s\); told: redbridge\n", done)
    gone_from_every_file(erasure, request, before)
    tidied_at_the_boroughs(erasure, event, of_ann, of_ben)
    certified(erasure, request)
    told_again_only_what_is_newer(erasure)
    everything_holds(erasure)


def approved_and_waited_for(erasure: Erasure) -> str:
    """Ask twice: what is to be waited for 28 days waits; gives the other, once its time came."""
    later = erasure.asked()
    assert "erasure-requested" in erasure.refused(later)
    for body in BODIES:
        erasure.approved(later, body)
    assert "erasure-waiting" in erasure.refused(later)
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)
    request = erasure.asked("--not-before", soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
    erasure.approved(request, HAVERING)
    assert "erasure-requested" in erasure.refused(request)
    erasure.approved(request, REDBRIDGE)
    told: list[str] = []

    def waited_for() -> bool:
        told.append(erasure.at("hub", "erasure", "status", request))
        return " approved: " in told[-1]

    wait_until(waited_for, "the waiting period is over")
    return request


def gone_from_every_file(erasure: Erasure, request: str, before: dict[bytes, bytes]) -> None:
    """Search the hub's home for the rows of the keys, streams' too; others stay as they were."""
    keys = erasure.destroyed(request)
    assert len(keys) > 1
    assert erasure.kept() == {key: row for key, row in before.items() if key not in keys}
    store = erasure.stage.hub_home.key_store.name
    for path, content in erasure.files():
        assert not [key for key in keys if before[key] in content], path
        if path.name.startswith(store):
            assert not [key for key in keys if key in content], path


def tidied_at_the_boroughs(erasure: Erasure, event: uuid.UUID, of_ann: Path, of_ben: Path) -> None:
    """Havering forgets, Redbridge lets its copy of Ann go and says so, and keeps Ben's."""
    tidied = erasure.stage.machine(HAVERING).run("erasure", "tidy", "--borough", HAVERING)
    assert "destroyed on" in tidied.out
    assert "forgotten here" in tidied.out
    assert "redbridge fetched 1 parts, confirmed 0" in tidied.out
    heard = erasure.at(REDBRIDGE, "part", "notices", "--borough", REDBRIDGE)
    assert "erased: part 2" in heard
    assert "deleted and confirmed" in heard
    assert (of_ann.exists(), json.loads(of_ben.read_bytes())) == (False, {"local_id": BEN})
    refused = erasure.part(event, ANN_S)
    assert (refused.status, refused.out) == (2, "")
    assert json.loads(well(erasure.part(event, BEN_S))) == {"local_id": BEN}
    for path in erasure.stage.home(HAVERING).folder.rglob("*"):
        if path.is_file():
            assert ANN.encode() not in path.read_bytes(), path


def certified(erasure: Erasure, request: str) -> None:
    """The page names who approved, who was told and when the last backup lapses."""
    assert "redbridge fetched 1, confirmed 1" in erasure.at("hub", "erasure", "status", request)
    page = " ".join(erasure.at("hub", "erasure", "certificate", request).split())
    assert "Approved by director of havering and director of redbridge" in page
    assert "redbridge had fetched 1 part(s) and has said of 1 what became of its copy" in page
    assert "THE LAST COPY OF THE KEYS LAPSES ON" in page


def told_again_only_what_is_newer(erasure: Erasure) -> None:
    """Neither the old return nor a new one brings the erased past back; what is newer counts."""
    stage = erasure.stage
    assert view(stage) == WITHOUT_ANN
    ended, report = publish(stage, RETURN)
    assert (ended.status, events(report, "new"), view(stage)) == (0, {}, WITHOUT_ANN)
    file = of_this_year()
    year = int(re.findall(r"<Year>(\d+)</Year>", file.decode())[0])
    ended, report = publish(stage, file, year)
    assert (ended.status, events(report, "new")) == (0, NEWER)
    assert view(stage, year) == {"1B": 1, "any": 1}
    assert view(stage) == WITHOUT_ANN


def everything_holds(erasure: Erasure) -> None:
    """Proofs, approvals, views and what is told of erasures are as they should be."""
    audited = erasure.at("hub", "audit", "erasures")
    assert audited.count("the signature holds") == 2 * len(BODIES)
    assert "NOT" not in audited
    assert "1 copies at recipients, 1 confirmed" in audited
    erasure.at("hub", "audit", "replay")
    erasure.at("hub", "audit", "verify")
    live = erasure.stage.read_folded("factors")
    erasure.at("hub", "views", "rebuild")
    rebuilt = erasure.stage.read_folded("factors")
    assert rebuilt["rows"] == live["rows"]
