"""The hub's intake keys: making and destroying them."""

from __future__ import annotations

from adapters.assembly.hub import open_hub_keys
from adapters.assembly.identities import WallClock
from adapters.custody_settings import place_of
from adapters.keys.intake_keys import IntakeKeyFolder
from adapters.keys.signing import Ed25519Signer
from adapters.settings import HubHome
from domain.values import to_text
from services.ports import Clock


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
