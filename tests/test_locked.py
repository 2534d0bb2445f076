"""The lock says what is installed, byte for byte, and not from where."""

import json
import re
import tomllib
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "adapters" / "pages"
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
RUNTIME_LOCK = (ROOT / "runtime.lock").read_text(encoding="utf-8")
NODE_LOCK = (PAGES / "node.lock").read_text(encoding="utf-8")
VERIFIERS = ROOT / "tests" / "verifiers"
GO_LOCK = (VERIFIERS / "go.lock").read_text(encoding="utf-8")
VERIFIERS_LOCK = (VERIFIERS / "verifiers.lock").read_text(encoding="utf-8")

HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
GOOD = "one==1.0 \\\n    --hash=sha256:" + 64 * "0" + "\n"


def entries(lock: str) -> list[str]:
    """Give the lock's entries, each with its continued lines joined."""
    lines = lock.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def fault_of(entry: str) -> str | None:
    """Say what is wrong with one entry: it must be a name, one version and hashes alone."""
    hashes = HASH.findall(entry)
    try:
        requirement = Requirement(HASH.sub("", entry).strip())
    except InvalidRequirement:
        return "not a name and a version"
    if requirement.url or "//" in entry:
        return "an address"
    if [clause.operator for clause in requirement.specifier] != ["=="]:
        return "not one version"
    return None if hashes else "no hash"


def versions(lock: str) -> Mapping[str, Version]:
    """Give the version locked for each package."""
    locked = [Requirement(HASH.sub("", entry).strip()) for entry in entries(lock)]
    return {
        canonicalize_name(one.name): Version(str(one.specifier).removeprefix("=="))
        for one in locked
    }


def declared() -> list[Requirement]:
    """Give everything pyproject.toml asks for: to build, to run and to develop."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = settings["build-system"]["requires"] + settings["project"]["dependencies"]
    return [Requirement(line) for line in asked + settings["dependency-groups"]["dev"]]


@pytest.mark.parametrize(
    "lock",
    [LOCK, RUNTIME_LOCK, NODE_LOCK, GO_LOCK, VERIFIERS_LOCK],
    ids=["ours", "runtime", "node", "go", "verifiers"],
)
def test_every_entry_is_a_name_a_version_and_hashes(lock: str) -> None:
    """Nothing is installed that is not named, pinned and hashed, and no address is kept."""
    assert entries(lock)
    assert [entry for entry in entries(lock) if fault_of(entry)] == []
    assert "://" not in lock


def test_what_npm_fetches_is_pinned_and_hashed() -> None:
    """The pages' assets come from one package, in one version, by its digest, from no address."""
    text = (PAGES / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert set(packages) == {"", "node_modules/govuk-frontend"}
    fetched = packages["node_modules/govuk-frontend"]
    assert fetched["integrity"].startswith("sha512-")
    assert "://" not in text
    asked = json.loads((PAGES / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert asked == {"govuk-frontend": fetched["version"]}


def test_every_go_program_is_pinned_by_what_it_is_made_of() -> None:
    """Each program has one version, and each module in it the digest that it must have."""
    programs = [line.split() for line in (VERIFIERS / "go.programs").read_text().splitlines()]
    made_of = [line.split() for line in (VERIFIERS / "go.sums").read_text().splitlines()]
    fetched = {path.rpartition("/")[2] for path, _ in programs}
    ours = {module.parent.name for module in VERIFIERS.glob("*/go.mod")}
    assert fetched | ours == {name for name, *_ in made_of}
    assert [version for _, version in programs if not version.startswith("v")] == []
    assert [one for one in made_of if len(one) != 4 or not one[3].startswith("h1:")] == []


def test_macros_and_style_are_of_one_version() -> None:
    """The macros' package says which govuk-frontend it follows: that one is fetched."""
    said = distribution("govuk-frontend-jinja").read_text("METADATA") or ""
    packages = json.loads((PAGES / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    fetched = packages["node_modules/govuk-frontend"]["version"]
    assert f"v{fetched}" in said


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_every_dependency_is_locked(requirement: Requirement) -> None:
    """What pyproject.toml asks for is in the lock, in a version that it allows."""
    locked = versions(LOCK).get(canonicalize_name(requirement.name))
    assert locked is not None
    assert locked in requirement.specifier


def test_the_image_has_what_runs_and_nothing_that_develops() -> None:
    """Its lock is a part of ours, version by version, without what only developers ask for."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = settings["dependency-groups"]
    runs, develops = (
        {canonicalize_name(Requirement(line).name) for line in lines}
        for lines in (settings["project"]["dependencies"] + groups["image"], groups["dev"])
    )
    ours, image = versions(LOCK), versions(RUNTIME_LOCK)
    assert image.items() <= ours.items()
    assert runs <= set(image)
    assert set(image) & develops <= runs


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (GOOD, None),
        ("one==1.0", "no hash"),
        (GOOD.replace("==", ">="), "not one version"),
        (GOOD.replace("==1.0", ""), "not one version"),
        (GOOD.replace("==1.0", " @ https://example.org/one.whl"), "an address"),
        ("--index-url https://example.org/simple", "not a name and a version"),
        ("-e .", "not a name and a version"),
        ("./one.whl", "not a name and a version"),
    ],
)
def test_planted_fault_is_found(entry: str, fault: str | None) -> None:
    """An address, an open version or a missing hash in the lock is seen."""
    assert [fault_of(line) for line in entries(entry)] == [fault]
