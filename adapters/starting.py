"""How a worker opens the hub: the servers that it stands on may be starting too, or start again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Final, TypeVar

from adapters.assembly.hub import Rooms, open_hub
from adapters.settings import HubHome
from domain.errors import Unavailable
from services.watching import Watch

REST_S: Final = 2.0
TRIES: Final = 60
"""So two minutes; whoever looks after the process is told then, and may start it once more."""
T = TypeVar("T")
_WAIT: Final = threading.Event().wait
_log = logging.getLogger(__name__)


@contextmanager
def started_hub(home: HubHome, passphrase: str, watch: Watch) -> Iterator[Rooms]:
    """Open the hub once its servers answer.

    Raises Unavailable where they do not for two minutes, HomeNotReady or NotOpened at once.
    """
    with ExitStack() as closing:
        yield entered(closing, lambda: open_hub(home, passphrase, watch=watch))


def entered(
    closing: ExitStack,
    opening: Callable[[], AbstractContextManager[T]],
    rest: Callable[[float], object] = _WAIT,
) -> T:
    """Enter what `opening` makes, trying again while something of it is unavailable.

    Raises Unavailable where it stays so.
    """
    for _ in range(TRIES - 1):
        try:
            return closing.enter_context(opening())
        except Unavailable:
            _log.warning("start-waits")
            rest(REST_S)
    return closing.enter_context(opening())
