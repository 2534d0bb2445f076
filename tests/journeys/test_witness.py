"""`bhr witness`: made, told of a log, served, killed and served again, and asked by a hub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.assembly import ceremonies, witnesses
from adapters.assembly.identities import WallClock
from adapters.keys.checkpoint_key import ALGORITHMS
from domain.checkpoint import Signed
from domain.signed_note import read_vkey
from domain.tlog_policy import read_policy
from services.cosigning import AskedWitness, Cosigning, NotCosigned
from tests.journeys.machines import Machine, free_port, listens, wait_until
from tests.journeys.stage import COST
from tests.log_rig import SmallLog
from tests.note_rig import ORIGIN

HERE = SmallLog()
NAME = "havering.example/witness"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Give a borough's machine, and its offline recovery key beside it."""
    ceremonies.make_recovery(tmp_path / "recovery.json", "another passphrase", cost=COST)
    return Machine(tmp_path / "machine", "the passphrase of havering")


def well(machine: Machine, *arguments: object) -> str:
    """Run a command that must go well; gives what it said."""
    ended = machine.run(*arguments)
    assert ended.status == 0, ended.said()
    return ended.out


def init(machine: Machine) -> str:
    """Make a witness; gives its key."""
    recovery = machine.folder.parent / "recovery.json.pub"
    said = well(machine, "witness", "init", "havering", "--name", NAME, "--recovery", recovery)
    vkey, mark = said.splitlines()
    assert re.fullmatch(r"witness [A-Za-z0-9_-]{43}", mark)
    return vkey


@contextmanager
def served(machine: Machine, port: int) -> Iterator[None]:
    """Serve the witness, and end it as a power cut would."""
    running = machine.start("witness", "serve", "--port", port)
    try:
        wait_until(lambda: listens(port), "the witness listens")
        yield
    finally:
        running.kill()


def ask(asked: AskedWitness, size: int, log: SmallLog = HERE) -> Signed | NotCosigned:
    """Ask as a hub does that remembers nothing."""
    return Cosigning(ALGORITHMS, WallClock()).ask(asked, log.note(size), log.prove)


def test_a_witness_from_its_making_to_its_evidence(machine: Machine) -> None:
    """It cosigns what goes on, remembers over a power cut, and keeps what contradicts it."""
    vkey, port = init(machine), free_port()
    assert read_vkey(vkey).name == NAME
    log_key = HERE.signers[0].key.vkey()
    assert well(machine, "witness", "add-log", log_key) == f"serves {ORIGIN}\n"
    policy = read_policy(f"witness b {vkey} http://127.0.0.1:{port}\nquorum b\n".encode())
    with witnesses.asked_witnesses(policy) as (asked,):
        with served(machine, port):
            assert isinstance(ask(asked, 5), Signed)
            assert isinstance(ask(asked, 9), Signed)
        assert ask(asked, 9) == NotCosigned("later", 0)
        with served(machine, port):
            assert isinstance(ask(asked, 12), Signed)
            assert ask(asked, 8) == NotCosigned("ahead", 409, 12)
            other = SmallLog(history="two", since=10)
            assert ask(asked, 12, other) == NotCosigned("refused", 422)
    status = machine.run("witness", "status")
    assert status.status == 1
    assert re.search(
        rf"^{ORIGIN} +12   20\d\d-.*Z\n  CONTRADICTS ITSELF: 1 +did not go on: 0$",
        status.out,
        re.MULTILINE,
    )
    evidence = well(machine, "witness", "evidence")
    assert HERE.checkpoint(12).text().decode() in evidence
    assert SmallLog(history="two", since=10).checkpoint(12).text().decode() in evidence
