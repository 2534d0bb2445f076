"""A file that was made to stop whoever verifies it does not: what is wrong in it is a finding."""

from contextlib import closing
from pathlib import Path

import pytest

from adapters.ledger.sqlite_evidence import SqliteEvidence
from services.audit.verifying import report
from services.log_ports import SignedList
from tests.contracts.ledger_builders import SOURCE, submission_id
from tests.verifying_rig import ENTRIES, found, make, tampering, verify

HEAD = ENTRIES + 3


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Give a ledger's file to tamper with."""
    return make(tmp_path)


def test_bytes_that_were_made_a_text_or_a_number_are_findings(ledger: Path) -> None:
    """What is of another type than it should be is held to be other bytes, and stops nobody."""
    with tampering(ledger) as connection:
        connection.execute(
            "UPDATE tile SET hashes = ? WHERE level = 0 AND number = 1", ("a" * 8192,)
        )
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("UPDATE tile SET hashes = ? WHERE level = 0 AND number = 2", (1 << 62,))
        connection.execute("UPDATE submission SET digests = 'd', signature = 's'")
    assert found(verify(ledger)) == {
        (report.TILES, 256, "tile-differs"),
        (report.TILES, 512, "tile-differs"),
    }
    with closing(SqliteEvidence(ledger)) as evidence:
        assert evidence.signed(submission_id(0)) == SignedList(SOURCE, (), b"")


def test_an_entry_that_stands_far_away_is_found(ledger: Path) -> None:
    """A ledger of a size that nobody could hold is read to the first entry that is missing."""
    with tampering(ledger) as connection:
        connection.execute("UPDATE record SET rowid = ? WHERE rowid = ?", (1 << 60, HEAD))
    assert (report.LEAVES, HEAD - 1, "entry-missing") in found(verify(ledger))
