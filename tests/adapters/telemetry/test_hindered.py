"""A process says what hinders it, beside what hinders its hub."""

from adapters.assembly.telemetry import Telemetry
from adapters.telemetry_settings import TelemetrySettings


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
