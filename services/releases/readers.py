"""Which bodies are given releases without asking: those of which an office may read them.

The same rules let them in as let in who asks (`services.reading`): an agreement in force that the
body signed and that names the office, a purpose, and the right.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.errors import NotAuthorised
from domain.reference.agreements import Agreement
from services.deciding import Deciding
from services.ports import Caller
from services.reading import LIVE, RELEASED, Entitlements, Reading, Right

OUTBOX: Final = "outbox"
"""Who reads, as it is recorded: nobody in person."""
BY_KAFKA: Final = "kafka"


def release_readers(deciding: Deciding) -> dict[str, tuple[Reading, Right]]:
    """Give these bodies as of today, each with one way in which it may read."""
    entitled = Entitlements(deciding.registry, deciding.is_bound)
    found: dict[str, tuple[Reading, Right]] = {}
    for reading in _asked(deciding):
        if reading.caller.participant not in found:
            try:
                right = entitled.allow_release(reading)
            except NotAuthorised:
                continue
            found[reading.caller.participant] = reading, right
    return found


def _asked(deciding: Deciding) -> Iterator[Reading]:
    """Give every way in which any office might read."""
    registry = deciding.registry
    agreements = [one.reference() for one, _ in registry.in_force(Agreement)]
    for granted in registry.rights():
        if granted.right in {LIVE, RELEASED}:
            caller = Caller(granted.participant, None, granted.office, OUTBOX)
            for purpose in granted.purposes:
                yield from (Reading(caller, one, purpose, BY_KAFKA) for one in agreements)
