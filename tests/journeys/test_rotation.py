"""Keys are replaced while boroughs publish: nothing is rewritten, everything opens, all is said."""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing

import pytest

from adapters.assembly import ceremonies
from adapters.identity.trust_file import TrustFile
from domain.logged_checkpoint import is_event
from domain.opened import OpenedEvent
from domain.values import to_bytes
from domain.vocabulary.custody import KeyRotated, SealingSessionOpened
from services.borough.drafting import Draft
from services.trust import Vouched
from tests.journeys.machines import Ended, Running
from tests.journeys.sources import Told
from tests.journeys.stage import Stage, set_stage
from tests.journeys.test_part_open import CASE_WORK, discussion

MARK = re.compile(r"[A-Za-z0-9_-]{43}")


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Give a stage whose hub does not serve yet."""
    made = set_stage(tmp_path_factory.mktemp("rotation") / "stage")
    mark = to_bytes(ceremonies.fingerprints(made.home("redbridge"))["recipient"])
    trust = TrustFile(made.home("havering").trust)
    trust.add(Vouched("redbridge", "recipient", mark))
    signing = to_bytes(ceremonies.fingerprints(made.home("redbridge"))["signing"])
    trust.add(Vouched("redbridge", "signing", signing))
    return made


@pytest.fixture
def running(stage: Stage) -> Iterator[Running]:
    """Give the hub, serving."""
    started = stage.start_hub("--no-projector")
    yield started
    started.kill()


def well(ended: Ended) -> str:
    """Give what a command said that ended well."""
    assert ended.status == 0, ended.said()
    return ended.out


def published(stage: Stage, draft: Draft) -> uuid.UUID:
    """Publish one draft from Havering; gives its event's id."""
    with stage.client("havering") as client:
        (submission,) = client.publish([draft]).submissions
        assert (client.send().refused, client.status().waiting) == (0, 0)
        told = json.loads(client.acknowledgement(submission))["acknowledgement"]["events"]
    return uuid.UUID(told[-1]["id"])


def opened_by_redbridge(stage: Stage, event: uuid.UUID) -> str:
    """Open a part at Redbridge's desk; gives what it says."""
    asked = ("part", "open", event, "2", "--ledger", "havering", "--purpose", CASE_WORK)
    return well(stage.machine("redbridge").run(*asked, "--borough", "redbridge"))


def facts_of(stage: Stage, ledger: str) -> list[object]:
    """Give the facts of everything that stands in a ledger."""
    with stage.rooms() as rooms:
        read = rooms.ledgers[ledger].read(0, 10_000)
        entries = [one for one in read if is_event(one.record)]
        events = rooms.rules.open_entries(ledger, entries)
    assert all(isinstance(event, OpenedEvent) for event in events)
    return [event.facts for event in events if isinstance(event, OpenedEvent)]


def sealed_to(stage: Stage) -> list[str]:
    """Give the key that Redbridge's share of each of Havering's sessions was sealed to."""
    return [
        one.key
        for facts in facts_of(stage, "havering")
        if isinstance(facts, SealingSessionOpened.Facts)
        for one in facts.recipients
        if one.participant == "redbridge"
    ]


def rotate(stage: Stage, borough: str, *options: str) -> list[str]:
    """Replace a borough's keys, and send its list to the hub; gives the marks to come."""
    recovery = stage.recovery(borough)
    said = well(
        stage.machine(borough).run(
            *("keys", "rotate", "--borough", borough, "--recovery", f"{recovery}.pub", *options)
        )
    )
    well(stage.hub.run("register", stage.home(borough).public_keys))
    return MARK.findall(said)


def test_a_recipient_s_keys_are_replaced(stage: Stage, running: Running) -> None:
    """Others seal to the new key, believed for the old; what was sealed before still opens."""
    first = published(stage, discussion())
    before = ceremonies.fingerprints(stage.home("redbridge"))
    recipient, signing = rotate(stage, "redbridge")
    with closing(sqlite3.connect(stage.home("havering").store)) as store, store:
        store.execute("DELETE FROM session")  # so that the next part opens another
    second = published(stage, discussion_again())
    assert sealed_to(stage) == [before["recipient"], recipient]
    for event in (first, second):
        assert json.loads(opened_by_redbridge(stage, event)) == {"date_of_birth": "2017-03-04"}
    after = ceremonies.fingerprints(stage.home("redbridge"))
    assert (after["recipient"], after["signing"]) == (recipient, signing)
    former = [mark for name, mark in after.items() if name.startswith("former/")]
    assert set(former) == {before["recipient"], before["signing"]}


def discussion_again() -> Draft:
    """Draft another strategy discussion."""
    draft = discussion()
    return Draft(
        kind=draft.kind,
        key=("child-1", "2023-06-05"),
        stream=("discussion", "child-1", "2023-06-05"),
        time="2023-06-05T10:00:00Z",
        facts=draft.facts,
        subjects=draft.subjects,
        recipients=draft.recipients,
        purpose=draft.purpose,
    )


def test_a_publisher_s_keys_are_replaced(stage: Stage, running: Running) -> None:
    """It publishes on under the old key until the hub lists the new one, and then under that."""
    old = ceremonies.fingerprints(stage.home("havering"))["signing"]
    assert signed_with(stage, Told(1).drafts()[0]) == {old}
    recovery = f"{stage.recovery('havering')}.pub"
    machine = stage.machine("havering")
    well(machine.run("keys", "rotate", "--borough", "havering", "--recovery", recovery))
    assert signed_with(stage, Told(2).drafts()[0]) == {old}
    status = well(machine.run("keys", "status", "--borough", "havering"))
    assert "signing: a successor is made and not in use yet" in status
    well(stage.hub.run("register", stage.home("havering").public_keys))
    new = signed_with(stage, Told(3).drafts()[0])
    assert new == {ceremonies.fingerprints(stage.home("havering"))["signing"]} != {old}
    rotated = [one for one in facts_of(stage, "bhr") if isinstance(one, KeyRotated.Facts)]
    assert [(one.key_class, one.owner) for one in rotated] == [
        ("recipient", "havering"),
        ("signing", "havering"),
    ]


def signed_with(stage: Stage, draft: Draft) -> set[str]:
    """Publish a draft from Havering; gives the keys that what was sent is signed with."""
    with stage.client("havering") as client:
        client.publish([draft])
        with closing(sqlite3.connect(stage.home("havering").store)) as store:
            query = "SELECT document FROM outbox WHERE document IS NOT NULL AND answer IS NULL"
            documents = [json.loads(row[0]) for row in store.execute(query)]
        assert (client.send().refused, client.status().waiting) == (0, 0)
    return {one["submission"]["key"] for one in documents}


def test_the_hub_s_signing_key_is_replaced(stage: Stage) -> None:
    """Answers under the old key stay good, new ones come under its successor, and are believed."""
    first = stage.start_hub("--no-projector")
    published(stage, Told(1).drafts()[0])
    recovery = f"{stage.recovery('hub')}.pub"
    said = well(stage.hub.run("keys", "rotate", "hub-signing", "--recovery", recovery))
    published(stage, Told(2).drafts()[0])  # the hub that serves goes on with the key that it has
    first.stop()
    second = stage.start_hub("--no-projector")
    published(stage, Told(3).drafts()[0])
    second.kill()
    (new,) = MARK.findall(said)
    *before, last = answered_with(stage)
    assert (len(before) > 1, len(set(before)), new in before, last) == (True, 1, False, new)
    assert ceremonies.fingerprints(stage.hub_home)["hub-signing"] == new


def answered_with(stage: Stage) -> list[str]:
    """Give the key that each acknowledgement was signed with."""
    with closing(sqlite3.connect(stage.home("havering").store)) as store:
        rows = store.execute("SELECT answer FROM outbox ORDER BY number").fetchall()
    return [json.loads(row[0])["acknowledgement"]["key"] for row in rows]


def test_a_ledger_s_key_is_turned_while_the_hub_serves(stage: Stage, running: Running) -> None:
    """Said in the ledger, and everything before and after it opens."""
    published(stage, Told(1).drafts()[0])
    said = well(stage.hub.run("keys", "rotate", "ledger", "havering", "--reason", "compromised"))
    published(stage, Told(2).drafts()[0])
    (new,) = MARK.findall(said)
    (rotated,) = (one for one in facts_of(stage, "havering") if isinstance(one, KeyRotated.Facts))
    assert (rotated.key, rotated.reason) == (new, "compromised")


def test_the_hub_s_keys_are_rewrapped_while_it_serves(stage: Stage, running: Running) -> None:
    """What was told before opens to a recipient at the same hub, which takes in more after it."""
    event = published(stage, discussion())
    recovery = f"{stage.recovery('hub')}.pub"
    said = well(stage.hub.run("keys", "rewrap", "--recovery", recovery))
    assert re.search(r"rewrapped: \d+ keys", said)
    assert "never rehearsed" in well(stage.hub.run("keys", "status"))
    assert json.loads(opened_by_redbridge(stage, event)) == {"date_of_birth": "2017-03-04"}
    before = len(facts_of(stage, "havering"))
    published(stage, Told(1).drafts()[0])
    running.kill()
    assert len(facts_of(stage, "havering")) > before


def test_the_token_issuer_s_key_is_replaced_when_the_hub_is_stopped(stage: Stage) -> None:
    """Tokens of before open nothing any more, new ones do, and the key of before is nowhere."""
    first = stage.start_hub("--no-projector")
    words = ("keys", "rotate", "token-issuer", "--recovery", f"{stage.recovery('hub')}.pub")
    refused = stage.hub.run(*words)
    assert (refused.status, "stop `bhr serve`" in refused.err) == (2, True)
    published(stage, Told(1).drafts()[0])
    first.stop()
    before = ceremonies.fingerprints(stage.hub_home)["token-issuer"]
    (new,) = MARK.findall(well(stage.hub.run(*words)))
    assert ceremonies.fingerprints(stage.hub_home)["token-issuer"] == new
    assert not list(stage.hub_home.key_files.rglob(f"former/token-issuer*{before[:12]}*"))
    second = stage.start_hub("--no-projector")
    assert sends(stage, Told(2)) == 2
    source = "/participants/havering/children-social-care"
    token = well(stage.hub.run("token", "publisher", source))
    stage.home("havering").token.write_text(token.strip(), encoding="ascii")
    assert sends(stage, Told(3)) == 0
    second.kill()
    (rotated,) = (one for one in facts_of(stage, "bhr") if isinstance(one, KeyRotated.Facts))
    assert (rotated.key, rotated.key_class, rotated.replaces) == (new, "token-issuer", before)


def sends(stage: Stage, told: Told) -> int:
    """Publish as Havering; gives how its client's command ends."""
    with stage.client("havering") as client:
        client.publish([told.drafts()[0]])
    return stage.machine("havering").run("outbox", "send", "--borough", "havering").status
