"""The README's commands are run as they stand there, by a shell, on two machines of their own."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.core import TyperGroup

from adapters.command_line.main import app
from adapters.command_line.on_demand import on_demand
from tests.adapters.returns.census import assessment, census, child, episode
from tests.journeys.machines import BHR, PATIENCE_S, free_port, listens, wait_until

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKE, *OPERATING = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
WHERE = ("hub", "borough", "hub", "borough", "hub", "borough", "hub", "hub, stopped")
"""On whose machine each block is run, in the README's order."""
FINGERPRINT = "FINGERPRINT"
WITNESS = "https://witness.example"
SHOWN = re.compile(r"^(?P<purpose>[a-z-]+) +(?P<mark>[A-Za-z0-9_-]{43})$", re.MULTILINE)
SPOKEN = re.compile(r"(?:^|`)bhr ([a-z]+(?:[ -][a-z]+)*)", re.MULTILINE)
LIVES_ON = ("bhr serve", "bhr witness serve")
WAITS_FOR_WITNESSES = "bhr receipt fetch"
NAMED = {
    "EVENT": ("bhr erasure request", re.compile(r"^([0-9a-f-]{36})$", re.MULTILINE)),
    "STATEMENT": ("bhr erasure status", re.compile(r"^  statement (\S{43}),", re.MULTILINE)),
}
"""What a command shows that a later one is given."""


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
        ended = self._typed(exports, line)
        assert ended.returncode == 0, f"{line}: {ended.stdout}{ended.stderr}"
        return ended.stdout

    def types_until_it_is_there(self, exports: str, line: str) -> str:
        """Type a line again and again, until what it asks for is there."""
        shown: list[str] = []

        def there() -> bool:
            ended = self._typed(exports, line)
            shown[:] = [ended.stdout]
            return ended.returncode == 0

        wait_until(there, line)
        return shown[0]

    def _typed(self, exports: str, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-c", f"{exports}\n{line}"],
            cwd=self.home / "work",
            env=self.variables(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def starts(self, exports: str, line: str, until: ExitStack) -> subprocess.Popen[bytes]:
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
        return process


def lines_of(block: str) -> Iterator[str]:
    """Give the commands of a block, without what is said behind them."""
    for line in block.splitlines():
        command = re.sub(r"\s+# .*$", "", line).strip()
        if command:
            yield command


def words_of(line: str) -> list[str]:
    """Give the words of a `bhr` command in a line of shell or in running text."""
    return re.sub(r"^.*?\bbhr ", "", line).split()


@dataclass
class Reader:
    """Whoever types the README's commands, and remembers what was shown."""

    operators: Mapping[str, Operator]
    until: ExitStack
    exports: dict[str, str] = field(default_factory=dict)
    marks: dict[tuple[str, str], str] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def reads(self, where: str, block: str) -> None:
        """Type a block on the machine that it is for."""
        name, _, stopped = where.partition(", ")
        if stopped:
            self.running[name].terminate()
            self.running[name].wait(PATIENCE_S)
        _by_post(self.operators, name)
        for line in lines_of(block):
            self._types(name, line)

    def _types(self, name: str, line: str) -> None:
        operator, exports = self.operators[name], self.exports.get(name, "")
        if line.startswith("export "):
            self.exports[name] = f"{exports}\n{line}"
        elif line in LIVES_ON:
            self.running[name] = operator.starts(exports, line, self.until)
        elif line.startswith(WAITS_FOR_WITNESSES):
            operator.types_until_it_is_there(exports, self._filled(line))
        else:
            self._remember(name, operator.types(exports, self._filled(line)), line)

    def _remember(self, name: str, shown: str, line: str) -> None:
        self.marks |= {(name, one["purpose"]): one["mark"] for one in SHOWN.finditer(shown)}
        for what, (beginning, pattern) in NAMED.items():
            if line.startswith(beginning) and (found := pattern.search(shown)):
                self.named[what] = found[1]
        for beginning, promised in PROMISED.items():
            if line.startswith(beginning):
                assert re.search(promised, shown), f"{line}: {shown}"

    def _filled(self, line: str) -> str:
        """Put in what the README leaves open: addresses, what was shown, what was read out."""
        for name, address in {"hub": "https://hub.example", "borough": WITNESS}.items():
            line = line.replace(address, f"http://127.0.0.1:{self.operators[name].port}")
        for what, shown in self.named.items():
            line = re.sub(rf"\b{what}\b", shown, line)
        if FINGERPRINT in line:
            whose, purpose = words_of(line)[-3:-1]
            asked = ("hub", "hub-signing") if whose == "bhr" else ("borough", purpose)
            line = line.replace(FINGERPRINT, self.marks[asked])
        return line


PROMISED = {
    "bhr views show": r"havering.* Neglect ",
    "bhr receipt verify": r"(?s)quorum +holds.*publisher +holds",
    "bhr ledger status": r"(?s)havering .*as the witnesses have seen it.* published, witnessed",
    "bhr erasure carry-out": r"^nothing is due$",
    "bhr audit verify --certify": r"views folded again and equal",
    "bhr audit verify --pack": r"cosignature quorum",
    "bhr keys restore": r"^restored",
}
"""By the beginning of a command, what is seen when it did what the README says that it does."""


def test_the_commands_of_the_readme(tmp_path: Path) -> None:
    """Typed as they stand on two machines they publish, show, prove, approve, back up, restore."""
    operators = {name: Operator(tmp_path / name, free_port()) for name in ("hub", "borough")}
    (operators["borough"].home / "work" / "CIN_2024.xml").write_bytes(OF_2024)
    with ExitStack() as until:
        reader = Reader(operators, until)
        for where, block in zip(WHERE, OPERATING, strict=True):
            reader.reads(where, block)
    assert set(reader.named) == set(NAMED)


def _by_post(operators: Mapping[str, Operator], to: str) -> None:
    """Hand over what the README says that the other side was sent."""
    hub, borough = (operators[name].home for name in ("hub", "borough"))
    signed = ("agreement-signed.json", "approval.json", "warrant.json", "witness-key")
    sent = {
        "hub": [
            borough / ".bhr/boroughs/havering/public-keys.json",
            *(borough / "work" / name for name in signed),
        ],
        "borough": [hub / "work/token", hub / "work/log-keys", hub / ".bhr/policy"],
    }
    for what in sent[to]:
        if what.exists():
            shutil.copy(what, operators[to].home / "work")


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
    command: object = on_demand(app)
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
