"""Three witnesses of one log: one in Go, one in Python, and ours; and the policy over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.assembly.identities import WallClock
from adapters.keys.checkpoint_key import ALGORITHMS
from adapters.witnesses import book_file
from adapters.witnesses.application import application
from adapters.witnesses.book import SqliteWitnessBook
from adapters.witnesses.http_witness import HttpWitness
from domain.checkpoint import Signed
from domain.signed_note import NoteKey, read_vkey
from domain.tlog_policy import Policy, Witnessed, read_policy
from services.cosigning import AskedWitness, Cosigning, NotCosigned
from services.witness_ports import Witness
from services.witnessing import Witnessing
from tests.adapters.http.serving import HOST, serving
from tests.note_rig import WITNESSES
from tests.verifiers.long_log import SIGNERS, LongLog, the_log
from tests.verifiers.programs import aics_witness, litewitness

OURS = WITNESSES[1]


@contextmanager
def our_witness(folder: Path) -> Iterator[tuple[str, str]]:
    """Serve a witness of our own; gives its key and its address."""
    folder.mkdir(exist_ok=True)
    path = folder / "witness.sqlite"
    if not path.exists():
        book_file.create(path, OURS.key.vkey())
    with SqliteWitnessBook(path, OURS.key.vkey()) as book:
        book.add_log(SIGNERS[0].key)
        book.add_log(SIGNERS[1].key)
        served = application(Witnessing(book, OURS, ALGORITHMS, WallClock()))
        with serving(served) as port:
            yield OURS.key.vkey(), f"http://{HOST}:{port}/"


Starts = Callable[[Path], AbstractContextManager[tuple[str, str]]]
KINDS: dict[str, Starts] = {
    "aics-witness": aics_witness,
    "litewitness": litewitness,
    "ours": our_witness,
}


@dataclass
class Running:
    """One witness that runs, and how to stop it."""

    key: NoteKey
    witness: Witness
    stop: Callable[[], None]


@dataclass
class Trio:
    """The three, and the hub that asks them."""

    running: dict[str, Running]
    cosigning: Cosigning = field(default_factory=lambda: Cosigning(ALGORITHMS, WallClock()))

    @property
    def only(self) -> tuple[str, Running]:
        """Give the only one that runs."""
        ((name, one),) = self.running.items()
        return name, one

    @property
    def policy(self) -> Policy:
        """Give the policy of two in three."""
        lines = [f"log {signer.key.vkey()}" for signer in SIGNERS]
        lines += [f"witness {name} {one.key.vkey()}" for name, one in self.running.items()]
        lines += [f"group boroughs 2 {' '.join(self.running)}", "quorum boroughs", ""]
        return read_policy("\n".join(lines).encode())

    def ask(self, name: str, size: int, log: LongLog | None = None) -> Signed | NotCosigned:
        """Ask one for a cosignature."""
        one, shown = self.running[name], log or the_log()
        note = shown.note(size, WallClock().now_ms() // 1000)
        return self.cosigning.ask(AskedWitness(name, one.key, one.witness), note, shown.prove)

    def published(self, size: int) -> Witnessed:
        """Ask all of them, put what they gave under the checkpoint, and hold it to the policy."""
        note = the_log().note(size, WallClock().now_ms() // 1000)
        for name, one in self.running.items():
            asked = AskedWitness(name, one.key, one.witness)
            answer = self.cosigning.ask(asked, note, the_log().prove)
            if isinstance(answer, Signed):
                note = note.with_lines([answer.line])
        return self.policy.witnessed(note, ALGORITHMS)


@contextmanager
def started(kind: str, folder: Path) -> Iterator[Running]:
    """Start one of the witnesses."""
    with ExitStack() as process:
        vkey, url = process.enter_context(KINDS[kind](folder / kind))
        with closing(HttpWitness(url)) as door:
            yield Running(read_vkey(vkey), door, process.close)


@pytest.fixture(params=KINDS)
def alone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trio]:
    """Start one of them, each in turn."""
    kind: str = request.param
    with started(kind, tmp_path) as one:
        yield Trio({kind: one})


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    """Start all three, each over the same log, none of which it has seen."""
    with ExitStack() as stack:
        yield Trio({kind: stack.enter_context(started(kind, tmp_path)) for kind in KINDS})
