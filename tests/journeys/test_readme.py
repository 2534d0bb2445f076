"""The README's commands are run as they stand there, by a shell, on two machines of their own."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from adapters.command_line.main import app
from tests.adapters.returns.census import assessment, census, child, episode
from tests.journeys.machines import BHR, PATIENCE_S, free_port, listens, wait_until

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKE, *OPERATING = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
WHERE = ("hub", "borough", "hub", "borough", "hub")
"""On whose machine each block is run, in the README's order."""
FINGERPRINT = "FINGERPRINT"
SHOWN = re.compile(r"^(?P<purpose>[a-z-]+) +(?P<mark>[A-Za-z0-9_-]{43})$", re.MULTILINE)
SPOKEN = re.compile(r"(?:^|`)bhr ([a-z][a-z ]*)", re.MULTILINE)
LIVES_ON = "bhr serve"


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody at a shell, with a home folder and a folder that they work in."""

    home: Path
    port: int

    def __post_init__(self) -> None:
        """Give them what the README expects to be there."""
        (self.home / "work").mkdir(parents=True)
        for name in (".bhr-passphrase", ".bhr-recovery-passphrase"):
            path = self.home / name
            path.touch(mode=0o600)
            path.write_text(f"the {name} of {self.home.name}\n", encoding="utf-8")

    def variables(self) -> dict[str, str]:
        """Give the environment of a new shell."""
        return {
            "COLUMNS": "200",
            "HOME": str(self.home),
            "PATH": f"{BHR.parent}:/usr/local/bin:/usr/bin:/bin",
        }

    def types(self, exports: str, line: str) -> str:
        """Type a line into a shell in which `exports` were typed before; gives what is shown."""
        ended = subprocess.run(
            ["/bin/sh", "-c", f"{exports}\n{line}"],
            cwd=self.home / "work",
            env=self.variables(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert ended.returncode == 0, f"{line}: {ended.stdout}{ended.stderr}"
        return ended.stdout

    def starts(self, exports: str, line: str, until: ExitStack) -> None:
        """Start what goes on, in the background."""
        process = until.enter_context(
            subprocess.Popen(
                ["/bin/sh", "-c", f"{exports}\nexec {line} --port {self.port}"],
                cwd=self.home / "work",
                env=self.variables(),
            )
        )
        until.callback(process.terminate)
        wait_until(lambda: listens(self.port), "the hub listens")


def lines_of(block: str) -> Iterator[str]:
    """Give the commands of a block, without what is said behind them."""
    for line in block.splitlines():
        command = re.sub(r"\s+# .*$", "", line).strip()
        if command:
            yield command


def words_of(line: str) -> list[str]:
    """Give the words of a `bhr` command in a line of shell or in running text."""
    return re.sub(r"^.*?\bbhr ", "", line).split()


def test_the_commands_of_the_readme(tmp_path: Path) -> None:
    """Typed as they stand, one after another, on two machines, they end with a view of Havering."""
    port = free_port()
    operators = {name: Operator(tmp_path / name, port) for name in ("hub", "borough")}
    exports, marks, shown = "", dict[tuple[str, str], str](), ""
    (operators["borough"].home / "work" / "CIN_2024.xml").write_bytes(OF_2024)
    with ExitStack() as until:
        for name, block in zip(WHERE, OPERATING, strict=True):
            operator = operators[name]
            _by_post(operators, name)
            for line in lines_of(block):
                if line.startswith("export "):
                    exports = line
                elif line == LIVES_ON:
                    operator.starts(exports, line, until)
                else:
                    shown = operator.types(exports, _filled(line, marks, port))
                    marks |= {(name, one["purpose"]): one["mark"] for one in SHOWN.finditer(shown)}
                    if line.startswith("bhr views show"):
                        assert re.search(r"havering.* Neglect ", shown)


def _by_post(operators: Mapping[str, Operator], to: str) -> None:
    """Hand over what the README says that the other side was sent."""
    hub, borough = (operators[name].home for name in ("hub", "borough"))
    signed = [borough / "work" / name for name in ("agreement-signed.json", "warrant.json")]
    sent = {
        "hub": ([borough / ".bhr/boroughs/havering/public-keys.json", *signed], hub / "work"),
        "borough": ([hub / "work" / "token"], borough / "work"),
    }
    files, where = sent[to]
    for what in files:
        if what.exists():
            shutil.copy(what, where)


def _filled(line: str, marks: Mapping[tuple[str, str], str], port: int) -> str:
    """Put in what the README leaves open: the hub's address, and fingerprints read out."""
    line = line.replace("https://hub.example", f"http://127.0.0.1:{port}")
    if FINGERPRINT in line:
        whose, purpose = words_of(line)[-3:-1]
        mark = marks["hub", "hub-signing"] if whose == "bhr" else marks["borough", purpose]
        line = line.replace(FINGERPRINT, mark)
    return line


@pytest.mark.parametrize("door", re.findall(r"\bmake ([a-z]+)", MAKE))
def test_make_lists_the_doors_of_the_readme(door: str) -> None:
    """`make` alone lists every door that the README names, and each says what it is."""
    listed = subprocess.run(
        ["/usr/bin/env", "make", "--no-print-directory"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.search(rf"^  make {door} +\w+", listed.stdout, re.MULTILINE)


def test_every_command_named_is_there() -> None:
    """No README speaks of a `bhr` command that has another name."""
    readmes = [path for path in ROOT.glob("*/README.md") if path.parent.name != ".venv"]
    texts = [README, *(path.read_text(encoding="utf-8") for path in readmes)]
    named = [line.split() for text in texts for line in SPOKEN.findall(text)]
    assert [words for words in named if not _is_there(words)] == []


def _is_there(words: Sequence[str]) -> bool:
    """Say whether the words begin with those of a command, or of a group of them."""
    command = get_command(app)
    for word in words:
        if not isinstance(command, TyperGroup):
            return True
        if word not in command.commands:
            return False
        command = command.commands[word]
    return True


OF_2024 = census(
    child(
        episode(
            assessment("16A", start="2023-05-02", authorised="2023-06-01"), referred="2023-05-01"
        )
    ),
    year=2024,
)
