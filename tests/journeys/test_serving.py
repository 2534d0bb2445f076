"""The hub's processes: where they listen, how they stop, and what a borough sees of them."""

from __future__ import annotations

import functools
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from typer import Typer
from typer.testing import CliRunner

from adapters.assembly.borough import borough_client
from adapters.command_line import borough
from domain.opened import OpenedEvent
from domain.reference.participants import PARTNERSHIP
from domain.schemas import schema_names
from domain.vocabulary.operation import ViewRead
from services.reading import RELEASES
from tests.journeys.counts import factor_counts
from tests.journeys.machines import cold, free_port, listens, wait_until
from tests.journeys.sources import Told, counted, drafts_of
from tests.journeys.stage import Stage, at_home, set_stage

STOPPING_S = 20.0
OF_HAVERING = ("--borough", "havering")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Give a stage on which nobody plays yet."""
    return set_stage(tmp_path / "stage")


@pytest.fixture
def served(stage: Stage) -> Iterator[Stage]:
    """Give a stage whose hub serves and projects."""
    running = stage.start_hub()
    yield stage
    running.kill()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_serve_and_project_stop_when_told(stage: Stage, told: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end both processes well: what was acknowledged is closed away in order."""
    log = stage.folder / "said.log"
    with (
        cold(stage.hub, "serve", "--port", stage.port, log=log) as hub,
        cold(stage.hub, "project", log=log) as projector,
    ):
        wait_until(lambda: listens(stage.port), "the hub listens")
        wait_until((stage.hub_home.views / "current").exists, "the projector projects")
        with stage.client("havering") as client:
            client.publish(drafts_of([Told(1)]))
            assert client.send().left == 0
        for process in (hub, projector):
            process.send_signal(told)
        assert [process.wait(STOPPING_S) for process in (hub, projector)] == [0, 0]
    assert "Traceback" not in log.read_text(encoding="utf-8")
    left = [path.name for path in stage.hub_home.folder.rglob("*-wal") if path.stat().st_size]
    assert left == []


def test_the_work_of_a_projector_that_is_killed_moves(stage: Stage) -> None:
    """Two projectors share the ledgers; when one is killed the other folds all, within seconds."""
    hub = stage.start_hub("--no-projector")
    first, second = (stage.hub.start("project") for _ in range(2))
    shared_out = stage.hub_home.views / "shared-out"
    wait_until((shared_out / "fold-worker-01").exists, "both projectors take part")
    first.kill()
    for name in ("havering", "redbridge"):
        with stage.client(name) as client:
            client.publish(drafts_of([Told(1)]))
            assert client.send().left == 0
    answer = stage.read_folded("factors")
    assert [factor_counts(answer, one) for one in ("havering", "redbridge")] == [
        counted([Told(1)])
    ] * 2
    assert second.stop() == 0
    hub.kill()


def test_a_hub_tells_how_it_is(stage: Stage) -> None:
    """Health, readiness and metrics are told of the served hub, its work and its views."""
    port = free_port()
    running = stage.start_hub(BHR_TELEMETRY=f"127.0.0.1:{port}", BHR_ALARMS="http://127.0.0.1:9/")
    with stage.client("havering") as client:
        client.publish(drafts_of([Told(1)]))
        assert client.send().left == 0
    stage.read_folded("factors")
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as asked:
        found = [asked.get(path) for path in ("/healthz", "/readyz", "/metrics")]
    assert [one.status_code for one in found] == [200, 200, 200]
    lines = set(found[2].text.splitlines())
    assert "bhr_ledgers_unread 0.0" in lines
    assert 'bhr_views_lag_entries{ledger="havering"}' in found[2].text
    for work in ("answer", "commit", "fold", "publish"):
        assert f'bhr_work_seconds_count{{work="{work}"}} 0.0' not in lines
        assert f'bhr_work_seconds_count{{work="{work}"}}' in found[2].text
    assert running.stop() == 0


def test_serve_says_whom_it_believes(stage: Stage, tmp_path: Path) -> None:
    """With the embedded issuer the hub says at its start that its operator can act as anyone."""
    running = stage.start_hub()
    assert "lets this machine's operator act as anyone" in running.said()
    assert running.stop() == 0


def test_canary_is_sent_once_an_hour(served: Stage) -> None:
    """`bhr canary` sends one, and none while the last is fresh; the view of feeds shows it."""
    machine = served.machine("havering")
    said = [machine.run("canary", *OF_HAVERING) for _ in range(2)]
    assert [one.out for one in said] == ["canary sent\n", "no canary was due\n"]
    assert [one.status for one in said] == [0, 0]
    assert re.search(r"last canary: 2\d{3}-", machine.run("outbox", "status", *OF_HAVERING).out)
    rows = served.read_folded("feeds")["rows"]
    assert isinstance(rows, list)
    assert [(row["ledger"], row["canary"] is None) for row in rows if isinstance(row, dict)] == [
        ("havering", False)
    ]


def test_a_hub_that_is_away(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the hub is away everything stays in the outbox, and that is said; then it is sent."""
    hasty = functools.partial(borough_client, patience_s=0)
    monkeypatch.setattr(borough, "borough_client", hasty)
    machine = stage.machine("havering")
    beating = Typer()
    beating.command()(borough.canary)
    with at_home(machine):
        canary = CliRunner().invoke(beating, OF_HAVERING)
        sending = CliRunner().invoke(borough.outbox, ["send", *OF_HAVERING])
    assert (canary.exit_code, sending.exit_code) == (1, 1)
    assert "the hub has not answered; submissions left 1" in canary.output
    assert "recorded 0, refused 0, submissions left 1" in sending.output
    opening = ("part", "open", "01890a5d-ac96-774b-bcce-b302099a8057", "2", *OF_HAVERING)
    ended = machine.run(*opening)
    assert (ended.status, ended.out) == (2, "")
    assert re.fullmatch(r"bhr: the hub is not available[^\n]*\n", ended.err)
    running = stage.start_hub("--no-projector")
    sent = machine.run("outbox", "send", *OF_HAVERING)
    assert (sent.status, sent.out) == (0, "recorded 1, refused 0, submissions left 0\n")
    running.kill()


def test_views_on_a_terminal_are_those_over_http(served: Stage) -> None:
    """`bhr views show` shows what the view over HTTP holds, records the read, and status agrees."""
    facts = [Told(number) for number in range(6)]
    with served.client("havering") as client:
        client.publish(drafts_of(facts))
        client.send()
    answer = served.read_folded("factors")
    assert factor_counts(answer, "havering") == counted(facts)
    reader = ("--reader", "analyst@redbridge")
    before = served.hub.run("ledger", "status").out
    for view in ("factors", "feeds", "thresholds"):
        ended = served.hub.run("views", "show", view, *reader, "--year", "2023")
        assert ended.status == 0, ended.said()
        assert "right live" in ended.out
    assert served.hub.run("ledger", "status").out != before
    # A checkpoint may have become an entry meanwhile, and is folded in its turn.
    line = r"^havering +folded +(1[45]) of +\1, lag 0, waiting 0"

    def all_is_folded() -> bool:
        return re.search(line, served.hub.run("views", "status").out, re.MULTILINE) is not None

    wait_until(all_is_folded, "the status of views says that all is folded")


def test_schemas_are_exported_as_they_are_shown(stage: Stage, tmp_path: Path) -> None:
    """`bhr schema list`, `show` and `export` tell the same names and the same documents."""
    names = stage.hub.run("schema", "list").out.split()
    assert names == list(schema_names())
    folder = tmp_path / "new" / "schemas"
    assert stage.hub.run("schema", "export", folder).out == f"{len(names)} schemas written\n"
    assert sorted(path.name for path in folder.iterdir()) == [f"{n}.schema.json" for n in names]
    for name in (names[0], names[-1]):
        shown = json.loads(stage.hub.run("schema", "show", name).out)
        assert shown == json.loads((folder / f"{name}.schema.json").read_bytes())
        assert shown["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def reads(stage: Stage) -> list[tuple[str, str | None, str]]:
    """Give who was shown which view of releases, as the partnership's ledger says."""
    with stage.rooms() as rooms:
        entries = rooms.ledgers[PARTNERSHIP].read(0, 1_000)
        events = [*rooms.rules.open_entries(PARTNERSHIP, entries)]
    facts = [event.facts for event in events if isinstance(event, OpenedEvent)]
    of_views = [one for one in facts if isinstance(one, ViewRead.Facts)]
    return [(one.participant, one.office, one.view) for one in of_views if one.view == RELEASES]


def test_a_release_on_a_terminal_is_the_one_over_http(served: Stage) -> None:
    """`bhr release show` and `list` read by a right, record that, and refuse others."""
    with served.client("havering") as client:
        client.publish(drafts_of(Told(number) for number in range(6)))
        client.send()
    served.read_folded("factors")
    published = served.hub.run("release", "publish")
    assert published.status == 0, published.said()
    month = published.out.split()[1].strip(":,")
    shown = served.hub.run("release", "show", month, "--reader", "analyst@redbridge")
    assert shown.status == 0, shown.said()
    listed = served.hub.run("release", "list", "--reader", "analyst@redbridge")
    assert (listed.status, f"published: {listed.out}") == (0, published.out)
    assert reads(served) == [("redbridge", "analyst", RELEASES)] * 2
    assert json.loads(shown.out) == served.read(f"releases/{month}")["release"]
    for asked in (("show", month), ("list",)):
        refused = served.hub.run("release", *asked, "--reader", "nobody@redbridge")
        assert (refused.status, refused.out) == (2, "")
    assert len(reads(served)) == 3
