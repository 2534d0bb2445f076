"""A process says what hinders it, beside what hinders its hub."""

from pathlib import Path

from adapters.assembly import ceremonies
from adapters.assembly.hub import open_hub
from adapters.assembly.ledgers import init_ledger
from adapters.assembly.telemetry import Telemetry
from adapters.keys.ceremony import public_half
from adapters.settings import HubHome
from adapters.telemetry_settings import TelemetrySettings
from domain.reference.participants import PARTNERSHIP
from tests.adapters.backups.homes import CHEAP, PASSPHRASE


def test_what_hinders_a_process_is_said() -> None:
    """Until it has begun, and whenever its own work cannot be done."""
    told = Telemetry(TelemetrySettings(None, None, None, None, None), None)
    hindered: list[str] = []
    told.hindered_by(lambda: tuple(hindered))
    answers = told.answers()
    assert answers.hindrances() == ("starting",)
    told.begun()
    assert answers.hindrances() == ()
    hindered.append("untold bhr")
    assert answers.hindrances() == ("untold bhr",)


def test_a_process_whose_alarms_ended_is_not_alive(tmp_path: Path) -> None:
    """Whoever asks for its health learns that nobody is told of alarms any more."""
    recovery, home = tmp_path / "offline" / "recovery.json", HubHome(tmp_path / "hub")
    ceremonies.make_recovery(recovery, "the recovery of a hub", cost=CHEAP)
    ceremonies.make_hub(home, PASSPHRASE, public_half(recovery), cost=CHEAP)
    init_ledger(home, PARTNERSHIP)
    settings = TelemetrySettings(None, None, None, "http://127.0.0.1:9/", None)
    told = Telemetry(settings, None)
    with open_hub(home, PASSPHRASE) as rooms, told.of_hub(home, rooms):
        assert told.answers().is_alive()
        assert told.answers().hindrances() == ()
    assert not told.answers().is_alive()
