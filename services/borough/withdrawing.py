"""Taking back what was sent: a submission, single events, or all that a file told.

What is taken back is every event of it that stands, each by a withdrawal in its own stream, with
the reason. What stood before a correction that is taken back stands again, here and at the hub;
what should never have been sent is never sent again. Every recipient is told (`GET /v1/notices`).
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Collection, Iterable

from domain.errors import NotFound
from services.borough.drafting import Draft, Tagged, Tagging
from services.borough.forgetting import Forgetting
from services.borough.scribe import Begin, Scribe
from services.borough.writing import Reason
from services.client_ports import Published
from services.erasing_ports import ErasingStore

NEVER = "should-never-have-been-sent"
_AT_ONCE = 450
"""Drafts looked up in one transaction: fewer than a submission takes."""


class Withdrawing:
    """Takes back what one source has sent."""

    def __init__(
        self, scribe: Scribe, store: ErasingStore, tagging: Tagging, forgetting: Forgetting
    ) -> None:
        """Write withdrawals by `scribe`."""
        self._scribe = scribe
        self._store = store
        self._tagging = tagging
        self._forgetting = forgetting

    def submission(self, submission: uuid.UUID, reason: Reason) -> int:
        """Take back a submission's events; raises NotFound for one that was never made here."""
        return self._take_back(
            lambda: _found(self._store.published.of_submission(submission), "submission"), reason
        )

    def events(self, events: Collection[uuid.UUID], reason: Reason) -> int:
        """Take back single events, all or none; raises NotFound when one was never made here."""

        def find() -> list[Published]:
            rows = self._store.published.of_events(events)
            if len(rows) != len(set(events)):
                raise NotFound("event of this source")
            return rows

        return self._take_back(find, reason)

    def told(self, drafts: Iterable[Draft], reason: Reason) -> int:
        """Take back what drafts told and still stands as they told it."""
        taken = 0
        judged = (self._tagging.tagged(number, draft) for number, draft in enumerate(drafts))
        tagged = (one for one in judged if isinstance(one, Tagged))
        while some := list(itertools.islice(tagged, _AT_ONCE)):
            digests = {one.fact: one.digest for one in some}

            def find(digests: dict[bytes, bytes] = digests) -> list[Published]:
                rows = self._store.published.standing(digests)
                return [row for row in rows if row.digest == digests[row.fact]]

            taken += self._take_back(find, reason)
        return taken

    def _take_back(self, find: Callable[[], list[Published]], reason: Reason) -> int:
        self._forgetting.heed()

        def work(begin: Begin) -> int:
            standing = [row for row in find() if row.stands()]
            writing = begin({("stream", row.stream) for row in standing})
            writing.withdraw(standing, reason)
            writing.close()
            if reason == NEVER:
                self._forgetting.withhold(standing)
            return len(standing)

        taken = self._scribe.write(work)
        if reason == NEVER:
            self._forgetting.heed()
        return taken


def _found(rows: list[Published], what: str) -> list[Published]:
    if not rows:
        raise NotFound(what)
    return rows
