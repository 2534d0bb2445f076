"""An erasure through every real door, killed on its way at each step, and what is left of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.assembly.hub import open_hub
from adapters.keys.store import SqliteKeyStore
from adapters.keys.store_file import StoreFile
from adapters.settings import HubHome
from services.hub_events import HubEvents
from services.ports import WrappedKey
from tests.journeys.machines import Ended, Running
from tests.journeys.sources import Told, drafts_of
from tests.journeys.stage import Stage, set_stage

LONG_AGO = "2020-01-01T00:00:00Z"
BODIES = ("havering", "redbridge")
KILLED = 9
STEPS: dict[str, tuple[type, str, str]] = {
    "before it is said": (HubEvents, "append_behind", "before"),
    "once it is said": (HubEvents, "append_behind", "after"),
    "before a row goes": (StoreFile, "destroy", "before"),
    "once a row went": (StoreFile, "destroy", "after"),
    "before the log is cut": (StoreFile, "settle", "before"),
    "once the log is cut": (StoreFile, "settle", "after"),
    "before it is noted": (StoreFile, "gone", "before"),
    "once it is noted": (StoreFile, "gone", "after"),
}
NUMBERS = range(0, 3 * (len(STEPS) + 3), 3)
CHILDREN = [Told(number).child for number in NUMBERS]
"""One for each step, and three more."""


@dataclass(frozen=True, slots=True)
class Hub:
    """A running hub with children to erase."""

    stage: Stage
    running: Running

    def bhr(self, *words: object) -> str:
        """Run a command at the hub that ends well; gives what it says."""
        return said(self.stage.hub.run(*words))

    def asked(self, child: str) -> str:
        """Have Havering ask for a child's erasure, and both bodies approve it; gives its id."""
        options = ("--ground", "objection", "--office", "data-protection", "--not-before", LONG_AGO)
        havering = self.stage.machine("havering")
        asked = havering.run("erasure", "request", child, *options, "--borough", "havering")
        request = said(asked).strip()
        shown = self.bhr("erasure", "status", request)
        found = re.search(r"statement ([A-Za-z0-9_-]{43})", shown)
        assert found is not None, shown
        for body in BODIES:
            office = ("--borough", body, "--office", "director")
            words = ("sign", "erasure-approval", "havering", request, found[1], *office)
            signed = said(self.stage.machine(body).run(*words))
            file = self.stage.folder / f"approval-{body}-{request}.json"
            file.write_text(signed, encoding="utf-8")
            self.bhr("decision", "record", file)
        return request

    def rows(self, request: str) -> list[WrappedKey]:
        """Give the key store's rows of whom a request is about."""
        with self.stage.rooms() as rooms:
            keys = rooms.erasing.requests.find(request).key_ids()
        store = SqliteKeyStore(self.stage.hub_home.key_store)
        found = store.by_id(list(keys))
        store.close()
        return found


def said(ended: Ended) -> str:
    """Give what a command said that ended well."""
    assert ended.status == 0, ended.said()
    return ended.out


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Give a hub to which Havering told of some children."""
    stage = set_stage(tmp_path_factory.mktemp("erasing") / "stage", waits=False)
    running = stage.start_hub()
    with stage.client("havering") as client:
        client.publish(drafts_of([Told(number) for number in NUMBERS]))
        sent = client.send()
    assert (sent.refused, sent.left) == (0, 0), sent.codes
    yield Hub(stage, running)
    running.kill()


def die(home: Path, passphrase: str, request: str, step: str) -> None:
    """Carry out, and be killed at a step: what was open is not closed, nothing is tidied up."""
    owner, name, when = STEPS[step]
    work: Callable[..., object] = getattr(owner, name)

    def dying(*given: object) -> object:
        if when == "after":
            work(*given)
        os._exit(KILLED)

    with open_hub(HubHome(home), passphrase) as rooms:
        setattr(owner, name, dying)
        rooms.erasing.carrying_out.carry_out(request, lambda *_: None)


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step(hub: Hub, step: str) -> None:
    """Whatever the last step was, opening the hub again finishes what was said, and no more."""
    request = hub.asked(CHILDREN[list(STEPS).index(step)])
    rows = hub.rows(request)
    assert len(rows) == 1
    stage = hub.stage
    dying = stage.hub.play(die, stage.hub_home.folder, stage.hub.passphrase, request, step)
    dying.process.join(120)
    assert dying.process.exitcode == KILLED, dying.said()
    shown = hub.bhr("erasure", "status", request)
    if step == "before it is said":
        assert " approved: " in shown
        assert hub.rows(request) == rows
        hub.bhr("erasure", "carry-out", request)
        shown = hub.bhr("erasure", "status", request)
    assert " destroyed: " in shown, shown
    assert held(stage, rows) == []


def held(stage: Stage, rows: list[WrappedKey]) -> list[str]:
    """Search every byte of the hub's home: where a wrapped key is, or its id in the key store."""
    found = []
    for path in stage.hub_home.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            of_keys = path.name.startswith(stage.hub_home.key_store.name)
            found += [
                path.name
                for row in rows
                if row.wrapped in content or (of_keys and row.key_id in content)
            ]
    return found


def test_from_the_request_to_the_certificate(hub: Hub) -> None:
    """What is due is carried out; certificate, audit and live views say the same of it."""
    stage = hub.stage
    request, other = hub.asked(CHILDREN[-1]), hub.asked(CHILDREN[-2])
    assert "nothing is kept longer" in hub.bhr("erasure", "due")
    done = hub.bhr("erasure", "carry-out")
    assert {line.split(":")[0] for line in done.splitlines()} == {request, other}
    assert "nothing is due" in hub.bhr("erasure", "carry-out")
    page = hub.bhr("erasure", "certificate", request)
    assert page.startswith("CERTIFICATE OF ERASURE")
    assert "director of havering and director of redbridge" in " ".join(page.split())
    audited = hub.bhr("audit", "erasures")
    assert audited.count("the signature holds") >= 4
    assert "NOT" not in audited
    assert '"fault":null' in hub.bhr("audit", "erasures", "--json")
    tidied = stage.machine("havering").run("erasure", "tidy", "--borough", "havering")
    assert tidied.out.count("forgotten here") == tidied.out.count(": destroyed") >= 2, tidied.said()
    stage.read_folded("factors")
    replayed = stage.hub.run("audit", "replay")
    assert replayed.status == 0, replayed.said()
    verified = stage.hub.run("audit", "verify")
    assert verified.status == 0, verified.said()


def test_one_body_alone_erases_nothing(hub: Hub) -> None:
    """Asked for and approved by its own controller alone, it waits."""
    options = ("--ground", "objection", "--office", "data-protection", "--not-before", LONG_AGO)
    child = CHILDREN[-3]
    havering = hub.stage.machine("havering")
    request = said(havering.run("erasure", "request", child, *options, "--borough", "havering"))
    ended = hub.stage.hub.run("erasure", "carry-out", request.strip())
    assert ended.status == 2
    assert "erasure-requested" in ended.err
