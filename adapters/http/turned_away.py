"""How many callers were turned away, by reason: whoever has no source cannot be recorded.

What a known source sent and had refused stands in its ledger as `submission-refused`. Of callers
without a token that holds, or with one that may not do this, there is only this count. The log
says it at the first, second, fourth, eighth …: a flood of callers is no flood of lines.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Mapping

from domain.errors import HubError, NotAuthorised

log = logging.getLogger("bhr.http")


class TurnedAway:
    """The counts since this process began. Safe between threads."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def hear(self, error: HubError) -> None:
        """Count a caller, if that is what the error is about; its reason is a constant word."""
        if not isinstance(error, NotAuthorised):
            return
        reason = error.reason
        with self._lock:
            self._counts[reason] += 1
            count = self._counts[reason]
        if count.bit_count() == 1:
            log.warning("callers-turned-away reason=%s count=%d", reason, count)

    def counts(self) -> Mapping[str, int]:
        """Give how many there were, by reason."""
        with self._lock:
            return dict(self._counts)
