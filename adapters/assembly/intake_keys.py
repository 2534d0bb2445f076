"""The hub's intake keys: making and destroying them."""

from __future__ import annotations

import logging
from collections.abc import Callable

from adapters.assembly.hub import open_hub_keys
from adapters.assembly.identities import WallClock
from adapters.custody_settings import place_of
from adapters.keys.intake_keys import IntakeKeyFolder
from adapters.keys.signing import Ed25519Signer
from adapters.settings import HubHome
from domain.errors import HubError
from domain.values import to_text
from services.ports import Clock

LOOK_S = 3_600.0
_LOG = logging.getLogger("bhr.intake")


def intake_keys(home: HubHome, passphrase: str) -> IntakeKeyFolder:
    """Give the folder of intake keys."""
    return IntakeKeyFolder(home.intake_keys, passphrase, place=place_of(home.custody))


def turn_intake_key(
    home: HubHome, passphrase: str, *, clock: Clock | None = None
) -> tuple[str, list[str]]:
    """Make another intake key, and destroy those that are due; gives its mark, and theirs."""
    signer = Ed25519Signer(open_hub_keys(home, passphrase).signing)
    folder, now_ms = intake_keys(home, passphrase), (clock or WallClock()).now_ms()
    return to_text(folder.make(signer, now_ms=now_ms)), folder.destroy_due(now_ms=now_ms)


def destroy_when_due(folder: IntakeKeyFolder, clock: Clock, wait: Callable[[float], bool]) -> None:
    """Destroy each key within an hour of when it is due, until `wait` says to stop."""
    while True:
        try:
            gone = folder.destroy_due(now_ms=clock.now_ms())
        except (HubError, OSError) as error:  # another process may be at it
            _LOG.warning("intake-keys-stay kind=%s", type(error).__name__)
        else:
            if gone:
                _LOG.info("intake-keys-destroyed count=%d", len(gone))
        if wait(LOOK_S):
            return
