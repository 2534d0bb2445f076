"""A ledger is gone through once: what was opened to be judged is what is folded, and no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from adapters.assembly.folding import folding_rules
from adapters.keys.cipher import AesGcmCipher
from domain.errors import NotOpened
from services.audit.verifying.contents import Contents, Means
from services.audit.verifying.looking import Folding, Looked, ReadOnce, looked_through
from services.folding import FoldingRules
from services.ports import Head, StoredEntry
from services.projecting import Projector
from tests.fakes_views import FakeViews
from tests.hub_rig import HubRig, open_rig

HAVERING = "havering"


class CountingCipher(AesGcmCipher):
    """A cipher that notes how often it opens anything."""

    def __init__(self) -> None:
        """Begin with nothing opened."""
        super().__init__()
        self.opened = 0

    def open(self, key: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """Open, and count."""
        self.opened += 1
        return super().open(key, sealed, associated)


class Short:
    """A ledger whose entries end before its size."""

    def __init__(self, entries: Sequence[StoredEntry], size: int) -> None:
        """Hold fewer than there should be."""
        self._entries = entries
        self._size = size

    def read(self, start: int, limit: int) -> Sequence[StoredEntry]:
        """Give what is there."""
        return self._entries[start : start + limit]

    def head(self) -> Head:
        """Say that there is more."""
        return Head(self._size, 0, 0)


@pytest.fixture
def cipher() -> CountingCipher:
    """Give a cipher that counts."""
    return CountingCipher()


@pytest.fixture
def rig(cipher: CountingCipher) -> Iterator[HubRig]:
    """Give a hub in memory, to whose Havering some events were published."""
    with open_rig(HubRig(cipher=cipher)) as opened:
        publisher = opened.publisher()
        session = publisher.session({HAVERING: publisher.recipient_public})
        publisher.publish(session.event, *(publisher.sealed(session.seal) for _ in range(5)))
        yield opened


def rules(rig: HubRig, once: ReadOnce) -> FoldingRules:
    """Give how Havering is folded by what is opened once."""
    rig.registry.refresh()
    return folding_rules({HAVERING: once}, rig.registry)


def looked(rig: HubRig, once: ReadOnce, size: int, folding: Folding | None = None) -> Looked:
    """Look through Havering's ledger."""
    contents = Contents(HAVERING, Means(once, once, ringed=once.ringed))
    return looked_through(contents, size, lambda *_: None, folding)


def test_folding_along_opens_nothing_twice(rig: HubRig, cipher: CountingCipher) -> None:
    """Judging and folding together open as often as judging alone, and fold what a replay folds."""
    stand = rig.havering
    size = stand.ledger.head().size
    looked(rig, ReadOnce(stand.ledger, stand.opening), size)
    cipher.opened = 0
    looked(rig, ReadOnce(stand.ledger, stand.opening), size)
    alone = cipher.opened
    once, views = ReadOnce(stand.ledger, stand.opening), FakeViews()
    folding = Folding(once, (HAVERING, size), views, rules(rig, once))
    cipher.opened = 0
    found = looked(rig, once, size, folding)
    assert (cipher.opened, found.findings, found.not_folded) == (alone, (), "")
    again, by_themselves = FakeViews(), folding_rules({HAVERING: stand.opening}, rig.registry)
    Projector({HAVERING: stand.ledger}, lambda: again, by_themselves).fold_to(HAVERING, size)
    assert views.digest(HAVERING) == again.digest(HAVERING)


def test_what_is_not_of_the_batch_is_opened_anew(rig: HubRig) -> None:
    """Who asks for another entry, or for one that was exchanged, is given what that opens to."""
    stand = rig.havering
    once = ReadOnce(stand.ledger, stand.opening)
    first, second, third = once.read(0, 3)
    once.ringed([first, second])
    kept = once.events([first, second])
    assert once.events([first, second])[0] is kept[0]
    assert once.events([third]) == stand.opening.events([third])
    exchanged = replace(second, record=second.record[:-1])
    assert isinstance(once.events([first, exchanged])[1], NotOpened)
    assert once.read(0, 2) == [first, second]


def test_views_are_folded_as_far_as_they_were_and_no_further(rig: HubRig) -> None:
    """Live views may be behind: what came since is judged, and not folded."""
    stand = rig.havering
    once, views = ReadOnce(stand.ledger, stand.opening), FakeViews()
    folding = Folding(once, (HAVERING, 3), views, rules(rig, once))
    looked(rig, once, stand.ledger.head().size, folding)
    assert views.position(HAVERING) == 3


def test_what_cannot_be_folded_is_judged_all_the_same(rig: HubRig) -> None:
    """Where a ledger ends too early its views are not compared, and all that is there is judged."""
    stand = rig.havering
    size = stand.ledger.head().size
    short = Short(stand.ledger.read(0, size - 2), size)
    once = ReadOnce(short, stand.opening)
    folding = Folding(once, (HAVERING, size), FakeViews(), rules(rig, once))
    found = looked(rig, once, size, folding)
    assert found.not_folded == "Unavailable"
    assert found.checked[0].looked_at == size - 2
