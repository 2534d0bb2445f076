"""A process says what hinders it and what alarms, beside what does of its hub."""

import json
import os
import socket
from pathlib import Path

import pytest

from adapters.assembly import ceremonies
from adapters.assembly.hub import open_hub
from adapters.assembly.ledgers import init_ledger
from adapters.assembly.telemetry import Telemetry, instance
from adapters.keys.ceremony import public_half
from adapters.settings import HubHome
from adapters.telemetry_settings import TelemetrySettings
from domain.reference.participants import PARTNERSHIP
from services import alarms
from services.intake_signs import IntakeSigns
from tests.adapters.backups.homes import CHEAP, PASSPHRASE
from tests.adapters.telemetry.test_server import inbox
from tests.journeys.machines import wait_until


def made(folder: Path) -> HubHome:
    """Make a hub's home."""
    recovery, home = folder / "offline" / "recovery.json", HubHome(folder / "hub")
    ceremonies.make_recovery(recovery, "the recovery of a hub", cost=CHEAP)
    ceremonies.make_hub(home, PASSPHRASE, public_half(recovery), cost=CHEAP)
    init_ledger(home, PARTNERSHIP)
    return home


def test_what_hinders_a_process_is_said() -> None:
    """Until it has begun, and whenever its own work cannot be done."""
    told = Telemetry("intake", TelemetrySettings(None, None, None, None, None), None)
    hindered: list[str] = []
    told.hindered_by(lambda: tuple(hindered))
    answers = told.answers()
    assert answers.hindrances() == ("starting",)
    told.begun()
    assert answers.hindrances() == ()
    hindered.append("untold bhr")
    assert answers.hindrances() == ("untold bhr",)


def test_alarms_of_taking_in_are_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process says of how it takes in is held to the rules, as its hub is."""
    monkeypatch.setattr(alarms, "EVERY_S", 0.01)
    signs = IntakeSigns({("havering", "not-opened"): 1}, {"havering": 0}, [], ["havering"])
    with inbox() as (address, taken):
        home = made(tmp_path)
        told = Telemetry("intake", TelemetrySettings(None, None, None, address, None), None)
        told.look_at_intake(lambda: signs)
        with open_hub(home, PASSPHRASE) as rooms, told.of_hub(home, rooms):
            wait_until(lambda: bool(taken), "an alarm is sent")
    [told] = [one for _, body in taken if (one := json.loads(body))["alarm"] == "BhrIntakePutAway"]
    assert told["process"] == "intake"
    assert told["instance"] == f"{socket.gethostname()}#{os.getpid()}"


def test_a_process_is_named_by_where_it_is_asked() -> None:
    """The name stays after a restart, so that what was raised before can be known again."""
    assert instance(("127.0.0.1", 9466)) == f"{socket.gethostname()}:9466"


def test_a_process_whose_alarms_ended_is_not_alive(tmp_path: Path) -> None:
    """Whoever asks for its health learns that nobody is told of alarms any more."""
    home = made(tmp_path)
    settings = TelemetrySettings(None, None, None, "http://127.0.0.1:9/", None)
    told = Telemetry("intake", settings, None)
    with open_hub(home, PASSPHRASE) as rooms, told.of_hub(home, rooms):
        assert told.answers().is_alive()
        assert told.answers().hindrances() == ()
    assert not told.answers().is_alive()
