"""Settings of the logs and of what witnesses them: names, homes, and the policy file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints, ValidationError

from adapters.settings import HubHome, home
from domain.errors import HomeNotReady
from domain.values import Strict

POLICY_VARIABLE = "BHR_WITNESS_POLICY"


@dataclass(frozen=True, slots=True)
class WitnessHome:
    """Where a witness keeps what is its own: at a borough, and never on the hub's machine."""

    folder: Path

    @property
    def key_file(self) -> Path:
        """The key that it cosigns with."""
        return self.folder / "key-files" / "witness.json"

    @property
    def book(self) -> Path:
        """What it last cosigned. Losing it ends the witness: its key must not sign again."""
        return self.folder / "witness.sqlite"


class LogSettings(Strict):
    """What the hub's logs are called outside it: the first part of each log's origin."""

    name: Annotated[
        str,
        StringConstraints(
            pattern=r"^[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9._~-]*)*$", max_length=180
        ),
    ] = "bhr.invalid"


def write_log(home: HubHome, said: LogSettings) -> None:
    """Say what the hub's logs are called, for ever; raises HomeNotReady for another name."""
    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with home.log.open("xb") as file:
            file.write(said.canonical() + b"\n")
    except FileExistsError:
        if _read_log(home) != said:
            raise HomeNotReady(
                f"{home.log}: the logs have a name already; another name would be other logs"
            ) from None
    except OSError:
        raise HomeNotReady(f"{home.log} cannot be written: check rights and space") from None


def origin_of(home: HubHome, ledger: str) -> str:
    """Give the origin of a ledger's log: the name of its keys, and the first line it signs.

    Raises HomeNotReady for settings that are not to be read.
    """
    return f"{_read_log(home).name}/{ledger}"


def _read_log(home: HubHome) -> LogSettings:
    try:
        return LogSettings.model_validate_json(home.log.read_bytes())
    except FileNotFoundError:
        return LogSettings()
    except (OSError, ValidationError):
        raise HomeNotReady(f"{home.log} does not say what the logs are called") from None


def witness_home() -> WitnessHome:
    """Give the witness's home."""
    return WitnessHome(home() / "witness")


def witness_policy() -> Path | None:
    """Give the policy file that says whose cosignatures are enough, where one is named."""
    named = os.environ.get(POLICY_VARIABLE)
    return Path(named) if named else None
