"""Answers after an erasure: what was erased is in none, and those of before say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.http.theme_documents import ThemeAnswer
from adapters.views.ledger_files import LedgerFiles
from domain.erasure import erasures_stream
from domain.values import to_text
from domain.vocabulary.custody import KeyDestroyed
from services.custody import KeyName
from services.views import Question
from tests.adapters.http.readers import wait
from tests.fakes_keys import MemoryKeyStore
from tests.http_rig import VERSIONS, HttpRig
from tests.hub_rig import open_rig
from tests.rig_publisher import a_subject, inner, subjects

THEME = "/v1/themes/knife-crime-and-gangs"
FIRST_DAY = "2025-06-15"


def assessed(door: HttpRig, factor: str) -> str:
    """Publish an assessment of one child; gives the child's pseudonym."""
    event = door.publisher.event("assessment-completed", time="2024-05-01T00:00:00Z")
    inner(event, "data")["facts"] = {"authorisation_date": "2024-05-01"}
    child = subjects(event)[0]
    child["shared"] = {"age_band": "5-9", "factors": [factor]}
    door.publisher.publish(event)
    return str(child["pseudonym"])


def erase(door: HttpRig, child: str, *, interrupted: bool = False) -> None:
    """Say that a child's key is destroyed, and destroy it unless that is interrupted."""
    rig = door.rig
    name = KeyName("havering", "subject", child)
    key = rig.custody.keys_for([name])[name].key_id
    facts = KeyDestroyed.Facts(
        fence=1,
        fenced=(to_text(rig.custody.tag(name)),),
        key_class="subject",
        keys=(to_text(key),),
        lapses="2025-07-20",
    )
    made = rig.hub_events.made(KeyDestroyed, facts, erasures_stream("havering"))
    rig.hub_events.append("havering", made, fence=True)
    store = rig.key_store
    assert isinstance(store, MemoryKeyStore)
    if not interrupted:
        store.destroy([key], [rig.custody.tag(name)])


def gangs(answer: ThemeAnswer) -> set[int]:
    """Give the figures of Havering's assessments with gangs."""
    return {
        row.numerator
        for row in answer.rows
        if row.measure == "factor-13a" and row.borough == "havering" and row.numerator
    }


def test_answers_of_before_say_how_many_erasures_there_were_since(door: HttpRig) -> None:
    """Given two children of whom one is erased a day later: as of the day before, one is left."""
    child = assessed(door, "13A")
    assessed(door, "13A")
    door.project()
    before = ThemeAnswer.model_validate_json(door.get(THEME, period="year-to-march").content)
    assert (gangs(before), before.erasures_since) == ({2}, 0)
    wait(door, hours=24)
    erase(door, child)
    door.project()
    for asked, since in (({"as_of": FIRST_DAY}, 1), ({}, 0)):
        found = door.get(THEME, period="year-to-march", **asked)
        answer = ThemeAnswer.model_validate_json(found.content)
        assert (gangs(answer), answer.erasures_since) == ({1}, since)
    history = door.get("/v1/history/knife-crime-and-gangs", before=FIRST_DAY).json()
    assert history["erasures_since"] == 1
    assert door.views.folded("havering").parked == ()


@pytest.mark.parametrize("interrupted", [False, True])
def test_live_views_equal_a_rebuild_after_one_of_two_siblings_is_erased(
    tmp_path: Path, *, interrupted: bool
) -> None:
    """With real keys and files: to the row, though destroying the key was interrupted."""
    for folder in ("live", "rebuilt"):
        (tmp_path / folder).mkdir()
    with open_rig() as rig:
        live = LedgerFiles(tmp_path / "live", versions=VERSIONS, key=b"live".ljust(32))
        door = HttpRig(rig, views=live)
        event = door.publisher.event("assessment-completed", time="2024-05-01T00:00:00Z")
        inner(event, "data")["facts"] = {"authorisation_date": "2024-05-01"}
        shared = {"age_band": "5-9", "factors": ["13A"]}
        subjects(event)[0]["shared"] = shared
        inner(event, "data")["subjects"] = [
            *subjects(event),
            a_subject(role="sibling", shared=shared),
        ]
        door.publisher.publish(event)
        restriction = door.publisher.event("restriction-placed")
        inner(restriction, "data")["facts"] = {"reason": "objection"}
        child = str(subjects(event)[0]["pseudonym"])
        subjects(restriction)[0].update(pseudonym=child, shared={})
        door.publisher.publish(restriction)
        door.project()
        erase(door, child, interrupted=interrupted)
        door.project()
        door.views = LedgerFiles(tmp_path / "rebuilt", versions=VERSIONS, key=b"rebuilt".ljust(32))
        door.project()
        for ledger in rig.stands:
            assert live.digest(ledger) == door.views.digest(ledger)
        (row,) = live.count(
            Question(groups={"g": frozenset({"factor:13A"})}, period="whole", ledgers=("havering",))
        ).rows
        assert (row.events, row.children) == (1, 1)
