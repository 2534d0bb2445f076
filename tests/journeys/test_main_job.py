"""The main job through the real doors: returns become a view that agrees with what is published."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from adapters.command_line import demo
from adapters.demonstration.players import free_port
from adapters.demonstration.reading import ViewAnswer, ViewRow
from adapters.demonstration.stage import Stage
from adapters.demonstration.themes import ThemeRead
from adapters.returns.published_figures import PublishedTable, factor_columns, read_published
from tests.journeys.machines import BHR

YEARS = (2023, 2024)
FIGURES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "Northmarsh": ("901", {"Neglect": "9", "Gangs": "2", "Domestic_Abuse_child": "c"}),
    "Eastmere": ("902", {"Neglect": "7", "Gangs": "0", "Domestic_Abuse_child": "5"}),
    "South Holm": ("903", {"Neglect": "4", "Gangs": "1", "Domestic_Abuse_child": "3"}),
}
"""Three authorities that do not exist; each has 14 episodes with a factor in the first year."""


def table_of(**changes: str) -> str:
    """Write the figures as a published table of two years; `changes` are the first authority's."""
    episodes = factor_columns().episodes
    lines = ["year,la_code,gss_code,la_name,factor,value_as_published"]
    for year in YEARS:
        for at, (name, (code, figures)) in enumerate(FIGURES.items()):
            whole = str(14 + year - YEARS[0])
            cells = {**figures, episodes: whole, **({} if at else changes)}
            beginning = f"{year},{code},E06000{code},{name}"
            lines += [f"{beginning},{factor},{value}" for factor, value in cells.items()]
    return "\n".join(lines) + "\n"


def demo_ended(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the demonstration to its end."""
    return subprocess.run(
        [BHR, "demo", "--once", *words], capture_output=True, text=True, check=False
    )


def test_demo_agrees_with_figures_never_seen_before(tmp_path: Path) -> None:
    """`bhr demo --once --published FILE` ends well for any authorities, every year's cells equal.

    Its returns are loaded one after another, one of them again, each as at its own summer. Three
    witnesses cosign through it all, and everything is verified at the end.
    """
    table = tmp_path / "invented.csv"
    table.write_text(table_of(), encoding="utf-8")
    ended = demo_ended("--published", table)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for year in YEARS:
        assert f"{year}: 11 cells compared, 0 differ, 1 are suppressed" in ended.stdout
    marked = "2023 Northmarsh Domestic_Abuse_child, 2024 Northmarsh Domestic_Abuse_child"
    assert f"not compared, published as 'c': {marked}" in ended.stdout.replace("\n", " ")
    assert "2023: returns, loaded on Monday 22 May 2023" in ended.stdout
    assert "2024: returns, loaded on Monday 20 May 2024" in ended.stdout
    assert "amended return, sent again" in ended.stdout
    assert "release of 2024-05: " in ended.stdout
    assert "release of 2024-07: " in ended.stdout
    for slug in ("northmarsh", "eastmere", "south-holm"):
        assert ended.stdout.count(f"  {slug}: ") >= len(YEARS)
    _ends_with_proofs(ended)


def _ends_with_proofs(ended: subprocess.CompletedProcess[str]) -> None:
    """Hold the end against what three witnesses cosigned through the clock's steps of years."""
    told = ended.stdout.replace("\n", " ")
    assert "quorum holds, statement holds, publisher holds" in told
    steps = re.findall(r"^ +(\d+)  (ok|FOUND|not checked) ", ended.stdout, re.MULTILINE)
    done = [int(number) for number, state in steps if state == "ok"]
    assert done[:12] == list(range(1, 13))
    # The hub goes on while it is verified; where its views did too, it is said what that leaves.
    assert done[12:] == [13] or "its live views went on" in " ".join(told.split())
    assert [state for _, state in steps[13:]] == ["not checked"]  # no publisher was asked
    assert "FOUND" not in told
    assert "late" not in ended.stderr


def test_demo_of_one_year_loads_it_alone(tmp_path: Path) -> None:
    """`--year` keeps to one year, loaded today: its cells are equal, and no other is compared."""
    table = tmp_path / "invented.csv"
    table.write_text(table_of(), encoding="utf-8")
    ended = demo_ended("--published", table, "--year", str(YEARS[0]))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{YEARS[0]}: 11 cells compared, 0 differ, 1 are suppressed" in ended.stdout
    assert f"{YEARS[0]}: returns, loaded today" in ended.stdout
    assert str(YEARS[1]) not in ended.stdout


def told_once(demonstration: subprocess.Popen[str]) -> None:
    """Tell the command alone to end."""
    demonstration.terminate()


def told_twice_with_all_its_own(demonstration: subprocess.Popen[str]) -> None:
    """Tell the command to end and everything that it started, again and again."""
    for _ in range(2):
        os.killpg(demonstration.pid, signal.SIGTERM)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """Give a folder whose path leaves room for the name of a socket, which holds 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="d-") as folder:
        yield Path(folder)


@pytest.mark.parametrize("tell", [told_once, told_twice_with_all_its_own])
def test_demo_that_is_told_to_end_leaves_nothing(
    tmp_path: Path, short_path: Path, tell: Callable[[subprocess.Popen[str]], None]
) -> None:
    """Given SIGTERM it takes its hub, its bodies and its keys with it."""
    table = tmp_path / "invented.csv"
    table.write_text(table_of(), encoding="utf-8")
    port = free_port()
    words: list[str | Path] = [BHR, "demo", "--published", table, "--port", str(port)]
    words += ["--year", str(YEARS[0])]
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(short_path)},
        start_new_session=True,
    ) as demonstration:
        assert demonstration.stdout is not None
        for line in demonstration.stdout:
            if "returns, loaded today" in line:  # the hub listens by then
                break
        assert list(short_path.glob("bhr-demo-*"))
        tell(demonstration)
        demonstration.communicate(timeout=60)
    assert not list(short_path.glob("bhr-demo-*"))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_demo_says_which_cell_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held against other figures the comparison names the cell that differs, and ends with 1."""
    true, other = (
        read_published(io.StringIO(text)) for text in (table_of(), table_of(Neglect="8"))
    )
    monkeypatch.setattr(Stage, "step", lambda _: None)
    for name, stands_for in {
        "read_published": lambda _: other,
        "set_stage": lambda _, table, loads, port: Stage(tmp_path, "", port, table, loads),
        "hub_running": lambda _: contextlib.nullcontext(),
        "witnesses_running": lambda _: contextlib.nullcontext(),
        "bodies_playing": lambda _: contextlib.nullcontext(()),
        "factors_when_folded": lambda _: _view_of(true),
        "print_proof": lambda *_: True,
        "publish_release": lambda _: "",
        "read_theme": lambda *_: ThemeRead("", (), ()),
    }.items():
        monkeypatch.setattr(demo, name, stands_for)
    monkeypatch.setattr(demo, "publish_all", lambda *_: ())
    app = Typer()
    app.command()(demo.demo)
    ended = CliRunner().invoke(app, ["--once", "--published", str(tmp_path)])
    assert ended.exit_code == 1
    for year in YEARS:
        assert f"{year}: 11 cells compared, 1 differ, " in ended.output
        assert f"differs: {year} Northmarsh Neglect: hub 9, published 8" in ended.output


def _view_of(table: PublishedTable) -> ViewAnswer:
    """Give the answer of a hub whose view holds exactly these figures."""
    rows = [
        ViewRow(authority.slug, column, str(year), episodes, episodes, episodes)
        for year in table.years
        for authority in table.authorities(year)
        for column in table.columns(year)
        if (episodes := table.cell(year, authority.code, column=column).value)
    ]
    return ViewAnswer(tuple(rows))
