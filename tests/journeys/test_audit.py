"""`bhr audit` through the real doors: past answers are given again, and nothing is touched."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.assembly.audit import Opener, open_audit
from adapters.assembly.replaying import replayed
from domain.opened import OpenedEvent
from services.acknowledging import instant
from services.audit.asking import answers
from services.audit.replaying import moment_of
from services.checkpointing import Rhythm
from tests.journeys.machines import PATIENCE_S, Ended, Machine, Running, wait_until
from tests.journeys.rights import bound_by_rights, seal_off, unseal
from tests.journeys.sources import Told, drafts_of
from tests.journeys.stage import Stage, set_stage

THEME = "knife-crime-and-gangs"


@dataclass(frozen=True, slots=True)
class Given:
    """A theme's answer as it was given, and when."""

    answer: Mapping[str, object]
    at: str

    def positions(self) -> str:
        """Give its positions as they are typed."""
        found = self.answer["positions"]
        assert isinstance(found, Mapping)
        return ",".join(f"{ledger}={size}" for ledger, size in found.items())


@dataclass(frozen=True, slots=True)
class Played:
    """A stage on which much has happened, and the answers that were given in between."""

    stage: Stage
    running: Running
    given: Sequence[Given]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Give a hub that serves, with corrections, withdrawals and late events behind it."""
    stage = set_stage(tmp_path_factory.mktemp("audit") / "stage")
    running = stage.start_hub()
    given = []
    first = [Told(number) for number in range(12)]
    publish(stage, "havering", first)
    publish(stage, "redbridge", first[:5])
    given.append(read(stage))
    publish(stage, "havering", [Told(number, version=1) for number in range(12)])
    given.append(read(stage))
    withdraw_all(stage, "redbridge")
    publish(stage, "havering", [Told(number) for number in range(20, 26)])
    given.append(read(stage))
    publish(stage, "redbridge", first)
    yield Played(stage, running, given)
    running.kill()


def publish(stage: Stage, borough: str, facts: Sequence[Told]) -> None:
    """Publish what a borough's system knows now."""
    with stage.client(borough) as client:
        client.publish(drafts_of(facts))
        sent = client.send()
    assert (sent.refused, sent.left) == (0, 0), sent.codes


def withdraw_all(stage: Stage, borough: str) -> None:
    """Take back the first and largest submission of a borough."""
    with closing(sqlite3.connect(stage.home(borough).store)) as store:
        query = "SELECT submission FROM outbox ORDER BY length(events) DESC, number LIMIT 1"
        (submission,) = store.execute(query).fetchone()
    with stage.client(borough) as client:
        assert client.withdraw(uuid.UUID(bytes=submission), "wrong-file")
        client.send()


def read(stage: Stage) -> Given:
    """Read a theme, and keep the answer."""
    answer = stage.read_folded(f"themes/{THEME}")
    return Given(answer, instant(time.time_ns() // 1_000_000))


def audit(stage: Stage, *words: object) -> Ended:
    """Run an audit's command where the hub is."""
    return stage.hub.run("audit", *words)


def test_replay_agrees_with_the_live_views(played: Played) -> None:
    """A replay of everything finds each figure of the live views, and says so with status 0."""
    ended = audit(played.stage, "replay")
    assert ended.status == 0, ended.said()
    assert re.search(
        r"[1-9][0-9]+ figures and [1-9][0-9]+ whole parts compared as of the same positions, all",
        ended.out,
    )


@pytest.mark.parametrize("at", range(3))
def test_a_past_answer_is_given_again(played: Played, at: int) -> None:
    """As of its positions a theme is answered as it was, whatever was corrected since."""
    given = played.given[at]
    words = ("--as-of", given.at, "--positions", given.positions(), "--theme", THEME, "--json")
    ended = audit(played.stage, "replay", *words)
    assert ended.status == 0, ended.said()
    said = json.loads(ended.out)
    answer = said["views"][THEME]
    for name in ("rows", "measures", "factors", "positions", "mapping", "boroughs"):
        assert answer[name] == given.answer[name], name
    assert said["comparison"]["not_compared"] is None


def test_past_answers_differ_from_each_other(played: Played) -> None:
    """What happened in between moved the figures: giving them again is no matter of course."""
    rows = [given.answer["rows"] for given in played.given]
    assert rows[0] != rows[1] != rows[2] != rows[0]


def test_a_figure_that_differs_is_named(played: Played, tmp_path: Path) -> None:
    """A row of the live views that somebody changed is found by line, ledger and period."""
    copy = copied(played.stage, tmp_path)
    (rows,) = copy.folder.glob("hub/views/gen-*/havering.sqlite")
    with closing(sqlite3.connect(rows, isolation_level=None)) as views:
        views.execute(
            "DELETE FROM contribution WHERE cell = (SELECT id FROM word WHERE text = 'factor:13A')"
        )
    ended = copy.run("audit", "replay", "--theme", THEME)
    assert ended.status == 1, ended.said()
    assert re.search(r"factor-13a\W+havering\W+20[0-9]{2}-[01][0-9]\W", ended.out), ended.out


def test_a_row_that_no_theme_was_asked_for_is_found(played: Played, tmp_path: Path) -> None:
    """What only a cut is read from is found too: every row is compared, asked for or not."""
    copy = copied(played.stage, tmp_path)
    (rows,) = copy.folder.glob("hub/views/gen-*/havering.sqlite")
    with closing(sqlite3.connect(rows, isolation_level=None)) as views:
        assert views.execute("DELETE FROM child").rowcount
    ended = copy.run("audit", "replay", "--theme", THEME)
    assert ended.status == 1, ended.said()
    assert re.search(r"children\W+havering\W", ended.out), ended.out


def test_a_live_hub_is_left_as_it_is(played: Played) -> None:
    """Auditing beside a running hub changes no file of it, and makes none."""
    wait_until(lambda: at_rest(played.stage.hub_home.folder), "a hub that writes nothing more")
    before = looked_at(played.stage.hub_home.folder, without="-shm")  # the hub's own are in use
    for words in COMMANDS:
        assert audit(played.stage, *words).status in {0, 1}
    assert looked_at(played.stage.hub_home.folder, without="-shm") == before


@pytest.mark.parametrize("left", ["with what a running hub has beside its files", "whole"])
def test_a_copy_that_nobody_may_write(played: Played, left: str) -> None:
    """A copy is audited by one who may not write a byte of it, and is afterwards as before."""
    with tempfile.TemporaryDirectory(prefix="bhr-copy-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        copy = copied(played.stage, folder)
        if left == "whole":
            assert copy.run("ledger", "status").status == 0  # the last to leave tidies up
            assert copy.run("views", "status").status == 0
            assert not [*copy.folder.rglob("*-shm")]
        else:
            assert [*copy.folder.rglob("*-shm")]
        seal_off(copy.folder)
        before = looked_at(copy.folder)
        for words in COMMANDS:
            running = copy.play(bound_by_rights, ("audit", *words))
            running.process.join(PATIENCE_S)
            assert running.process.exitcode in {0, 1}, running.said()
        assert looked_at(copy.folder) == before
        unseal(copy.folder)


def test_a_ledger_that_lost_entries_is_refused(played: Played, tmp_path: Path) -> None:
    """Where the views have seen more than a ledger still has, that is said, and nothing else."""
    ended = audit(played.stage, "replay", "--positions", "havering=1000000")
    assert ended.status == 2
    assert re.fullmatch(r"bhr: [^\n]+havering[^\n]+\n", ended.err)


def test_the_difference_between_two_dates_says_why(played: Played) -> None:
    """Between the first answer and now lines moved, by what was recorded and taken back."""
    ended = audit(played.stage, "diff", played.given[0].at, played.given[2].at)
    assert ended.status == 1, ended.said()
    assert re.search(r"factor-13a\W+havering\W.* corrected \+", ended.out), ended.out
    assert re.search(r"redbridge\W.* withdrawn \+0 −[1-9]", ended.out), ended.out


def test_history_of_a_stream(played: Played) -> None:
    """A stream's entries come in order, with what supersedes what; nothing that they say."""
    stream, event, child = corrected(played.stage)
    ended = audit(played.stage, "history", stream)
    assert ended.status == 0, ended.said()
    assert f"supersedes {event}" in ended.out
    assert "13A" not in ended.out
    assert ended.out.count("assessment-completed.v1") == 2
    by_event = audit(played.stage, "history", event)
    assert f"supersedes {event}" in by_event.out
    by_child = audit(played.stage, "history", child)
    assert by_child.out.count("assessment-completed.v1") >= 2
    assert "referral-received.v1" in by_child.out


def test_access_names_readers(played: Played) -> None:
    """Every read of a view is listed from the ledger itself; a borough's own alone when asked."""
    ended = audit(played.stage, "access")
    assert ended.status == 0, ended.said()
    assert f"view {THEME} as json, live" in ended.out
    assert "analyst of redbridge" in ended.out
    of_one = audit(played.stage, "access", "--borough", "havering")
    assert f"view {THEME}" in of_one.out
    assert audit(played.stage, "access", "--borough", "barnet").status == 2


def test_split_over_processes_it_is_the_same(played: Played) -> None:
    """A replay that is split by ledger gives the same answers, and tells how far it is."""
    opener = Opener(played.stage.hub_home, played.stage.hub.passphrase)
    told: dict[str, tuple[int, int]] = {}

    def tell(ledger: str, done: int, size: int) -> None:
        told[ledger] = (done, size)

    given = []
    with open_audit(opener) as room:
        moment = moment_of(room.ledgers, time.time_ns() // 1_000_000, {})
        for processes in (1, 2):
            with replayed(room, moment, tell, processes=processes) as found:
                given.append(answers(found.querying, ["factors", THEME]))
            assert told == {name: (size, size) for name, size in moment.sizes.items() if size}
            told.clear()
    assert given[0] == given[1]
    assert given[0]["factors"]["rows"]


COMMANDS: Sequence[tuple[str, ...]] = (
    ("replay",),
    ("replay", "--as-of", "2026-01-01T00:00:00Z", "--positions", "bhr=20"),
    ("access",),
    ("history", "A" * 43),
)
"""Commands that look at everything there is."""


def copied(stage: Stage, folder: Path) -> Machine:
    """Copy the hub's home, as it is while the hub runs, to another machine."""
    machine = Machine(folder / "auditor", stage.hub.passphrase)
    shutil.copytree(stage.hub_home.folder, machine.folder / "hub")
    return machine


def at_rest(folder: Path) -> bool:
    """Say whether nothing was written for longer than a quiet ledger waits for its checkpoint."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    newest = max(path.stat().st_mtime for path in files if not path.name.endswith("-shm"))
    return time.time() - newest > 3 * Rhythm().quiet_ms / 1000


def looked_at(folder: Path, *, without: str = "\0") -> Mapping[str, tuple[int, bytes]]:
    """Give every file and folder with the time it was changed, and its bytes."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in folder.rglob("*")
        if not path.name.endswith(without)
    }


def corrected(stage: Stage) -> tuple[str, str, str]:
    """Give a stream in Havering with a correction, the event corrected, and whose it is."""
    with stage.rooms() as rooms:
        entries = rooms.ledgers["havering"].read(0, 1000)
        events = rooms.rules.open_entries("havering", entries)
    for event in events:
        if isinstance(event, OpenedEvent) and event.header.supersedes:
            child = event.subjects[0].pseudonym
            assert child is not None
            return event.header.subject, event.header.supersedes, child
    raise AssertionError("nothing was corrected")
