"""The hub's intake keys: making and destroying them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from adapters.assembly.hub import open_hub_keys
from adapters.assembly.identities import WallClock
from adapters.custody_settings import place_of
from adapters.keys.intake_keys import IntakeKeyFolder
from adapters.keys.signing import Ed25519Signer
from adapters.settings import HubHome
from domain.errors import HubError
from domain.values import to_text
from services.ports import Clock, Signer

LOOK_S = 3_600.0
_LOG = logging.getLogger("bhr.intake")


def intake_keys(home: HubHome, passphrase: str) -> IntakeKeyFolder:
    """Give the folder of intake keys."""
    return IntakeKeyFolder(home.intake_keys, passphrase, place=place_of(home.custody))


def turn_intake_key(
    home: HubHome, passphrase: str, *, clock: Clock | None = None
) -> tuple[str, list[str]]:
    """Make another intake key, and destroy those that are due; gives its mark, and theirs."""
    signer = hub_signer(home, passphrase)
    folder, now_ms = intake_keys(home, passphrase), (clock or WallClock()).now_ms()
    return to_text(folder.make(signer, now_ms=now_ms)), folder.destroy_due(now_ms=now_ms)


def hub_signer(home: HubHome, passphrase: str) -> Signer:
    """Give what signs for what is published of a key; raises HomeNotReady or NotOpened."""
    return Ed25519Signer(open_hub_keys(home, passphrase).signing)


def keep_turning(
    folder: IntakeKeyFolder,
    signer: Callable[[], Signer],
    clock: Clock,
    wait: Callable[[float], bool],
) -> None:
    """Make and destroy each key within an hour of when it is due, until `wait` says to stop."""
    works = (("made", partial(folder.make_due, signer)), ("destroyed", folder.destroy_due))
    while True:
        for name, work in works:
            try:
                marks = work(now_ms=clock.now_ms())
            except (HubError, OSError) as error:  # another process may be at it
                _LOG.warning("intake-keys-stay not=%s kind=%s", name, type(error).__name__)
            else:
                if marks:
                    _LOG.info("intake-keys-%s count=%d", name, len(marks))
        if wait(LOOK_S):
            return
