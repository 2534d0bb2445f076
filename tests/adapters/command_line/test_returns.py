"""`bhr returns` as it is typed: what it prints, where to, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from adapters.command_line import returns
from services.borough.client import BoroughClient
from tests.adapters.returns.census import TODAY, assessment, census, child, episode
from tests.services.borough.boroughs import Borough
from tests.services.borough.fake_hub import FakeHub

IN_PART = census(child(episode(assessment("9Z")), number="\x9bA-1"))


@pytest.fixture
def havering(monkeypatch: pytest.MonkeyPatch) -> Borough:
    """Give the borough whose home the commands open."""
    borough = Borough(FakeHub())

    @contextmanager
    def opened(name: str, passphrase: str) -> Iterator[BoroughClient]:
        assert (name, passphrase) == ("havering", "open sesame")
        yield borough.client()

    monkeypatch.setenv("BHR_PASSPHRASE", "open sesame")
    monkeypatch.delenv("BHR_PASSPHRASE_FILE", raising=False)
    monkeypatch.setattr(returns, "borough_client", opened)
    monkeypatch.setattr(returns, "borough_authority", {"havering": "311"}.__getitem__)
    return borough


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returns, "_today", lambda: TODAY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a return that is understood, one in part, and one that is no return."""
    (tmp_path / "whole.xml").write_bytes(census(child(episode(assessment("3B")))))
    (tmp_path / "part.xml").write_bytes(IN_PART)
    (tmp_path / "none.xml").write_bytes(b"<Workforce/>")
    return tmp_path


def run(*arguments: object) -> tuple[int, str]:
    """Run `bhr returns` and give its exit status and standard output."""
    result = CliRunner().invoke(returns.app, [str(each) for each in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


@pytest.mark.parametrize(("file", "status"), [("whole", 0), ("part", 1), ("none", 2)])
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_check_ends_by_outcome(folder: Path, file: str, status: int, form: str) -> None:
    """0 understood, 1 in part, 2 refused, in every format, and never the child's id."""
    code, text = run("check", folder / f"{file}.xml", "--format", form)
    assert code == status
    assert "A-1" not in text


def test_check_refuses_another_return(folder: Path) -> None:
    """An authority or a year that was asked for and is not the file's refuses it."""
    asked = ("check", folder / "whole.xml", "--authority")
    assert run(*asked, "311", "--year", "2023")[0] == 0
    assert run(*asked, "317", "--year", "2023")[0] == 2
    assert run(*asked, "311", "--year", "2022")[0] == 2


def test_check_names_the_place(folder: Path) -> None:
    """Somebody who has the file can find what was refused: child, element and line."""
    place = (
        "Child[1]/CINdetails[1]/Assessments[1]/FactorsIdentifiedAtAssessment/AssessmentFactors[1]"
    )
    assert place in run("check", folder / "part.xml")[1]
    document = json.loads(run("check", folder / "part.xml", "--format", "json")[1])
    assert (document["findings"][0]["place"], document["findings"][0]["line"]) == (place, 1)
    rows = csv.DictReader(io.StringIO(run("check", folder / "part.xml", "--format", "csv")[1]))
    assert [row["place"] for row in rows if row["row"] == "finding"] == [place]


def test_ids_are_for_a_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids are refused where they would be kept, and shown without what could command a terminal."""
    assert run("check", folder / "part.xml", "--show-ids")[0] == 2
    monkeypatch.setattr(returns, "_on_a_terminal", lambda: True)
    assert run("check", folder / "part.xml", "--show-ids", "--format", "json")[0] == 2
    code, text = run("check", folder / "part.xml", "--show-ids")
    assert code == 1
    assert "child 1 ?A-1" in text


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """No file, no traceback: a usage error."""
    assert run("check", tmp_path / "nothing.xml")[0] == 2


def test_publish_reconciles(havering: Borough, folder: Path) -> None:
    """Publishing says what was sent; publishing again sends nothing."""
    command = ("publish", folder / "whole.xml", "--borough", "havering", "--year", "2023")
    code, text = run(*command, "--format", "json")
    first = {row["kind"]: row for row in json.loads(text)["counts"]}
    assert (code, first["assessment"]["new"], first["assessment"]["last_load"]) == (0, 1, 0)
    code, text = run(*command)
    assert code == 0
    assert "the hub recorded 0 and refused 0; 0 submissions wait" in text
    assert len(havering.hub.standing()) == 3


def test_publish_refuses_another_boroughs_file(havering: Borough, tmp_path: Path) -> None:
    """A file of another authority than the borough's is refused, and nothing is sent."""
    (tmp_path / "other.xml").write_bytes(census(child(episode()), authority="317"))
    code, text = run("publish", tmp_path / "other.xml", "--borough", "havering", "--year", "2023")
    assert (code, havering.hub.received) == (2, [])
    assert "authority-not-as-asked" in text


def test_publish_says_when_the_hub_is_silent(havering: Borough, folder: Path) -> None:
    """What waits in the outbox is no success and no refusal: it has a status of its own."""
    havering.hub.silent = 1000
    command = ("publish", folder / "whole.xml", "--borough", "havering", "--year", "2023")
    assert run(*command)[0] == 3


def test_publish_shows_who_is_gone(
    havering: Borough, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Children who are gone are counted, and named on a terminal to whom asks for it."""
    monkeypatch.setattr(returns, "_on_a_terminal", lambda: True)
    command = ("publish", folder / "whole.xml", "--borough", "havering", "--year", "2023")
    run(*command)
    (folder / "whole.xml").write_bytes(census(child(episode(), number="B-2")))
    code, text = run(*command, "--show-ids")
    assert code == 0
    assert "gone though due: A-1  referral-received  2022-05-02" in text


def test_withdraw_takes_a_wrong_file_back(havering: Borough, folder: Path) -> None:
    """The submissions that publishing listed can be taken back."""
    command = ("publish", folder / "whole.xml", "--borough", "havering", "--year", "2023")
    submissions = json.loads(run(*command, "--format", "json")[1])["delivery"]["submissions"]
    code, text = run("withdraw", *submissions, "--borough", "havering")
    assert (code, text) == (0, "8 events withdrawn, submissions left 0\n")
    assert havering.hub.standing() == []
    havering.hub.silent = 1000
    run(*command)
    assert run("withdraw", *submissions, "--borough", "havering")[0] == 3


def test_an_unknown_submission_is_refused(havering: Borough) -> None:
    """A submission that was never made is not found, and the caller is told by name."""
    result = CliRunner().invoke(
        returns.app, ["withdraw", str(uuid.UUID(int=7)), "--borough", "havering"]
    )
    assert type(result.exception).__name__ == "NotFound"


def test_progress_is_for_a_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A bar is drawn on a terminal's standard error, and nowhere else."""

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    def checked() -> None:
        with pytest.raises(typer.Exit):
            returns.check(folder / "whole.xml", form=returns.Shape.JSON)

    checked()
    assert capfd.readouterr().err == ""
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    checked()
    assert "bytes" in screen.getvalue()
