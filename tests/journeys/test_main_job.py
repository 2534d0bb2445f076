"""The main job through the real doors: returns become a view that agrees with what is published."""

from __future__ import annotations

import contextlib
import io
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from adapters.command_line import demo
from adapters.demonstration.reading import ViewAnswer, ViewRow
from adapters.demonstration.stage import Stage
from adapters.demonstration.themes import ThemeRead
from adapters.returns.published_figures import PublishedTable, factor_columns, read_published
from tests.journeys.machines import BHR

YEAR = 2024
FIGURES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "Northmarsh": ("901", {"Neglect": "9", "Gangs": "2", "Domestic_Abuse_child": "c"}),
    "Eastmere": ("902", {"Neglect": "7", "Gangs": "0", "Domestic_Abuse_child": "5"}),
    "South Holm": ("903", {"Neglect": "4", "Gangs": "1", "Domestic_Abuse_child": "3"}),
}
"""Three authorities that do not exist; each has 14 episodes with a factor."""
COMPARED = "11 cells compared"


def table_of(**changes: str) -> str:
    """Write the figures as a published table; `changes` replace the first authority's."""
    episodes = factor_columns().episodes
    lines = ["year,la_code,gss_code,la_name,factor,value_as_published"]
    for at, (name, (code, figures)) in enumerate(FIGURES.items()):
        cells = {**figures, episodes: "14", **({} if at else changes)}
        lines += [
            f"{YEAR},{code},E06000{code},{name},{factor},{value}" for factor, value in cells.items()
        ]
    return "\n".join(lines) + "\n"


def test_demo_agrees_with_figures_never_seen_before(tmp_path: Path) -> None:
    """`bhr demo --once --published FILE` ends well for any authorities, with every cell equal."""
    table = tmp_path / "invented.csv"
    table.write_text(table_of(), encoding="utf-8")
    ended = subprocess.run(
        [BHR, "demo", "--once", "--published", table, "--year", str(YEAR)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{COMPARED}, 0 differ, 1 are suppressed or not available" in ended.stdout
    assert "not compared, published as 'c': Northmarsh Domestic_Abuse_child" in ended.stdout
    for slug in ("northmarsh", "eastmere", "south-holm"):
        assert f"{slug}: " in ended.stdout


def test_demo_says_which_cell_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held against other figures the comparison names the cell that differs, and ends with 1."""
    true, other = (
        read_published(io.StringIO(text)) for text in (table_of(), table_of(Neglect="8"))
    )
    stage = Stage(tmp_path, "", 0, YEAR, true.authorities(YEAR), "")
    view = _view_of(true)
    for name, stands_for in {
        "read_published": lambda _: other,
        "set_stage": lambda *_: stage,
        "hub_running": lambda _: contextlib.nullcontext(),
        "publish_all": lambda _: [],
        "factors_when_folded": lambda _: view,
        "read_theme": lambda *_: ThemeRead("", (), ()),
    }.items():
        monkeypatch.setattr(demo, name, stands_for)
    app = Typer()
    app.command()(demo.demo)
    ended = CliRunner().invoke(app, ["--once", "--published", str(tmp_path), "--year", str(YEAR)])
    assert ended.exit_code == 1
    assert f"{COMPARED}, 1 differ, " in ended.output
    assert "differs: Northmarsh Neglect: hub 9, published 8" in ended.output


def _view_of(table: PublishedTable) -> ViewAnswer:
    """Give the answer of a hub whose view holds exactly these figures."""
    rows = [
        ViewRow(authority.slug, column, str(YEAR), episodes, episodes, episodes)
        for authority in table.authorities(YEAR)
        for column in table.columns(YEAR)
        if (episodes := table.cell(YEAR, authority.code, column=column).value)
    ]
    return ViewAnswer(tuple(rows), {})
