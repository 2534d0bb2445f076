"""A history that goes on, and the answers of every view that are stored in between."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from adapters.client.http_hub import HttpHub, HubAddress
from adapters.reference.shipped import FACTOR_MAPPING, shipped_document
from domain.vocabulary.child_protection import StrategyDiscussionHeld
from services.acknowledging import instant
from services.borough.drafting import Draft, SubjectDraft
from services.periods import Kind
from services.views import Cut
from tests.journeys.machines import Running
from tests.journeys.sources import Told, drafts_of
from tests.journeys.stage import AGREEMENT, PURPOSE, Stage, set_stage

THEME = "knife-crime-and-gangs"
THEMES = (THEME, "exploitation", "pre-birth-and-neglect")
CUTS = [one for one in get_args(Cut) if one != "ward"]
"""Those that need no table of wards' populations, since none is shipped."""
Query = Mapping[str, str]


@dataclass(slots=True)
class Kept:
    """A stage on which a history goes on, and the answers that were stored in between."""

    stage: Stage
    running: Running
    files: dict[str, Path] = field(default_factory=dict)
    times: list[str] = field(default_factory=list)

    def keep(self, door: HttpHub, name: str, path: str, query: Query) -> None:
        """Store an answer as it is served."""
        asked = {"agreement": AGREEMENT, "purpose": PURPOSE, **query}
        answer = door.get(f"/v1/{path}", list(asked.items()))
        assert answer.status == 200, answer.body
        self.files[name] = self.stage.folder / name
        self.files[name].write_bytes(answer.body)

    def keep_all(self, when: str) -> None:
        """Store an answer of every view, in every manner of asking."""
        self.stage.read_folded("factors")
        self.times.append(instant(time.time_ns() // 1_000_000))
        with HttpHub(HubAddress(self.stage.url), self.stage.folder / "reader-token") as door:
            for number, (path, query) in enumerate(questions(self.times)):
                for form in ("json", "csv") if number % 3 == 0 else ("json",):
                    name = named(when, path, query, form)
                    self.keep(door, name, path, {**query, "format": form})
            if when != "first":
                self.keep(door, f"{when} tidy.csv", "tidy.csv", {})

    def rows(self, when: str, path: str, **query: str) -> Sequence[Mapping[str, object]]:
        """Give the rows of a stored document."""
        document = json.loads(self.files[named(when, path, query, "json")].read_bytes())
        found: Sequence[Mapping[str, object]] = document["rows"]
        return found


def named(when: str, path: str, query: Query, form: str) -> str:
    """Name the file of an answer."""
    return " ".join([when, path.replace("/", "-"), *query.values()]) + f".{form}"


def questions(times: Sequence[str]) -> Iterator[tuple[str, Query]]:
    """Give what is asked: each view, cut, sort of period, filter, and as-of date."""
    yield from ((f"themes/{THEME}", {"period": kind}) for kind in get_args(Kind))
    yield from ((f"themes/{THEMES[1]}", {"cut": cut, "year": "2023"}) for cut in CUTS)
    yield f"themes/{THEMES[2]}", {"occurred_to": "2022-12-31", "borough": "havering"}
    yield "factors", {}
    yield "factors", {"borough": "havering", "year": "2022"}
    yield "indicators", {}
    yield "cross-borough", {}
    yield "cross-borough", {"year": "2023", "borough": "redbridge"}
    yield "strategy-discussions", {"period": "month"}
    yield "loads", {}
    yield "access", {"limit": "7"}
    yield "feeds", {}
    yield f"history/{THEME}", {"before": times[0], "period": "year-to-march"}
    today = times[-1][:10]
    yield f"themes/{THEMES[1]}", {"as_of": today}
    yield "factors", {"as_of": times[0]}
    if len(times) > 1:
        yield f"history/{THEMES[1]}", {"before": times[0], "after": times[1]}


def kept_on(folder: Path) -> Kept:
    """Store answers while records are corrected, withdrawn, and come late."""
    stage = set_stage(folder)
    kept = Kept(stage, stage.start_hub())
    facts = [Told(number) for number in range(12)]
    publish(stage, "havering", drafts_of(facts))
    publish(stage, "redbridge", drafts_of(facts[:5]))
    publish(stage, "redbridge", [discussion(day) for day in (3, 9, 20)])
    kept.keep_all("first")
    publish(stage, "havering", drafts_of(Told(number, version=1) for number in range(12)))
    kept.keep_all("corrected")
    withdraw_first(stage, "redbridge")
    publish(stage, "havering", drafts_of(Told(number) for number in range(20, 26)))
    register_another_mapping(stage)
    kept.keep_all("withdrawn")
    publish(stage, "redbridge", drafts_of(facts))
    publish(stage, "havering", drafts_of(facts[:3]))
    return kept


def publish(stage: Stage, borough: str, drafts: Iterator[Draft] | Sequence[Draft]) -> None:
    """Publish what a borough's system knows now."""
    with stage.client(borough) as client:
        client.publish(drafts)
        sent = client.send()
    assert (sent.refused, sent.left) == (0, 0), sent.codes


def discussion(day: int) -> Draft:
    """Give a strategy discussion that was held two days late, or in time."""
    held, due = f"2022-06-{day:02}", f"2022-06-{day - 2 if day > 5 else day:02}"
    late = {"late_agency": "police", "late_reason": "agency-capacity"} if held > due else {}
    facts = {"due": due, "due_rule": "two-days-from-request", "held": held, "requested": due}
    key = ("discussion", "child-000001", held)
    return Draft(
        kind=StrategyDiscussionHeld,
        key=key,
        stream=key,
        time=f"{held}T09:00:00Z",
        facts=StrategyDiscussionHeld.Facts.model_validate({**facts, **late}),
        subjects=(SubjectDraft("child-000001", "child", StrategyDiscussionHeld.Shared()),),
    )


def withdraw_first(stage: Stage, borough: str) -> None:
    """Take back the first and largest submission of a borough."""
    with closing(sqlite3.connect(stage.home(borough).store)) as store:
        query = "SELECT submission FROM outbox ORDER BY length(events) DESC, number LIMIT 1"
        (submission,) = store.execute(query).fetchone()
    with stage.client(borough) as client:
        assert client.withdraw(uuid.UUID(bytes=submission), "wrong-file")
        client.send()


def register_another_mapping(stage: Stage) -> None:
    """Let a factor of gangs speak to knives alone from today on, and to exploitation no more."""
    fields = json.loads(shipped_document(FACTOR_MAPPING).raw)
    fields["version"] += 1
    for factor in fields["factors"]:
        if factor["code"] == "13A":
            factor["themes"] = factor["themes"][:1]
    with stage.rooms() as rooms:
        rooms.registering.register(json.dumps(fields).encode())
