"""Releases of the demonstration: what all may read, without the numbers that are too small."""

from __future__ import annotations

from adapters.assembly.hub import open_hub
from adapters.demonstration.reading import wait_until_folded
from adapters.demonstration.stage import Stage
from adapters.settings import hub_home


def publish_release(stage: Stage) -> str:
    """Publish the month's release, once all that was loaded is in the views; says what it came to.

    Raises Unavailable when the views do not come so far.
    """
    wait_until_folded(stage)
    with open_hub(hub_home(), stage.passphrase, demo=True, clock=stage.clock()) as rooms:
        release = rooms.releasing().publish().release
    loss = release.loss
    return f"release of {release.month}: {loss.shown} figures shown, {loss.hidden()} hidden"
