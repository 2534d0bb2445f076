"""Machines to run `bhr` on: each has a folder, a home in it, and processes that can be killed."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from adapters.command_line import main
from adapters.settings import HOME_VARIABLE, PASSPHRASE_VARIABLE

PATIENCE_S = 120.0
"""For anything that a loaded machine may take its time over."""
POLL_S = 0.02
BHR = Path(sys.executable).with_name("bhr")
_WARM = multiprocessing.get_context("forkserver")
_WARM.set_forkserver_preload(["tests.journeys.warmth"])
_OURS = re.compile(r"BHR_|COLUMNS$")
_COLUMNS = "200"
"""So that no table or sentence is broken in two."""


def wait_until(condition: Callable[[], bool], what: str, *, within_s: float = PATIENCE_S) -> None:
    """Ask again and again until it is so; fails, naming what was waited for, when time is up."""
    pause = threading.Event()
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        pause.wait(POLL_S)


def free_port() -> int:
    """Give a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Say whether somebody listens on a port of this machine."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    def said(self) -> str:
        """Give everything that it said."""
        return self.out + self.err


@dataclass(frozen=True, slots=True)
class Running:
    """A process that goes on until it is stopped or killed."""

    process: ForkServerProcess
    log: Path

    def alive(self) -> bool:
        """Say whether it runs still."""
        return self.process.is_alive()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.join(PATIENCE_S)

    def stop(self, within_s: float = PATIENCE_S) -> int | None:
        """Ask it to stop (SIGTERM); gives its exit status, None when it would not in time."""
        self.process.terminate()
        self.process.join(within_s)
        return self.process.exitcode

    def said(self) -> str:
        """Give everything that it said so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class Machine:
    """One body's machine: the folder of its homes (its `BHR_HOME`) and its passphrase."""

    folder: Path
    passphrase: str
    patience_s: float = PATIENCE_S
    """How long a command may take."""

    def environment(self) -> dict[str, str]:
        """Give the variables that a command of this machine sees, beside those of the test run."""
        return {
            HOME_VARIABLE: str(self.folder),
            PASSPHRASE_VARIABLE: self.passphrase,
            "COLUMNS": _COLUMNS,
        }

    def run(self, *arguments: object, **environment: str) -> Ended:
        """Run a `bhr` command to its end; further variables by name."""
        out, err = self._new_log("out"), self._new_log("err")
        process = self._process(arguments, environment, (out, err), daemon=False)
        process.join(self.patience_s)
        if process.exitcode is None:
            process.kill()
        assert process.exitcode is not None, f"bhr {arguments[0]} did not end"
        return Ended(process.exitcode, out.read_text("utf-8"), err.read_text("utf-8"))

    def start(self, *arguments: object, **environment: str) -> Running:
        """Start a `bhr` command that goes on."""
        log = self._new_log("log")
        return Running(self._process(arguments, environment, (log, log), daemon=True), log)

    def play(self, part: Callable[..., None], *arguments: object, daemon: bool = True) -> Running:
        """Start a function as a process of this machine, from the top level of a module.

        A daemon ends with the tests, and may start no process of its own.
        """
        log = self._new_log("log")
        process = _WARM.Process(
            target=_played, args=(part, arguments, self.environment(), log), daemon=daemon
        )
        process.start()
        return Running(process, log)

    def _process(
        self,
        arguments: tuple[object, ...],
        environment: Mapping[str, str],
        said: tuple[Path, Path],
        *,
        daemon: bool,
    ) -> ForkServerProcess:
        """Start a command; a daemon ends with the tests, and may start no process of its own."""
        variables = {**self.environment(), **environment}
        words = [str(argument) for argument in arguments]
        process = _WARM.Process(target=_commanded, args=(words, variables, *said), daemon=daemon)
        process.start()
        return process

    def _new_log(self, kind: str) -> Path:
        logs = self.folder.with_name(f"{self.folder.name}-said")
        logs.mkdir(parents=True, exist_ok=True)
        path = logs / f"{len(list(logs.iterdir())):05}.{kind}"
        path.touch()
        return path


def _commanded(words: list[str], variables: dict[str, str], out: Path, err: Path) -> None:
    _take_over(variables, out, err)
    sys.argv = ["bhr", *words]
    main.run()


def _played(
    part: Callable[..., None], arguments: tuple[object, ...], variables: dict[str, str], log: Path
) -> None:
    _take_over(variables, log, log)
    part(*arguments)


def _take_over(variables: dict[str, str], out: Path, err: Path) -> None:
    """Be a process of a machine: its variables and no others of ours, its output into files."""
    for name in [name for name in os.environ if _OURS.match(name)]:
        del os.environ[name]
    os.environ.update(variables)
    for number, path in ((1, out), (2, err)):
        handle = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.dup2(handle, number)
        os.close(handle)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)


@contextlib.contextmanager
def cold(machine: Machine, *arguments: object, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the installed `bhr` itself, as an operator would, and stop it afterwards."""
    variables = {name: value for name, value in os.environ.items() if not _OURS.match(name)}
    with (
        log.open("ab") as said,
        subprocess.Popen(
            [BHR, *map(str, arguments)],
            env={**variables, **machine.environment()},
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
