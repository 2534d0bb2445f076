"""`kill -9` while a checkpoint is made, between any two statements: nothing is said in two ways."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from eventsourcing.sqlite import SQLiteCursor

from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_store import LedgerConnection
from domain.checkpoint import Checkpoint
from domain.signed_note import Note, SignatureLine
from services.checkpointing import Checkpointing
from services.cosigning import Prove
from services.ports import Answered, PendingSubmission
from tests.contracts.ledger_builders import NOON, open_sqlite, sqlite_path, submission
from tests.hub_rig import SteppedClock
from tests.journeys.machines import Machine
from tests.note_rig import LOG, LOG_PQ, ORIGIN, WITNESSES
from tests.verifying_rig import found, record, verify

EVENTS = 12
SHOWN = "shown"
Happens = Callable[[], None]
PLACES = ((SQLiteCursor, "execute"), (SQLiteCursor, "executemany"), (LedgerConnection, "commit"))
COMMITS = ("kept", "cosigned", "published", "appended")
"""What each commit of a round that writes leaves behind, in their order."""


@dataclass
class Boroughs:
    """Three witnesses that write down what they were shown, where a death leaves it."""

    folder: Path
    shown: list[bytes] = field(default_factory=list)

    def ask(self, checkpoint: Checkpoint, note: Note, prove: Prove) -> Sequence[SignatureLine]:
        """Sign whatever is shown."""
        self.shown.append(note.encode())
        (self.folder / SHOWN).write_bytes(note.encode())
        return [one.line(checkpoint, seconds=NOON // 1000) for one in WITNESSES]

    def enough(self, note: Note) -> bool:
        """Ask for two."""
        return sum(line.name != ORIGIN for line in note.lines) >= 2


def checkpointing(ledger: SqliteLedger, boroughs: Boroughs) -> Checkpointing:
    """Keep one ledger's checkpoints."""
    return Checkpointing(ledger, ORIGIN, [LOG, LOG_PQ], boroughs, SteppedClock(NOON))


def told() -> PendingSubmission:
    """Give the one submission that is acknowledged."""
    return submission(1, *map(record, range(1, EVENTS + 1)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Make a ledger with one submission; gives its file and the answer to that."""
    path = sqlite_path(tmp_path_factory.mktemp("made"))
    with closing(open_sqlite(path)) as ledger:
        (result,) = ledger.append([told()], now_ms=NOON, fences=0)
    assert isinstance(result, Answered)
    return path, result.answer


def goes_on(path: Path, answer: bytes, shown: Sequence[bytes]) -> None:
    """Check what a death left: it verifies, and the next process ends what was begun."""
    assert found(verify(path)) == set()
    with closing(open_sqlite(path)) as ledger:
        kept = ledger.checkpoints.kept(1, 10)
        # Kept before anybody is shown it: so no death makes the hub sign another for that size.
        assert set(shown) <= {one.note for one in kept}
        (again,) = ledger.append([told()], now_ms=NOON, fences=0)
        assert isinstance(again, Answered)
        assert again.answer == answer
        assert checkpointing(ledger, Boroughs(path.parent)).round()
        stands = ledger.checkpoints.kept(1, 10)
        assert stands[: len(kept)] == kept
        published = ledger.checkpoints.latest_published()
        assert published is not None
        assert published.size in {EVENTS, EVENTS + 1}
        assert ledger.head().size == EVENTS + 1
    assert found(verify(path)) == set()


def test_what_is_left_between_any_two_statements(
    made: tuple[Path, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files as they stand before and after each statement are what a death there leaves."""
    (tmp_path / "live").mkdir()
    path = Path(shutil.copy(made[0], tmp_path / "live"))
    boroughs = Boroughs(path.parent)
    left: list[tuple[Path, list[bytes]]] = []

    def leaves() -> None:
        folder = tmp_path / f"left-{len(left)}"
        folder.mkdir()
        for file in path.parent.glob(f"{path.name}*"):
            shutil.copyfile(file, folder / file.name)
        left.append((folder / path.name, list(boroughs.shown)))

    with closing(open_sqlite(path)) as ledger, monkeypatch.context() as watched:
        for owner, name in PLACES:
            watched.setattr(owner, name, _watched(getattr(owner, name), leaves))
        assert checkpointing(ledger, boroughs).round()
    leaves()
    different = {_bytes(file): (file, shown) for file, shown in left}
    assert len(left) > 20
    assert len(different) > len(COMMITS)
    for file, shown in different.values():
        goes_on(file, made[1], shown)


def _watched(call: Callable[..., object], happens: Happens) -> Callable[..., object]:
    def carried_out(*given: object, **named: object) -> object:
        happens()
        return call(*given, **named)

    return carried_out


def _bytes(path: Path) -> tuple[bytes, ...]:
    """Give what counts of the files: the index of the log says nothing that they do not."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return tuple(file.read_bytes() for file in files if file.exists())


def checkpoint_and_die(path: Path, number: int, when: str) -> None:
    """Make a checkpoint, and be killed before or after the n-th commit of it that writes."""
    real, left = LedgerConnection.commit, [number]

    def dying(connection: LedgerConnection) -> None:
        left[0] -= 1
        if left[0] < 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        real(connection)
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(LedgerConnection, "commit", dying)  # noqa: B010 - for the process that dies alone
    with closing(open_sqlite(path)) as ledger:
        checkpointing(ledger, Boroughs(path.parent)).round()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("commit", COMMITS)
def test_killed_while_a_checkpoint_is_made(
    made: tuple[Path, bytes], tmp_path: Path, commit: str, when: str
) -> None:
    """A process that really dies leaves a log that verifies, and every answer as it was given."""
    (tmp_path / "live").mkdir()
    path = Path(shutil.copy(made[0], tmp_path / "live"))
    number = COMMITS.index(commit)
    running = Machine(tmp_path, "").play(checkpoint_and_die, path, number, when)
    running.process.join(120)
    assert running.process.exitcode == -signal.SIGKILL, running.said()
    shown = path.parent / SHOWN
    assert shown.exists() == (number >= 1)
    with closing(open_sqlite(path)) as ledger:
        done = number + (when == "after")
        assert bool(ledger.checkpoints.kept(1, 10)) == (done >= 1)
        assert bool(ledger.checkpoints.cosignatures(EVENTS)) == (done >= 2)
        assert bool(ledger.checkpoints.latest_published()) == (done >= 3)
        assert ledger.head().size == EVENTS + (done >= 4)
    goes_on(path, made[1], [shown.read_bytes()] if shown.exists() else [])
