"""The canary: an event about nothing that goes the real way, so that silence can be noticed.

One is sent when the last that was acknowledged is older than the interval, and none while one is
still on its way: its not being answered is the news.
"""

from __future__ import annotations

from domain.values import instant_of
from domain.vocabulary.hub import Canary
from services.acknowledging import instant
from services.borough.pseudonyms import unspelled
from services.borough.scribe import Begin, Scribe
from services.client_ports import BoroughStore

INTERVAL_MS = 60 * 60 * 1000


class Canaries:
    """Sends the canaries of one source."""

    def __init__(self, scribe: Scribe, store: BoroughStore, interval_ms: int = INTERVAL_MS) -> None:
        """Send one when the last is older than `interval_ms`."""
        self._scribe = scribe
        self._store = store
        self._interval_ms = interval_ms

    def beat(self, now_ms: int) -> bool:
        """Put a canary into the outbox if it is time for one; gives whether it was."""

        def work(begin: Begin) -> bool:
            if not self._is_time(now_ms):
                return False
            beat = self._last_beat() + 1
            writing = begin(())
            writing.say(Canary, Canary.Facts(beat=beat, sent_at=instant(now_ms)), (str(beat),))
            writing.close()
            return True

        return self._scribe.write(work)

    def _is_time(self, now_ms: int) -> bool:
        if self._store.published.latest_own(Canary.name, "pending") is not None:
            return False
        last = self._store.published.latest_own(Canary.name, "recorded")
        if last is None:
            return True
        age_ms = now_ms - int(instant_of(last.time).timestamp() * 1000)
        # Also after the clock was set back: better one too many than none for long.
        return not 0 <= age_ms < self._interval_ms

    def _last_beat(self) -> int:
        last = self._store.published.latest_own(Canary.name, "recorded", "refused", "adrift")
        return int(unspelled(last.key)[0]) if last is not None else 0
