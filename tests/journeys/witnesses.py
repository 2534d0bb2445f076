"""Three boroughs' witnesses as processes of their own machines, and the policy that names them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.assembly.ceremonies import keys_of_logs
from adapters.assembly.witnesses import make_witness
from adapters.keys.ceremony import read_public_half
from adapters.keys.sealed_file import OpenedBy
from adapters.log_settings import WitnessHome
from domain.signed_note import NoteKey
from tests.journeys.machines import Machine, Running, free_port, listens, wait_until
from tests.journeys.stage import AUTHORITIES, COST, Stage

LEDGERS = ("bhr", *AUTHORITIES)


@dataclass
class Witnesses:
    """What cosigns a stage's ledgers: one witness a borough, two of three enough."""

    stage: Stage
    ports: dict[str, int] = field(default_factory=dict)
    keys: dict[str, NoteKey] = field(default_factory=dict)
    running: dict[str, Running] = field(default_factory=dict)

    @property
    def policy(self) -> Path:
        """Give the policy file."""
        return self.stage.folder / "policy"

    def machine(self, borough: str) -> Machine:
        """Give the machine of a borough's witness."""
        return self.stage.machine(f"witness-of-{borough}")

    def start(self, borough: str) -> None:
        """Start a borough's witness, and wait until it listens."""
        port = self.ports[borough]
        machine = self.machine(borough)
        running = self.running[borough] = machine.start("witness", "serve", "--port", port)
        wait_until(lambda: listens(port) or not running.alive(), "a witness listens")
        assert running.alive(), running.said()

    def make(self) -> None:
        """Make every witness, tell it the logs' keys, and write the policy file."""
        logs = [key.vkey() for key in keys_of_logs(self.stage.hub_home, LEDGERS)]
        lines = [f"log {vkey}" for vkey in logs]
        for borough in AUTHORITIES:
            machine = self.machine(borough)
            machine.folder.mkdir(mode=0o700)
            recovery = self.stage.recovery(borough)
            public = read_public_half(recovery.with_name(f"{recovery.name}.pub"))
            key, _ = make_witness(
                WitnessHome(machine.folder / "witness"),
                borough,
                f"{borough}.example/witness",
                OpenedBy(machine.passphrase, public, COST),
            )
            added = machine.run("witness", "add-log", *logs)
            assert added.status == 0, added.said()
            self.ports[borough], self.keys[borough] = free_port(), key
            url = f"http://127.0.0.1:{self.ports[borough]}"
            lines.append(f"witness {borough} {key.vkey()} {url}")
        lines += [f"group boroughs 2 {' '.join(AUTHORITIES)}", "quorum boroughs"]
        self.policy.write_text("\n".join(lines) + "\n", encoding="ascii")


@contextmanager
def witnessed(stage: Stage) -> Iterator[Witnesses]:
    """Give three witnesses that run, and end them afterwards."""
    made = Witnesses(stage)
    made.make()
    for borough in AUTHORITIES:
        made.start(borough)
    try:
        yield made
    finally:
        for one in made.running.values():
            one.kill()
