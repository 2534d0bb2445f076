"""The main job through the real doors: returns become a view that agrees with what is published."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.command_line import demo
from adapters.demonstration.comparison import compare
from adapters.returns.published_figures import read_published
from tests.adapters.returns.census import assessment, census, child, episode
from tests.journeys.counts import factor_counts
from tests.journeys.machines import BHR, Ended
from tests.journeys.stage import Stage, set_stage

YEAR = 2024
INVENTED = f"""year,la_code,gss_code,la_name,factor,value_as_published
{YEAR},901,E06000901,Northmarsh,Neglect,9
{YEAR},901,E06000901,Northmarsh,Gangs,2
{YEAR},901,E06000901,Northmarsh,Domestic_Abuse_child,c
{YEAR},901,E06000901,Northmarsh,Episodes_with_assessment_factor,14
{YEAR},902,E06000902,Eastmere,Neglect,7
{YEAR},902,E06000902,Eastmere,Gangs,0
{YEAR},902,E06000902,Eastmere,Domestic_Abuse_child,5
{YEAR},902,E06000902,Eastmere,Episodes_with_assessment_factor,11
{YEAR},903,E06000903,South Holm,Neglect,4
{YEAR},903,E06000903,South Holm,Gangs,1
{YEAR},903,E06000903,South Holm,Domestic_Abuse_child,3
{YEAR},903,E06000903,South Holm,Episodes_with_assessment_factor,8
"""


def test_demo_agrees_with_figures_never_seen_before(tmp_path: Path) -> None:
    """`bhr demo --once --published FILE` ends well for any authorities, with every cell equal."""
    table = tmp_path / "invented.csv"
    table.write_text(INVENTED, encoding="utf-8")
    ended = subprocess.run(
        [BHR, "demo", "--once", "--published", table, "--year", str(YEAR)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "11 cells compared, 0 differ, 1 are suppressed or not available" in ended.stdout
    assert "not compared, published as 'c': Northmarsh Domestic_Abuse_child" in ended.stdout
    for name in ("Northmarsh", "Eastmere", "South Holm"):
        assert name in ended.stdout


def test_demo_says_which_cell_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held against other figures the comparison names the cell that differs, and ends with 1."""
    true, other = (read_published(io.StringIO(text)) for text in (INVENTED, TAMPERED))
    monkeypatch.setattr(demo, "set_stage", lambda *_: _stage_of(tmp_path, true))
    monkeypatch.setattr(demo, "hub_running", lambda _: contextlib.nullcontext())
    monkeypatch.setattr(demo, "publish_all", lambda _: [])
    monkeypatch.setattr(demo, "factors_when_folded", lambda _: _view_of(true))
    monkeypatch.setattr(demo, "read_view", lambda *_: _view_of(true))
