"""A ledger is verified as far as it goes: what is missing in it ends the reading, and is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import pytest

from adapters.ledger.ids_on_disk import IdsOnDisk
from domain.logged_checkpoint import LoggedCheckpoint
from domain.record import leaf_bytes_of
from services.audit.verifying import report
from services.audit.verifying.evidence import Evident
from services.audit.verifying.ledgers import Subject, spans, verified
from services.audit.verifying.noting import NoteReader
from services.audit.verifying.report import Finding
from services.audit.verifying.scanning import STRETCH, scan
from tests.contracts.ledger_builders import NAME
from tests.note_rig import ALGORITHMS

LEAF = leaf_bytes_of(LoggedCheckpoint(0, b"").record(0))


@dataclass
class Holed:
    """Evidence that claims a size, without the entry at one position, nor any after another."""

    size: int
    missing: int
    last: int
    ledger: str = NAME
    partial_tiles: bool = False

    def entries(self, start: int, limit: int) -> Sequence[Evident]:
        """Give entries up to the one that is missing."""
        end = self.missing if start <= self.missing else self.last
        return [Evident(LEAF)] * max(0, min(start + limit, end, self.size) - start)

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Give none."""
        return None

    def checkpoints(self) -> Iterator[bytes]:
        """Give none."""
        return iter(())


def missing_in(evidence: Holed) -> list[Finding]:
    """Verify it; gives which entries are said to be missing."""
    with closing(IdsOnDisk()) as ids:
        verdict = verified(
            Subject(
                evidence,
                NoteReader(NAME, None, ALGORITHMS),
                (),
                lambda sizes: (scan(evidence, *span, sizes) for span in spans(evidence.size)),
                None,
                ids,
            ),
            lambda *_: None,
        )
    return [one for one in verdict.findings if one.code == "entry-missing"]


@pytest.mark.parametrize(
    ("size", "last"),
    [
        (STRETCH + 300, STRETCH + 300),  # one entry is gone, and all others are there
        (3 * STRETCH, 0),  # the end was cut off, by more than a stretch
        (1 << 60, 0),  # a size that is only claimed
    ],
)
def test_reading_ends_at_the_first_missing_entry(size: int, last: int) -> None:
    """It is named, in a ledger of any length, and nothing that comes after is called ok."""
    found = missing_in(Holed(size, 100, last))
    assert found == [Finding(report.LEAVES, NAME, 100, "entry-missing")]
