"""A check that cannot fail keeps nothing: each is shown a tree with one fault, and must name it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import test_architecture, test_house_rules

ROOT = Path(__file__).parent.parent
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"

# A house in small that breaks no rule, with one file of each sort.
HOUSE = {
    "domain/__init__.py": "",
    "domain/events.py": "import json\nimport pydantic\n",
    "domain/times.py": "from datetime import datetime\n\nfrom domain import events\n",
    "projections/__init__.py": "",
    "projections/factors.py": "from domain.events import json\n",
    "services/__init__.py": "",
    "services/publishing.py": "import logging\n\nfrom projections import factors\n",
    "adapters/__init__.py": "",
    "adapters/assembly/hub.py": "import adapters.keys.keyring\nimport adapters.ledger.store\n",
    "adapters/client/__init__.py": "",
    "adapters/http/__init__.py": "",
    "adapters/http/api.py": "import fastapi\nimport pydantic\nimport starlette.requests\n",
    "adapters/identity/__init__.py": "",
    "adapters/kafka/__init__.py": "",
    "adapters/keys/__init__.py": "",
    "adapters/keys/keyring.py": "import cryptography.fernet\n\nfrom adapters.keys import wrap\n",
    "adapters/keys/wrap.py": "import cryptography\n",
    "adapters/ledger/__init__.py": "",
    "adapters/ledger/store.py": "import sqlite3\n\nimport eventsourcing.sqlite\n",
    "adapters/backups/__init__.py": "",
    "adapters/suppression/__init__.py": "",
    "adapters/telemetry/__init__.py": "",
    "adapters/views/__init__.py": "",
    "adapters/witnesses/__init__.py": "",
    "tests/__init__.py": "",
    "tests/test_events.py": "import sqlite3  # noqa: F401 - a reason\n",
    "Dockerfile": "",
    "Procfile": "",
    "Procfile.env": "",
    "docker-compose.yml": "",
    "README.md": "",
    "Makefile": "",
    "requirements.lock": "",
    "runtime.lock": "",
    ".gitignore": "",
}
CALLS_OPEN = "def read() -> None:\n    open('somewhere')\n"
LONG_FUNCTION = "def long() -> None:\n" + 40 * "    print()\n"
FITTING_FUNCTION = 'def fits() -> None:\n    """Say.\n\n    More.\n    """\n' + 39 * "    print()\n"
SILENCED = "import os  # no" + "qa: F401\n"
SLEEPY = "import time\n\ntime.sleep(1)\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Build the small house, under the settings of the real one."""
    for name, text in HOUSE.items():
        plant(tmp_path, name, text)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(tree: Path, name: str, text: str) -> None:
    """Write one file into the tree."""
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def findings_of(tree: Path) -> dict[str, list[str]]:
    """Run every check over the tree; keep those that found something, by their names."""
    checks = (*test_architecture.CHECKS, *test_house_rules.CHECKS)
    return {check.__name__: found for check in checks if (found := check(tree))}


def test_sound_house_passes(house: Path) -> None:
    """No check complains about what is allowed, or no finding below would mean a thing."""
    plant(house, "domain/fits.py", FITTING_FUNCTION.replace("print()", "repr(1)"))
    assert findings_of(house) == {}


@pytest.mark.parametrize(
    ("name", "text", "check", "finding"),
    [
        ("domain/a.py", "import services", "wrong_layers", "domain.a: imports services,"),
        (
            "services/a.py",
            "import adapters.http",
            "wrong_layers",
            "services.a: imports adapters.http",
        ),
        ("domain/a.py", "import requests", "outside_imports", "domain.a: imports requests,"),
        ("services/a.py", "import pydantic", "outside_imports", "services.a: imports pydantic,"),
        ("adapters/a.py", "import sqlite3", "outside_imports", "adapters.a: imports sqlite3,"),
        (
            "adapters/http/a.py",
            "import httpx2",
            "outside_imports",
            "adapters.http.a: imports httpx2",
        ),
        (
            "adapters/http/a.py",
            "import pyexpat",
            "outside_imports",
            "adapters.http.a: imports xml,",
        ),
        (
            "adapters/keys/a.py",
            "import sqlite3\nfrom cryptography import x509",
            "crowded_adapters",
            "adapters.keys.a: knows more than one library",
        ),
        ("domain/a.py", "import os", "impure_stdlib", "domain.a: imports os,"),
        ("domain/a.py", "from time import time", "impure_stdlib", "domain.a: imports time.time,"),
        ("projections/a.py", "import random", "impure_stdlib", "projections.a: imports random,"),
        (
            "services/a.py",
            "import urllib.request",
            "impure_stdlib",
            "services.a: imports urllib.req",
        ),
        ("services/a.py", CALLS_OPEN, "impure_calls", "services.a: calls open,"),
        (
            "domain/a.py",
            "import datetime as dt\ndt.datetime.now(dt.UTC)",
            "impure_calls",
            "domain.a: calls now,",
        ),
        ("domain/a.py", "from uuid import uuid4", "impure_calls", "domain.a: calls uuid4,"),
        ("domain/a.py", "from . import events", "relative_imports", "domain.a: imports .events"),
        (
            "adapters/http/a.py",
            "from adapters.ledger import store",
            "concrete_adapters_named",
            "adapters.http.a: names adapters.ledger,",
        ),
        (
            "adapters/ledger/a.py",
            "from adapters import keys",
            "concrete_adapters_named",
            "adapters.ledger.a: names adapters.keys,",
        ),
        ("domain/events.py", "import domain.times", "cycles", "domain."),
        ("extras/a.py", "", "wrong_top_level", "extras: not of"),
        ("setup.py", "", "wrong_top_level", "setup.py: not of"),
        ("domain/json_utils.py", "", "empty_names", "domain/json_utils.py: the name says"),
        (
            "domain/common/__init__.py",
            "",
            "empty_names",
            "domain/common/__init__.py: the name says",
        ),
        ("adapters/a.py", LONG_FUNCTION, "long_functions", "adapters/a.py: long: 41 lines"),
        ("tests/a.py", 301 * "\n", "long_files", "tests/a.py: 301 lines"),
        ("adapters/a.py", SILENCED, "silenced_without_reason", "adapters/a.py:1"),
        ("tests/a.py", SLEEPY, "resting_tests", "tests/a.py:3: sleep"),
        (
            "tests/a.py",
            f"# {test_house_rules.NOT_OURS_TO_NAME[0]}",
            "strange_paths",
            "tests/a.py: nam",
        ),
    ],
)
def test_planted_violation_is_named(
    house: Path, name: str, text: str, check: str, finding: str
) -> None:
    """One fault of each kind is found by the check that is for it, at the place where it is."""
    plant(house, name, text)
    found = findings_of(house)
    assert list(found) == [check]
    assert found[check][0].startswith(finding)


def test_missing_folder_is_named(house: Path) -> None:
    """A folder of the fixed top level that is gone is missed."""
    shutil.rmtree(house / "projections")
    assert "projections: missing from the fixed top level" in test_architecture.wrong_top_level(
        house
    )


def lint_imports(tree: Path) -> tuple[int, str]:
    """Run import-linter as `make architecture` does; give its status and its words."""
    command = [sys.executable, "-c", LINT_IMPORTS, "--no-cache"]
    ran = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout


def test_import_linter_passes_a_sound_house(house: Path) -> None:
    """The contracts of pyproject.toml keep nothing that is allowed."""
    status, words = lint_imports(house)
    assert status == 0, words
    assert " 0 broken" in words


@pytest.mark.parametrize(
    ("name", "text", "contract"),
    [
        ("domain/a.py", "import services", "adapters, services, projections, domain"),
        ("services/a.py", "import cryptography", "know no outside library BROKEN"),
        ("adapters/http/a.py", "import adapters.ledger.store", "names a concrete adapter BROKEN"),
        ("adapters/http/a.py", "import eventsourcing", "know the eventsourcing library BROKEN"),
        ("domain/events.py", "import domain.times", "no cycles BROKEN"),
    ],
)
def test_import_linter_names_a_planted_violation(
    house: Path, name: str, text: str, contract: str
) -> None:
    """Each contract is broken by the fault that it is for."""
    plant(house, name, text)
    status, words = lint_imports(house)
    assert status == 1, words
    assert contract in words
    assert " 1 broken" in words
