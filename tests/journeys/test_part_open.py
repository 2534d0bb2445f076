"""What is sealed to a body is opened by that body, at its own desk, and by nobody else."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from adapters.assembly import ceremonies
from adapters.identity.trust_file import TrustFile
from adapters.keys import ceremony, encapsulation
from adapters.keys.signing import Ed25519Signer
from domain.canonical import canonical, strict_json
from domain.errors import NotTrusted, ReferenceRefused
from domain.opened import OpenedEvent
from domain.reference.body_keys import KeyPurpose
from domain.values import to_bytes
from domain.vocabulary.child_protection import StrategyDiscussionHeld
from domain.vocabulary.hub import PartFetched
from domain.vocabulary.parts import RestrictedPart
from services.borough.drafting import Draft, SubjectDraft
from services.trust import Vouched
from tests.journeys.sources import Told
from tests.journeys.stage import PURPOSE, Stage, set_stage

CASE_WORK = "case-work"
BORN = "2017-03-04"


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give a stage whose hub serves."""
    made = set_stage(tmp_path_factory.mktemp("parts") / "stage")
    running = made.start_hub("--no-projector")
    yield made
    assert BORN not in running.said()
    running.kill()


def discussion() -> Draft:
    """Draft a strategy discussion that Redbridge may open too."""
    facts = {"held": "2023-05-04", "outcome": "reconvene"}
    key = ("child-1", "2023-05-04")
    return Draft(
        kind=StrategyDiscussionHeld,
        key=key,
        stream=("discussion", *key),
        time="2023-05-04T10:00:00Z",
        facts=StrategyDiscussionHeld.Facts.model_validate(facts),
        subjects=(
            SubjectDraft(
                "child-1",
                "child",
                StrategyDiscussionHeld.Shared(),
                RestrictedPart(date_of_birth=BORN),
            ),
        ),
        recipients=("redbridge",),
        purpose=CASE_WORK,
    )


def published(stage: Stage, *drafts: Draft) -> uuid.UUID:
    """Publish from Havering, and give the id of the first draft's event."""
    with stage.client("havering") as client:
        client.publish(drafts)
        sent = client.send()
    assert (sent.refused, sent.left) == (0, 0), sent.codes
    with closing(sqlite3.connect(stage.home("havering").store)) as store:
        query = "SELECT event FROM published WHERE kind = ? AND state = 'recorded'"
        (event,) = store.execute(query, (drafts[0].kind.name,)).fetchone()
    return uuid.UUID(bytes=event)


def fetches(stage: Stage) -> list[PartFetched.Facts]:
    """Give what Havering's ledger says was fetched."""
    with stage.rooms() as rooms:
        entries = rooms.ledgers["havering"].read(0, 1000)
        events = rooms.rules.open_entries("havering", entries)
    facts = (event.facts for event in events if isinstance(event, OpenedEvent))
    return [one for one in facts if isinstance(one, PartFetched.Facts)]


def vouch(stage: Stage, whose: str) -> None:
    """Let Havering be told a borough's recipient key by telephone."""
    mark = to_bytes(ceremonies.fingerprints(stage.home(whose))["recipient"])
    TrustFile(stage.home("havering").trust).add(Vouched(whose, "recipient", mark))


def test_its_borough_opens_a_part(stage: Stage) -> None:
    """`bhr part open` prints what the borough sealed; its ledger says who fetched it, and why."""
    event = published(stage, *Told(1).drafts())
    ended = stage.machine("havering").run("part", "open", event, "2", "--borough", "havering")
    assert ended.status == 0, ended.said()
    assert json.loads(ended.out) == {"date_of_birth": BORN, "local_id": Told(1).child}
    (fetch,) = fetches(stage)
    assert (fetch.event, fetch.part, fetch.participant) == (str(event), 2, "havering")
    assert fetch.purpose == PURPOSE


def test_another_borough_is_refused(stage: Stage) -> None:
    """To another borough the part does not even exist, and nothing is recorded as fetched."""
    event = published(stage, *Told(1).drafts())
    for ledger in ("havering", "redbridge"):
        ended = stage.machine("redbridge").run(
            "part", "open", event, "2", "--borough", "redbridge", "--ledger", ledger
        )
        assert (ended.status, ended.out, ended.err) == (2, "", "bhr: no such part\n")
    assert fetches(stage) == []


def test_a_part_that_is_not_there(stage: Stage) -> None:
    """An event or part that does not exist is told of in the same words as one that is not ours."""
    event = published(stage, *Told(1).drafts())
    machine = stage.machine("havering")
    for which, number in ((event, "4"), (uuid.UUID(int=event.int ^ 1), "2")):
        ended = machine.run("part", "open", which, number, "--borough", "havering")
        assert (ended.status, ended.out, ended.err) == (2, "", "bhr: no such part\n")
    assert fetches(stage) == []


def waiting(stage: Stage) -> list[str]:
    """Give what waits for Redbridge, as its command says it."""
    ended = stage.machine("redbridge").run("part", "waiting", "--borough", "redbridge")
    assert ended.status == 0, ended.said()
    return ended.out.splitlines()


def test_a_named_recipient_opens_a_part(stage: Stage) -> None:
    """A body that a part was sealed to opens it for the purpose that was agreed, and no other.

    It waits for that body until then, which can ask for that.
    """
    vouch(stage, "redbridge")
    event = published(stage, discussion())
    opening = ("part", "open", event, "2", "--ledger", "havering", "--borough")
    assert waiting(stage) == [f"part 2 of {event}, havering"]
    ended = stage.machine("redbridge").run(*opening, "redbridge", "--purpose", CASE_WORK)
    assert ended.status == 0, ended.said()
    assert json.loads(ended.out) == {"date_of_birth": BORN}
    assert waiting(stage) == []
    other = stage.machine("redbridge").run(*opening, "redbridge", "--purpose", PURPOSE)
    assert (other.status, other.out) == (2, "")
    third = stage.machine("barking-and-dagenham").run(
        *opening, "barking-and-dagenham", "--purpose", CASE_WORK
    )
    assert (third.status, third.out) == (2, "")
    assert [fetch.participant for fetch in fetches(stage)] == ["redbridge"]


def test_a_key_that_the_hub_puts_in_the_place_of_a_recipients(stage: Stage) -> None:
    """A list that leaves out a body's own key is refused, and one beside it is not sealed to."""
    vouch(stage, "redbridge")
    with pytest.raises(ReferenceRefused):
        _substitute(stage, "redbridge", beside=False)
    _substitute(stage, "redbridge", beside=True)
    event = published(stage, discussion())
    opening = ("part", "open", event, "2", "--ledger", "havering", "--borough")
    ended = stage.machine("redbridge").run(*opening, "redbridge", "--purpose", CASE_WORK)
    assert json.loads(ended.out) == {"date_of_birth": BORN}


def test_a_recipient_nobody_vouched_for(stage: Stage) -> None:
    """Without a fingerprint given by other means even the true key is not sealed to."""
    with stage.client("havering") as client:
        with pytest.raises(NotTrusted):
            client.publish([replace(discussion(), recipients=("barking-and-dagenham",))])
        assert client.status().waiting == 0


def test_a_recipient_of_whom_belief_was_taken_back(stage: Stage) -> None:
    """Nothing more is sealed to its key, not in the session of before either; it opens the rest."""
    vouch(stage, "redbridge")
    event = published(stage, discussion())
    sealed = replace(discussion(), key=("child-1", "waits"), stream=("discussion", "waits"))
    with stage.client("havering") as client:
        client.publish([sealed])
        (waits,) = client.waiting_for("redbridge")
    mark = ceremonies.fingerprints(stage.home("redbridge"))["recipient"]
    words = ("trust", "remove", "redbridge", "recipient", mark, "--borough", "havering")
    ended = stage.machine("havering").run(*words)
    assert ended.status == 0, ended.said()
    told = f"bhr returns withdraw {waits} --borough havering"
    assert told in ended.out
    taken = stage.machine("havering").run(*told.split()[1:])
    assert taken.status == 0, taken.said()
    with stage.client("havering") as client:
        assert client.waiting_for("redbridge") == []
    later = replace(discussion(), key=("child-1", "later"), stream=("discussion", "later"))
    with stage.client("havering") as client, pytest.raises(NotTrusted):
        client.publish([later])
    opening = ("part", "open", event, "2", "--ledger", "havering", "--borough")
    opened = stage.machine("redbridge").run(*opening, "redbridge", "--purpose", CASE_WORK)
    assert json.loads(opened.out) == {"date_of_birth": BORN}


def _substitute(stage: Stage, whose: str, *, beside: bool) -> None:
    """Let the hub's operator register keys of their own making in a borough's name."""
    keys: list[tuple[KeyPurpose, bytes]] = [
        ("recipient", encapsulation.generate()[1]),
        ("signing", Ed25519Signer(b"s" * 32).public),
    ]
    with stage.rooms() as rooms:
        today = rooms.hub.registry.today()
        made = strict_json(ceremony.body_keys(whose, keys, effective_from=today))
        own = strict_json(stage.home(whose).public_keys.read_bytes())
        assert isinstance(made, dict)
        assert isinstance(own, dict)
        listed = [*own["keys"], *made["keys"]] if beside else made["keys"]
        rooms.registering.register(canonical({**made, "keys": listed, "version": 2}))
