"""What a live hub does while it is verified makes no finding."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.assembly.stands import stored_models
from adapters.keys import signing
from adapters.keys.cipher import AesGcmCipher
from adapters.ledger.sqlite_evidence import SqliteEvidence
from services.audit.gone import GoneByLog
from services.audit.replaying import Prefix
from services.audit.verifying import report
from services.audit.verifying.contents import Contents, Means
from services.audit.verifying.evidence import RenewedLog
from services.audit.verifying.looking import looked_through
from services.deciding import Deciding
from services.opening import Opening
from services.ports import Head, StoredEntry
from services.projecting import Log
from services.sealing import Sealing
from tests.contracts.ledger_builders import submission
from tests.hub_rig import HubRig, open_rig
from tests.rig_erasing import ErasingRig, child_of
from tests.verifying_rig import careless, make, record


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub in memory."""
    with open_rig() as opened:
        yield opened


class ReadOn:
    """A ledger that is known up to a place, until it is read on."""

    def __init__(self, log: Log) -> None:
        """Know what it holds now."""
        self._log = log
        self._size = log.head().size

    def head(self) -> Head:
        """Give the end of the ledger."""
        return self._log.head()

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give entries, as far as they are known."""
        return list(Prefix(self._log, self._size).read(start, limit))

    def renew(self) -> None:
        """Know what came since."""
        self._size = self._log.head().size


@pytest.mark.parametrize("reads_on", [False, True])
def test_who_is_erased_meanwhile_is_explained(rig: HubRig, *, reads_on: bool) -> None:
    """The key goes after the verification began, and so does what says so: it is read again."""
    publisher, erasing = rig.publisher(), ErasingRig(rig)
    event = publisher.event()
    publisher.publish(event)
    request = erasing.due(publisher, child_of(event))
    stand = rig.havering
    known, size = ReadOn(stand.ledger), stand.ledger.head().size
    sealing = Sealing("havering", AesGcmCipher(), rig.custody)
    plain = Opening("havering", sealing, rig.custody, stored_models())
    gone = GoneByLog(known, plain)
    opening = Opening("havering", sealing, rig.custody, stored_models(), gone=gone)
    opening.events(stand.ledger.read(0, size))
    erasing.carry_out(request)
    deciding = Deciding(rig.registry, signing.verify)
    renew = known.renew if reads_on else None
    means = Means(stand.ledger, opening, opening.ringed, deciding=deciding, renew=renew)
    looked = looked_through(Contents("havering", means), size, lambda *_: None)
    missing = {one.position for one in looked.findings if one.step == report.MISSING}
    assert missing == (set() if reads_on else {0, size - 3})


def test_evidence_is_read_on_from_where_it_began(tmp_path: Path) -> None:
    """What the file took since is read behind it, once and again; what it had stays as it was."""
    path = make(tmp_path)
    with closing(careless(path)) as ledger, closing(SqliteEvidence(path)) as evidence:
        log = RenewedLog(evidence, lambda _: closing(SqliteEvidence(path)))
        began = log.head().size
        for number in (1, 2):
            pending = submission(8 + number, record(5_000 + number, sequence=0))
            ledger.append([pending], now_ms=ledger.head().recorded_ms, fences=0)
            assert log.read(began + number - 1, 10) == []
            log.renew()
            log.renew()
            assert log.head().size == began + number
            assert [one.position for one in log.read(began, 10)][-1] == began + number - 1
        assert len(log.read(began - 1, 10)) == 1
