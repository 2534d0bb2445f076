"""A hub's disk is lost: what a backup brings back, and what an old one must never be let do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import Unavailable
from tests.journeys.machines import Ended, Machine, Running, free_port, listens, wait_until
from tests.journeys.sources import Told
from tests.journeys.stage import AUTHORITIES, set_stage

HAVERING = re.compile(r"^havering +(\d+) entries.*?Z   (.*)$", re.MULTILINE)


class Rig:
    """A stage whose hub has one witness, and a folder that backups are kept in."""

    def __init__(self, folder: Path) -> None:
        """Set the stage, make the witness, and have it serve the hub's logs."""
        self.stage = set_stage(folder / "stage")
        self.backups = folder / "backups"
        self.witness = Machine(folder / "witness", "the passphrase of a witness")
        recovery = f"{self.stage.recovery('havering')}.pub"
        made = well(self.witness.run(
            *("witness", "init", "havering", "--name", "w.example/w", "--recovery", recovery)
        ))  # fmt: skip
        self.port = free_port()
        shown = well(self.stage.hub.run("keys", "log", "bhr", *AUTHORITIES))
        keys = [one for one in shown.split() if "+" in one]
        well(self.witness.run("witness", "add-log", *keys))
        self.policy = folder / "policy"
        vkey = made.splitlines()[0]
        address = f"http://127.0.0.1:{self.port}"
        self.policy.write_text(f"witness w {vkey} {address}\nquorum w\n", encoding="utf-8")
        self.cosigning = self.witness.start("witness", "serve", "--port", self.port)
        wait_until(lambda: listens(self.port), "the witness listens")

    @property
    def environment(self) -> dict[str, str]:
        """Give what the hub's commands are told of its witnesses."""
        return {"BHR_WITNESS_POLICY": str(self.policy)}

    def hub(self, *arguments: object) -> Ended:
        """Run a command at the hub."""
        return self.stage.hub.run(*arguments, **self.environment)

    def serve(self) -> Running:
        """Start the hub."""
        return self.stage.start_hub("--no-projector", **self.environment)

    def publish(self, number: int) -> bool:
        """Publish a fact from Havering; gives whether the hub took it."""
        with self.stage.client("havering", patience_s=0) as client:
            client.publish(Told(number).drafts())
            try:
                return client.send().left == 0
            except Unavailable:
                return False

    def status(self) -> tuple[int, str]:
        """Give how many entries Havering's ledger has, and what is told of it."""
        found = HAVERING.search(well(self.hub("ledger", "status")))
        assert found is not None
        return int(found.group(1)), found.group(2)

    def cosigned(self) -> int:
        """Give how much of Havering's ledger the witness has seen."""
        said = self.witness.run("witness", "status").out
        found = re.search(r"^\S+/havering +(\d+) ", said, re.MULTILINE)
        return int(found.group(1)) if found else 0

    def copied(self, kind: str) -> Path:
        """Make a backup; gives its folder."""
        before = set(self.backups.glob("*"))
        well(self.hub("ledger" if kind == "ledgers" else "keys", "backup", self.backups))
        (made,) = set(self.backups.glob("*")) - before
        return made

    def lose_ledgers(self, name: str) -> None:
        """Lose the disk that the ledgers are on."""
        ledgers = self.stage.hub_home.ledgers
        ledgers.rename(ledgers.with_name(name))


def well(ended: Ended) -> str:
    """Give what a command said that ended well."""
    assert ended.status == 0, ended.said()
    return ended.out


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Give a hub with a witness that is served."""
    made = Rig(tmp_path)
    yield made
    made.cosigning.kill()


def test_an_old_backup_refuses_to_go_on(rig: Rig) -> None:
    """Restored from before what a witness has seen, it is read-only; a later one goes on.

    Publishers keep what they could not send, and it is recorded once the ledger is whole.
    """
    serving = rig.serve()
    assert rig.publish(1)
    old = rig.copied("ledgers")
    assert rig.publish(2)
    wait_until(lambda: rig.cosigned() >= rig.status()[0], "the witness has seen it all")
    serving.stop()
    whole = rig.copied("ledgers")
    size, told = rig.status()
    assert told == "as the witnesses have seen it"
    rig.lose_ledgers("lost-once")
    well(rig.hub("ledger", "restore", old))
    restored, told = rig.status()
    assert (restored < size, "read-only" in told, "entries" in told) == (True, True, True)
    serving = rig.serve()
    assert "read-only" in serving.said()
    assert not rig.publish(3)
    serving.stop()
    assert rig.status()[0] == restored
    assert rig.cosigned() == size
    rig.lose_ledgers("lost-twice")
    well(rig.hub("ledger", "restore", whole))
    assert rig.status() == (size, "as the witnesses have seen it")
    serving = rig.serve()
    assert rig.publish(4)
    wait_until(lambda: rig.cosigned() > size, "the witness goes on")
    serving.stop()
    assert "CONTRADICTS" not in rig.witness.run("witness", "status").out


def test_keys_come_back_after_their_ledgers(rig: Rig) -> None:
    """Everything that was recorded opens again from the two backups, and the hub goes on."""
    serving = rig.serve()
    assert rig.publish(1)
    wait_until(lambda: rig.cosigned() >= rig.status()[0], "the witness has seen it all")
    serving.stop()
    ledgers, keys = rig.copied("ledgers"), rig.copied("keys")
    home = rig.stage.hub_home
    rig.lose_ledgers("lost")
    home.key_store.rename(home.key_store.with_name("lost.sqlite"))
    early = rig.hub("keys", "restore", keys)
    assert (early.status, home.key_store.exists()) == (2, False)
    well(rig.hub("ledger", "restore", ledgers))
    well(rig.hub("ledger", "status"))  # the witnesses find it whole
    assert "0 destroyed keys" in well(rig.hub("keys", "restore", keys))
    serving = rig.serve()
    assert rig.publish(2)
    serving.stop()
    well(rig.hub("audit", "replay"))
