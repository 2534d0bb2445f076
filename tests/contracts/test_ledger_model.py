"""A model of the ledger, driven at random beside each implementation of it."""

import dataclasses
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from adapters.ledger.memory import MemoryLedger
from domain.errors import ClockJumped
from domain.record import leaf_bytes_of
from domain.tree import leaf_hash
from services.log_ports import ProvenLedger
from services.ports import (
    Answered,
    Conflict,
    FencesMoved,
    Head,
    HeldBack,
    Outcome,
    PendingRecord,
    PendingSubmission,
    Recorded,
    SubmissionConflict,
)
from tests.contracts.ledger_builders import (
    MINUTE,
    NAME,
    NOON,
    SteppedClock,
    event_id,
    open_postgres,
    open_sqlite,
    postgres_place,
    record,
    spelt,
    sqlite_path,
    submission,
    submission_id,
)
from tests.domain.plain_tree import mth
from tests.postgres_server import cut

EVENTS = range(8)
SUBMISSIONS = range(6)

said = st.tuples(st.sampled_from(EVENTS), st.sampled_from(["this", "this", "this", "that"]))
sent = st.tuples(st.sampled_from(SUBMISSIONS), st.lists(said, max_size=4), st.booleans())
group = st.lists(sent, min_size=1, max_size=3)
Group = Sequence[tuple[int, Sequence[tuple[int, str]], bool]]


@dataclasses.dataclass
class Model:
    """What a ledger holds, in the plainest form there is."""

    recorded: list[tuple[PendingRecord, int, uuid.UUID]] = dataclasses.field(default_factory=list)
    """Each record with its time and the submission that brought it; its place is its position."""
    answers: dict[uuid.UUID, tuple[tuple[bytes, ...], bytes]] = dataclasses.field(
        default_factory=dict
    )

    def outcome(self, wanted: PendingRecord) -> Outcome | None:
        """Give what stands of a record's event, or nothing."""
        for position, (standing, recorded_ms, _) in enumerate(self.recorded):
            if standing.leaf.event_id == wanted.leaf.event_id:
                same = standing.statement == wanted.statement
                return Recorded(position, recorded_ms, again=True) if same else Conflict()
        return None

    def take(self, pending: PendingSubmission, now_ms: int) -> Answered | SubmissionConflict:
        """Append one submission."""
        if pending.submission in self.answers:
            digests, answer = self.answers[pending.submission]
            same = digests == pending.digests
            return Answered(answer, again=True) if same else SubmissionConflict()
        before = list(self.recorded)
        outcomes: list[Outcome] = []
        for wanted in pending.records:
            outcome = self.outcome(wanted)
            if outcome is None:
                outcome = Recorded(len(self.recorded), now_ms, again=False)
                self.recorded.append((wanted, now_ms, pending.submission))
            outcomes.append(outcome)
        if pending.atomic and Conflict() in outcomes:
            self.recorded = before
            outcomes = [self.outcome(wanted) or HeldBack() for wanted in pending.records]
        self.answers[pending.submission] = (pending.digests, spelt(outcomes))
        return Answered(spelt(outcomes), again=False)

    def last_ms(self) -> int:
        """Give the last recorded time."""
        return self.recorded[-1][1] if self.recorded else 0


class LedgerMachine(RuleBasedStateMachine):
    """Appends with duplicates, conflicts, resends and failures; the model says what must stand."""

    def __init__(self) -> None:
        """Begin with an empty ledger, and a model of it."""
        super().__init__()
        self.clock = SteppedClock()
        self.model = Model()
        self.ledger: ProvenLedger = self.begin()

    def begin(self) -> ProvenLedger:
        """Give an empty ledger."""
        return MemoryLedger(NAME, watch=self.clock.watch())

    def pending(self, group: Group) -> list[PendingSubmission]:
        """Build a group of submissions."""
        return [
            submission(
                number,
                *(record(event, saying=saying, submission=number) for event, saying in events),
                atomic=atomic,
            )
            for number, events, atomic in group
        ]

    @rule(group=group, passed_ms=st.integers(-MINUTE, 9 * MINUTE))
    def append(self, group: Group, passed_ms: int) -> None:
        """Append a group of submissions, some time later or a little earlier."""
        pending = self.pending(group)
        now_ms = self.clock.pass_by(max(passed_ms, 0)) + min(passed_ms, 0)
        recorded_ms = max(now_ms, self.model.last_ms())
        results = self.ledger.append(pending, now_ms=now_ms, fences=0)
        assert results == [self.model.take(one, recorded_ms) for one in pending]

    @rule(group=group, failing=st.integers(0, 2))
    def fail_while_answering(self, group: Group, failing: int) -> None:
        """Append a group in which a new submission's answer cannot be made."""
        pending = self.pending([*group, (len(SUBMISSIONS), [(0, "this")], False)])
        pending[-1] = dataclasses.replace(pending[-1], answer=no_answer)
        with pytest.raises(ZeroDivisionError):
            self.ledger.append(pending, now_ms=self.clock.wall_ms, fences=0)

    @rule(group=group, fences=st.integers(1, 3))
    def append_under_other_fences(self, group: Group, fences: int) -> None:
        """Append what was sealed under another count of fences."""
        with pytest.raises(FencesMoved):
            self.ledger.append(self.pending(group), now_ms=self.clock.wall_ms, fences=fences)

    @rule(group=group)
    def append_under_a_jumped_clock(self, group: Group) -> None:
        """Append while the wall clock shows next week."""
        now_ms = self.clock.wall_ms + 7 * 24 * 60 * MINUTE
        with pytest.raises(ClockJumped):
            self.ledger.append(self.pending(group), now_ms=now_ms, fences=0)

    @invariant()
    def entries_are_the_models(self) -> None:
        """Every entry is as the model has it, at its position, by every way of asking."""
        entries = self.ledger.read(0, 99)
        assert [
            (entry.position, entry.event_id, entry.stream_tag, entry.statement) for entry in entries
        ] == [
            (position, record.leaf.event_id, record.stream_tag, record.statement)
            for position, (record, _, _) in enumerate(self.model.recorded)
        ]
        assert self.ledger.head() == Head(len(entries), self.model.last_ms(), 0)
        by_id = {entry.event_id: entry for entry in entries}
        assert {
            event_id(event): entry
            for event in EVENTS
            if (entry := self.ledger.find(event_id(event))) is not None
        } == by_id
        for tag in {entry.stream_tag for entry in entries}:
            assert self.ledger.stream(tag) == [e for e in entries if e.stream_tag == tag]

    @invariant()
    def submissions_are_the_models(self) -> None:
        """Every submission has its digests, its answer and its own entries; no other has any."""
        entries = self.ledger.read(0, 99)
        for number in range(len(SUBMISSIONS) + 1):
            one = submission_id(number)
            assert self.ledger.answered(one) == self.model.answers.get(one)
            assert self.ledger.submitted(one) == [
                entry
                for entry, (_, _, brought_by) in zip(entries, self.model.recorded, strict=True)
                if brought_by == one
            ]

    @invariant()
    def the_root_is_that_of_the_entries(self) -> None:
        """Root and size of the tree are those of the leaves that stand."""
        leaves = [leaf_hash(leaf_bytes_of(entry.record)) for entry in self.ledger.read(0, 99)]
        assert self.ledger.tiles.size() == len(leaves)
        assert self.ledger.tiles.root(len(leaves)) == mth(leaves)

    @invariant()
    def times_are_prefixes(self) -> None:
        """As of each recorded time, and just before it, the size is what had been recorded."""
        times = [recorded_ms for _, recorded_ms, _ in self.model.recorded]
        for time in {NOON, *times, *(time - 1 for time in times)}:
            assert self.ledger.size_as_of(time) == sum(1 for each in times if each <= time)


class SqliteMachine(LedgerMachine):
    """The same over a file, which may be closed and opened again at any time."""

    def begin(self) -> ProvenLedger:
        """Give an empty ledger in a folder of its own."""
        self.folder = tempfile.TemporaryDirectory()
        self.path = sqlite_path(Path(self.folder.name))
        self.opened = open_sqlite(self.path, self.clock)
        return self.opened

    @rule()
    def restart(self) -> None:
        """Close the file and open it again."""
        self.opened.close()
        self.ledger = self.opened = open_sqlite(self.path, self.clock)

    def teardown(self) -> None:
        """Close the file and remove its folder."""
        self.opened.close()
        self.folder.cleanup()


class PostgresMachine(LedgerMachine):
    """The same over a schema, whose connections may be cut at any time."""

    def begin(self) -> ProvenLedger:
        """Give an empty ledger in a schema of its own."""
        self.place = postgres_place()
        self.opened = open_postgres(self.place, self.clock)
        return self.opened

    @rule()
    def restart(self) -> None:
        """Close the ledger and open it again."""
        self.opened.close()
        self.ledger = self.opened = open_postgres(self.place, self.clock)

    @rule()
    def cut(self) -> None:
        """Cut every connection, as a server does that is restarted."""
        cut()

    def teardown(self) -> None:
        """Close the ledger."""
        self.opened.close()


def no_answer(outcomes: Sequence[Outcome]) -> bytes:
    """Fail as a bug would."""
    return bytes(len(outcomes) // 0)


TestMemoryModel = LedgerMachine.TestCase
TestMemoryModel.settings = settings(max_examples=60, stateful_step_count=25)
TestSqliteModel = SqliteMachine.TestCase
TestSqliteModel.settings = settings(max_examples=25, stateful_step_count=20)
TestPostgresModel = pytest.mark.postgres(PostgresMachine.TestCase)
TestPostgresModel.settings = settings(max_examples=6, stateful_step_count=12)
