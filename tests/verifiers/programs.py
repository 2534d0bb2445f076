"""The programs that were not written here, as processes of a test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.journeys.machines import free_port, listens, wait_until
from tests.verifiers.long_log import ORIGIN, SIGNERS

ROOT = Path(sys.prefix) / "verifiers"
"""Where tests/verifiers/install puts them."""
PYTHON = ROOT / "python" / "bin" / "python"
LOG_KEY = SIGNERS[0].key.vkey()
"""The log's Ed25519 key: the one that both witnesses know how to read."""


def ran(*command: object, given: str = "", **environment: str) -> str:
    """Run a program to its end, which must be a good one; gives what it said."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, input=given, capture_output=True, text=True, check=False,
        env={**os.environ, **environment}, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, f"{words[0]}: {done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def running(folder: Path, *command: object, **environment: str) -> Iterator[Path]:
    """Run a program until it is no longer wanted; gives the file of what it says."""
    said = folder / f"{Path(str(command[0])).name}.log"
    with (
        said.open("wb") as log,
        subprocess.Popen(
            [str(word) for word in command], stdout=log, stderr=log,
            env={**os.environ, **environment},
        ) as process,
    ):  # fmt: skip
        try:
            yield said
        finally:
            process.terminate()
            process.wait(30)


def aics(folder: Path, *arguments: object) -> str:
    """Run a command of aics-witness over a configuration of its own."""
    return ran(PYTHON, "-m", "aics_witness", arguments[0], "-c", folder / "w.json", *arguments[1:])


@contextmanager
def aics_witness(folder: Path) -> Iterator[tuple[str, str]]:
    """Run aics-witness (Python) over the log; gives its key and its address."""
    folder.mkdir(exist_ok=True)
    if not (folder / "w.json").exists():
        aics(folder, "init", "--name", "redbridge.example/witness", "--listen", "127.0.0.1:1")
        aics(folder, "add-log", "--origin", ORIGIN, "--vkey", LOG_KEY)
    vkey = next(word for word in aics(folder, "status").split() if word.count("+") >= 2)
    port = free_port()
    serve = (PYTHON, "-m", "aics_witness", "serve", "-c", folder / "w.json")
    with running(folder, *serve, "--listen", f"127.0.0.1:{port}"):
        wait_until(lambda: listens(port), "aics-witness listens")
        yield vkey, f"http://127.0.0.1:{port}/"


@contextmanager
def litewitness(folder: Path) -> Iterator[tuple[str, str]]:
    """Run litewitness (Go) over the log as a deployment does; gives its key and its address."""
    folder.mkdir(exist_ok=True)
    port, script = free_port(), Path("adapters/witnesses/litewitness.sh").absolute()
    named = (script, folder / "own", "barking.example/witness")
    path = f"{ROOT / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    vkey = ran(*named, PATH=path).strip()
    logs = "".join(f"log {signer.key.vkey()}\n" for signer in SIGNERS)
    policy = folder / "policy"
    policy.write_text(f"{logs}witness barking {vkey} http://127.0.0.1:{port}\nquorum barking\n")
    with running(folder, *named, port, PATH=path, BHR_WITNESS_POLICY=str(policy)) as said:
        wait_until(lambda: listens(port), "litewitness listens")
        wait_until(lambda: "are entered" in said.read_text(), "the logs are entered")
        yield vkey, f"http://127.0.0.1:{port}/"
