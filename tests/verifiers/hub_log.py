"""A log of 70 000 entries as the hub makes one: its ledger, checkpoints and home, and a pack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly.ceremonies import keys_of_logs
from adapters.assembly.exporting import export_pack
from adapters.assembly.identities import WallClock
from adapters.keys.checkpoint_key import CheckpointKey
from adapters.keys.sealed_file import open_sealed
from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_reading import ReadOnlySqliteLedger
from adapters.log_settings import origin_of
from domain.checkpoint import Checkpoint, NoteSigner
from domain.reference.participants import PARTNERSHIP
from domain.signed_note import Note, NoteKey, SignatureLine
from domain.vocabulary.offices import RightGranted
from services.checkpointing import Checkpointing
from services.cosigning import Prove
from services.log_ports import ProvenLedger
from services.ports import Caller
from tests.contracts.ledger_builders import submission
from tests.journeys.stage import TOKEN_S, Stage, set_stage
from tests.note_rig import WITNESSES
from tests.verifying_rig import record

LEDGER = "havering"
SIZE = 70_000
BATCH, ROUND = 500, 10_000


@dataclass(frozen=True, slots=True)
class Signing:
    """Witnesses that cosign whatever they are shown: how they refuse is tested elsewhere."""

    witnesses: Sequence[NoteSigner]

    def ask(self, checkpoint: Checkpoint, note: Note, prove: Prove) -> Sequence[SignatureLine]:
        """Give every witness's line."""
        now = WallClock().now_ms() // 1000
        return [one.line(checkpoint, seconds=now) for one in self.witnesses]

    def enough(self, note: Note) -> bool:
        """Ask for a line of each, beside the log's two."""
        return len(note.lines) == len(self.witnesses) + 2


@dataclass(frozen=True)
class HubLog:
    """The hub's home with the long ledger in it, and what was exported of it."""

    stage: Stage
    size: int

    @property
    def pack(self) -> Path:
        """Give the exported folder."""
        return self.stage.folder / "pack"

    @property
    def policy(self) -> Path:
        """Give the policy file: the keys of the log, and its witnesses."""
        return self.stage.folder / "policy"

    @property
    def auditor_token(self) -> Path:
        """Give the file with the token of an office that holds the right `audit`."""
        return self.stage.folder / "auditor-token"

    @contextmanager
    def ledger(self) -> Iterator[ReadOnlySqliteLedger]:
        """Open the ledger itself, to read."""
        path = self.stage.hub_home.ledger(LEDGER)
        with closing(ReadOnlySqliteLedger(path, LEDGER, origin="hub")) as ledger:
            yield ledger

    def vkeys(self) -> list[NoteKey]:
        """Give the log's Ed25519 key and its ML-DSA-44 key."""
        return list(keys_of_logs(self.stage.hub_home, [LEDGER]))

    def vkey_file(self, key: NoteKey) -> Path:
        """Write a key into a file of its own."""
        path = self.stage.folder / f"vkey-{key.kind.name}"
        path.write_text(key.vkey(), encoding="utf-8")
        return path


def made(folder: Path) -> HubLog:
    """Make the hub, fill one of its ledgers, and export it up to its newest checkpoint."""
    stage = set_stage(folder)
    home = stage.hub_home
    secret = open_sealed(
        home.key_file("checkpoint-signing"),
        stage.hub.passphrase,
        purpose="checkpoint-signing",
        owner=PARTNERSHIP,
    )
    origin = origin_of(home, LEDGER)
    with closing(SqliteLedger(home.ledger(LEDGER), LEDGER, origin="hub")) as ledger:
        signers, clock = CheckpointKey(secret).signers(origin), WallClock()
        rounds = Checkpointing(ledger, origin, signers, Signing(WITNESSES), clock)
        while ledger.head().size < SIZE:
            fill(ledger, ROUND)
            assert rounds.round()
        newest = ledger.checkpoints.latest_published()
    assert newest is not None
    log = HubLog(stage, newest.size)
    _let_audit(log)
    _write_policy(log)
    export_pack(home.folder, log.pack, None, lambda *_: None)
    return log


def fill(ledger: ProvenLedger, count: int) -> None:
    """Append so many events, numbered on, as submissions are appended."""
    start = ledger.head().size + 1
    for first in range(start, start + count, BATCH):
        events = [record(number) for number in range(first, first + BATCH)]
        ledger.append([submission(first, *events)], now_ms=WallClock().now_ms(), fences=0)


def _let_audit(log: HubLog) -> None:
    with log.stage.rooms() as rooms:
        rooms.registering.grant(
            RightGranted.Facts(
                effective_from=rooms.hub.registry.today(), office="auditor",
                participant="redbridge", purposes=("audit",), right="audit",
            )
        )  # fmt: skip
        caller = Caller("redbridge", None, "auditor", "person-7")
        log.auditor_token.write_text(rooms.issuer.mint(caller, life_seconds=TOKEN_S), "ascii")


def _write_policy(log: HubLog) -> None:
    lines = [f"log {key.vkey()}" for key in log.vkeys()]
    lines += [f"witness w{at} {one.key.vkey()}" for at, one in enumerate(WITNESSES)]
    names = " ".join(f"w{at}" for at in range(len(WITNESSES)))
    lines += [f"group boroughs 2 {names}", "quorum boroughs", ""]
    log.policy.write_text("\n".join(lines), "utf-8")
