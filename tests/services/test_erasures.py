"""How many erasures were carried out since the positions of an answer, from views and ledgers."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import NotOpened
from domain.opened import OpenedEvent
from services.erasures import InLedgers, in_views
from services.ports import StoredEntry
from tests.projections.builders import Borough, folded

ERASURE = "0198c7a0-0000-7000-8000-000000000000"


class OpensABorough:
    """Opens what a borough told (`services.opening.Opens`)."""

    def __init__(self, borough: Borough) -> None:
        """Open this one's."""
        self._borough = borough

    def event(self, entry: StoredEntry) -> OpenedEvent:
        """Open one entry."""
        found = self._borough.opens(entry.position)
        if isinstance(found, NotOpened):
            raise found
        return found

    def events(self, entries: Sequence[StoredEntry]) -> list[OpenedEvent | NotOpened]:
        """Open entries, or say why not."""
        return [self._borough.opens(entry.position) for entry in entries]


def erased() -> Borough:
    """Give a ledger with two erasures; the first one took two destructions."""
    borough = Borough("havering")
    borough.assessed("mia", ["13A"])
    borough.destroys("mia", erasure=ERASURE)
    borough.destroys("stream of 0", erasure=ERASURE)
    borough.assessed("noah", ["13A"])
    borough.destroys("noah")
    borough.cannot_open("broken")
    return borough


def test_each_erasure_counts_once_from_where_it_was_carried_out() -> None:
    """As of earlier positions more were carried out since; views and ledgers say the same."""
    borough = erased()
    store = folded(borough).store
    ledgers = InLedgers({"havering": borough}, {"havering": OpensABorough(borough)})
    for size, since in ((0, 2), (1, 2), (2, 2), (3, 1), (4, 1), (5, 0), (6, 0)):
        positions = {"havering": size}
        assert len(in_views(store, positions)) == since
        assert ledgers(positions) == in_views(store, positions)


def test_what_nothing_opens_says_nothing() -> None:
    """A ledger without openings, or without any erasure, is not looked through."""
    borough = erased()
    assert InLedgers({"havering": borough}, {})({"havering": 0}) == set()
    quiet = Borough("havering")
    quiet.assessed("mia", ["13A"])
    assert InLedgers({"havering": quiet}, {"havering": OpensABorough(quiet)})({"havering": 0}) == (
        set()
    )
