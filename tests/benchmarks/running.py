"""`make bench`: what an event costs here, beside what it would cost anybody at the least.

Nothing here fails over a time: a machine that is busy is no fault of the code. What counts are the
ratios, since a thing and its floor are measured in the same rounds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from adapters.settings import hub_home
from tests.benchmarks.by_kafka import INTAKE_SAID, intake_lines
from tests.benchmarks.floors import BareTable, LibraryApplication, decrypt_and_parse, serialise
from tests.benchmarks.measuring import Line, Results, Times, lines
from tests.benchmarks.on_postgres import CASES, ON_POSTGRES, postgres_lines
from tests.benchmarks.on_postgres import ROUNDS as POSTGRES_ROUNDS
from tests.benchmarks.proofs import PROOFS, append_lines, proof_lines
from tests.benchmarks.rebuilds import REBUILDS, rebuild_lines
from tests.benchmarks.replays import LONG, MEMORY, REPLAY, REPLAYS, Replaying, memory_lines
from tests.benchmarks.singles import SINGLES_SAID, singles_lines
from tests.benchmarks.stage import BOROUGH, Bench, open_bench
from tests.benchmarks.themes import THEMES, theme_lines
from tests.benchmarks.verifying import EVENTS, VERIFYING, verifying_lines

ROUNDS = 5
DRAFTS_A_ROUND = 2000

SEAL, PUBLISH, PROJECT = "client make and seal", "publish", "project"
SPELL, BARE, LIBRARY = "bare serialise", "bare SQLite insert", "eventsourcing + AES"
OPEN = "bare decrypt and parse"
PAIRS = ((SEAL, SPELL), (PUBLISH, BARE), (PUBLISH, LIBRARY), (PROJECT, OPEN), (REPLAY, OPEN))
DEPLOYED = ON_POSTGRES | SINGLES_SAID | INTAKE_SAID
MEANING = {
    SEAL: "drafts of a return become sealed, signed submissions, durable in the client's outbox.",
    SPELL: "the same events are spelled as canonical JSON once, and nothing else.",
    PUBLISH: "a submission of 500 events, from its bytes to its durable signed acknowledgement: "
    "read, judged, sealed, appended (SQLite ledger and key store on disk, synchronous=FULL).",
    BARE: "the same record bytes inserted into one SQLite table in the same batches (WAL, FULL).",
    LIBRARY: "the same events as JSON text, saved by the library's own application with its own "
    "cipher, a hundred at a time (SQLite on disk, synchronous=FULL).",
    PROJECT: "the runner reads, opens, checks and folds recorded events, and commits the views.",
    OPEN: "the same header, facts and shared parts are decrypted and their JSON is read, keys and "
    "bytes in memory.",
}


class Rounds:
    """Measures round after round of one borough's return."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        """Make the floors' files beside the hub's home."""
        self.times = Times()
        self._bench = bench
        self._bare = BareTable(folder / "bare.sqlite")
        self._library = LibraryApplication(folder / "library.sqlite")
        self._sent = 0
        self._size = bench.hub.ledgers[BOROUGH].head().size
        bench.projector.projector.fold_to(BOROUGH, self._size)
        self._replaying = Replaying(hub_home(), bench.passphrase, folder / "replayed")
        self._replaying.fold_to(BOROUGH, self._size)

    def measure(self, number: int) -> None:
        """Measure everything over one round's drafts."""
        documents = self._make(number)
        events = [json.loads(document)["events"] for document in documents]
        flat = [event for batch in events for event in batch]
        with self.times.of(SPELL, len(flat)):
            serialise(flat)
        self._publish(documents, len(flat))
        entries = self._bench.hub.ledgers[BOROUGH].read(self._size, len(flat))
        records = iter([entry.record for entry in entries])
        batches = [[next(records) for _ in batch] for batch in events]
        with self.times.of(BARE, len(flat)):
            for batch in batches:
                self._bare.insert(batch)
        texts = [json.dumps(event) for event in flat]
        with self.times.of(LIBRARY, len(flat)):
            self._library.save(texts)
        self._size += len(flat)
        with self.times.of(PROJECT, len(flat)):
            self._bench.projector.projector.fold_to(BOROUGH, self._size)
        with self.times.of(REPLAY, len(flat)):
            self._replaying.fold_to(BOROUGH, self._size)
        pieces = self._bench.pieces(entries)
        with self.times.of(OPEN, len(flat)):
            decrypt_and_parse(pieces)

    def close(self) -> None:
        """Close the floors' files."""
        self._bare.close()
        self._library.close()
        self._replaying.close()

    def _make(self, number: int) -> list[bytes]:
        """Have the client make a round's submissions; gives the bytes that it would send."""
        drafts = self._bench.drafts[number * DRAFTS_A_ROUND : (number + 1) * DRAFTS_A_ROUND]
        with self.times.of(SEAL, len(drafts)):
            self._bench.client.publish(drafts)
        sent = self._bench.sent_since(self._sent)
        self._sent = sent[-1][0]
        return [document for _, document in sent]

    def _publish(self, documents: list[bytes], events: int) -> None:
        publishing, caller = self._bench.hub.hub.publishing, self._bench.caller
        with self.times.of(PUBLISH, events):
            answers = [publishing.submit(document, caller) for document in documents]
        if sum(answer.recorded for answer in answers) != events:
            raise SystemExit("the benchmark's events were not all recorded")


def run(long: int, events: int) -> Results:
    """Measure all rounds in a folder that is thrown away; `long` entries make a long ledger.

    So many events are verified.
    """
    with tempfile.TemporaryDirectory(prefix="bhr-bench-") as name:
        folder = Path(name)
        with open_bench(folder) as bench:
            rounds = Rounds(bench, folder)
            try:
                for number in range(ROUNDS):
                    rounds.measure(number)
            finally:
                rounds.close()
        found = (*lines(rounds.times, PAIRS), *memory_lines(folder / "long", long))
        found = (*found, *theme_lines(folder), *rebuild_lines(folder / "rebuilt"))
        found = (*found, *proving(folder, events))
    with tempfile.TemporaryDirectory(prefix="bhr-bench-") as name:
        found = (*found, *deployed_lines(Path(name)))
    meaning = MEANING | REPLAYS | THEMES | REBUILDS | PROOFS | VERIFYING | DEPLOYED
    return Results(DRAFTS_A_ROUND, rounds.times.rounds(), found, meaning)


def proving(folder: Path, events: int) -> tuple[Line, ...]:
    """Measure what proof costs: the tree, a proof out of it, and verifying everything."""
    grown = (*append_lines(folder / "appended"), *proof_lines(folder / "proven"))
    return (*grown, *verifying_lines(folder / "verified", events))


def deployed_lines(folder: Path) -> tuple[Line, ...]:
    """Measure what a hub on a PostgreSQL server costs, where one is installed; Kafka likewise."""
    published = (*postgres_lines(folder / "batches"), *singles_lines(folder / "singles"))
    return (*published, *intake_lines(folder / "intake"))


def deployed_alone() -> Results:
    """Measure a hub on a PostgreSQL server, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="bhr-bench-") as name:
        return Results(6 * CASES, POSTGRES_ROUNDS, deployed_lines(Path(name)), DEPLOYED)


def proof_alone(events: int) -> Results:
    """Measure what proof costs, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="bhr-bench-") as name:
        return Results(events, 1, proving(Path(name), events), PROOFS | VERIFYING)


def memory_alone(long: int) -> Results:
    """Measure what a long replay holds, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="bhr-bench-") as name:
        found = memory_lines(Path(name) / "long", long)
    return Results(long, 1, found, {MEMORY: REPLAYS[MEMORY]})


def main() -> None:
    """Print the table, or with `--json` one document."""
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    asked.add_argument("--json", action="store_true", help="print one JSON document")
    asked.add_argument(
        "--long", type=int, default=LONG, metavar="N", help="entries of the long ledger replayed"
    )
    asked.add_argument("--memory", action="store_true", help="measure the replay's memory alone")
    asked.add_argument(
        "--events", type=int, default=EVENTS, metavar="N", help="events that are verified"
    )
    asked.add_argument("--proof", action="store_true", help="measure what proof costs alone")
    asked.add_argument("--postgres", action="store_true", help="measure a hub on a server alone")
    said = asked.parse_args()
    as_json: bool = said.json
    results = _asked(said)
    print(results.as_json() if as_json else results.as_text())


def _asked(said: argparse.Namespace) -> Results:
    if said.memory:
        return memory_alone(said.long)
    if said.postgres:
        return deployed_alone()
    return proof_alone(said.events) if said.proof else run(said.long, said.events)
