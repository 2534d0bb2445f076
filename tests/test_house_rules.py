"""The rules of the house that no tool counts: lengths, names, reasons, and tests that may not rest.

Each check takes a tree and answers with findings, sentences that begin with the place at fault;
tests/test_planted_violations.py proves on planted trees that each finds what it is for.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("domain", "projections", "services", "adapters", "tests")

FUNCTION_LINES_MAX = 40  # without its docstring
FILE_LINES_MAX = 300

# A function (`folder/file.py: name`) or file that may be longer, with the reason. None is, now.
MAY_BE_LONGER: Mapping[str, str] = {}

NAMES_THAT_SAY_NOTHING = frozenset({"base", "common", "helper", "helpers", "manager", "misc"})
NAMES_THAT_SAY_NOTHING |= {"util", "utils"}

# `noqa: X123 - why` and `type: ignore[code]  # why`: the why is what is looked for.
SILENCER = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no\s*cover)(?P<rest>.*)$")
CODES = re.compile(r"^\s*(?::\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*|\[[a-z, -]+\])?")
REASON = re.compile(r"[a-z]{4,}", re.IGNORECASE)  # a word at least

RESTING = {"sleep", "skip", "skipif", "importorskip", "xfail"}
# Spelt apart, so that this file does not name them itself.
NOT_OURS_TO_NAME = tuple("/".join(parts) for parts in (("..", "shared"), ("", "work", "main")))


def python_files(tree: Path) -> Iterator[tuple[str, str]]:
    """Pair every Python file of the five folders with its text."""
    for folder in FOLDERS:
        for path in sorted((tree / folder).rglob("*.py")):
            yield path.relative_to(tree).as_posix(), path.read_text(encoding="utf-8")


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines from `def` to its end, its docstring left out."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def long_functions(tree: Path) -> list[str]:
    """Find functions that no longer fit on a screen."""
    return [
        f"{file}: {node.name}: {lines_of(node)} lines, {FUNCTION_LINES_MAX} at most"
        for file, text in python_files(tree)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and lines_of(node) > FUNCTION_LINES_MAX
        and f"{file}: {node.name}" not in MAY_BE_LONGER
    ]


def long_files(tree: Path) -> list[str]:
    """Find files that hold more than one subject, as length shows."""
    return [
        f"{file}: {length} lines, {FILE_LINES_MAX} at most"
        for file, text in python_files(tree)
        if (length := len(text.splitlines())) > FILE_LINES_MAX and file not in MAY_BE_LONGER
    ]


def empty_names(tree: Path) -> list[str]:
    """Find files and folders named for nothing in particular."""
    return [
        f"{file}: the name says nothing: {name}"
        for file, _ in python_files(tree)
        for name in sorted(set(re.split(r"[/_.]", file)) & NAMES_THAT_SAY_NOTHING)
    ]


def silenced_without_reason(tree: Path) -> list[str]:
    """Find checks switched off on a line that does not say why."""
    return [
        f"{file}:{number}: a check is silenced without a reason"
        for file, text in python_files(tree)
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := SILENCER.search(line)) and not REASON.search(CODES.sub("", found["rest"]))
    ]


def resting_tests(tree: Path) -> list[str]:
    """Find tests that sleep, skip or expect to fail."""
    return [
        f"{file}:{node.lineno}: {node.attr}"
        for file, text in python_files(tree)
        if file.startswith("tests/")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and node.attr in RESTING
    ]


def strange_paths(tree: Path) -> list[str]:
    """Find paths that only the machine of whoever wrote them has."""
    return [
        f"{file}: names {path}"
        for file, text in python_files(tree)
        for path in NOT_OURS_TO_NAME
        if path in text
    ]


CHECKS: tuple[Callable[[Path], list[str]], ...] = (
    long_functions,
    long_files,
    empty_names,
    silenced_without_reason,
    resting_tests,
    strange_paths,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_house_rules_hold(check: Callable[[Path], list[str]]) -> None:
    """What is agreed about length, names, reasons and tests is true of every file."""
    assert check(ROOT) == []


def test_exceptions_say_why() -> None:
    """A longer function or file is an exception only with a reason."""
    assert [name for name, why in MAY_BE_LONGER.items() if not REASON.search(why)] == []
