"""The key that signs the logs is replaced while witnesses cosign: nothing stops, all holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.assembly.ceremonies import keys_of_logs
from tests.journeys.machines import Ended, Machine, listens, wait_until
from tests.journeys.proven import fetched, publish
from tests.journeys.sources import Told
from tests.journeys.stage import AUTHORITIES, Stage, set_stage
from tests.journeys.witnesses import LEDGERS, Witnesses, witnessed


def well(ended: Ended) -> str:
    """Give what a command said that ended well."""
    assert ended.status == 0, ended.said()
    return ended.out


@dataclass(frozen=True, slots=True)
class Logs:
    """A hub whose logs three witnesses cosign, and what was proven of it."""

    stage: Stage
    witnesses: Witnesses

    def hub(self, *words: object) -> Ended:
        """Run a command at the hub, by its policy."""
        return self.stage.hub.run(*words, BHR_WITNESS_POLICY=str(self.witnesses.policy))

    @contextmanager
    def served(self) -> Iterator[None]:
        """Serve the hub for a while, by its policy."""
        port, policy = self.stage.port, str(self.witnesses.policy)
        running = self.stage.hub.start("serve", "--port", port, BHR_WITNESS_POLICY=policy)
        wait_until(lambda: listens(port), "the hub listens")
        yield
        assert running.stop() == 0, running.said()

    def receipt(self, number: int) -> Path:
        """Publish an event and fetch its receipt, which needs the quorum of the hub's policy."""
        with self.served():
            receipt = self.stage.folder / f"receipt-{number}.json"
            receipt.write_bytes(fetched(self.stage, publish(self.stage, [Told(number)])))
        return receipt

    def vkeys(self) -> list[str]:
        """Give the keys of all logs, as `bhr keys log` shows them."""
        return [key.vkey() for key in keys_of_logs(self.stage.hub_home, LEDGERS)]

    def policy(self, name: str, vkeys: list[str]) -> Path:
        """Write a policy that believes these log keys, and the same witnesses."""
        lines = self.witnesses.policy.read_text("ascii").splitlines()
        others = [line for line in lines if not line.startswith("log ")]
        path = self.stage.folder / name
        path.write_text("\n".join([*(f"log {one}" for one in vkeys), *others, ""]), "ascii")
        return path

    def holds(self, receipt: Path, policy: Path) -> bool:
        """Say whether a receipt is proven by a policy, to whoever has nothing else."""
        ended = Machine(self.stage.folder / "anybody", "").run(
            "receipt", "verify", receipt, "--policy", policy
        )
        return ended.status == 0


@pytest.fixture
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logs]:
    """Give a hub that three witnesses know."""
    stage = set_stage(tmp_path_factory.mktemp("logs") / "stage")
    with witnessed(stage) as witnesses:
        yield Logs(stage, witnesses)


def test_the_key_of_the_logs_is_replaced(logs: Logs) -> None:
    """Old keys prove what came before, new ones what comes after, and either what is between."""
    stage, recovery = logs.stage, f"{logs.stage.recovery('hub')}.pub"
    old_keys, first = logs.vkeys(), logs.receipt(1)
    refused = logs.hub("keys", "rotate", "log", "--finish")
    assert (refused.status, "no successor" in refused.err) == (2, True)
    well(logs.hub("keys", "rotate", "log", "--recovery", recovery))
    between = logs.receipt(2)  # neither witness nor policy was told of anything yet
    new_keys = [one for one in logs.vkeys() if one not in old_keys]
    refused = logs.hub("keys", "rotate", "log", "--finish")
    assert (refused.status, "does not name the new keys" in refused.err) == (2, True)
    for borough in AUTHORITIES:
        machine = logs.witnesses.machine(borough)
        followed = well(machine.run("witness", "follow", stage.hub_home.public_keys))
        assert set(re.findall(r"believed: (\S+)", followed)) == set(new_keys)
        assert "no key follows" in well(
            machine.run("witness", "follow", stage.hub_home.public_keys)
        )
    old, new = logs.policy("old", old_keys), logs.policy("new", new_keys)
    logs.policy("policy", logs.vkeys())
    well(logs.hub("keys", "rotate", "log", "--finish"))
    for borough in AUTHORITIES:
        for vkey in old_keys:
            well(logs.witnesses.machine(borough).run("witness", "drop-key", vkey))
    after = logs.receipt(3)
    told = [(logs.holds(one, old), logs.holds(one, new)) for one in (first, between, after)]
    assert told == [(True, False), (True, True), (False, True)]
    assert all(logs.holds(one, logs.witnesses.policy) for one in (first, between, after))
    well(logs.hub("audit", "verify", "--policy", logs.witnesses.policy))
    missing = stage.hub.run("audit", "verify", "--policy", new)
    assert (missing.status, "signature-of-the-log-missing" in missing.out) == (1, True), (
        missing.said()
    )
