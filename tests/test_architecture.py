"""The folder tree is the architecture: every import below is allowed on purpose.

Each check takes a tree and answers with findings, sentences that begin with the module at fault;
tests/test_planted_violations.py proves on planted trees that each finds what it is for.
"""

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

BELOW = {
    "domain": {"domain"},
    "projections": {"projections", "domain"},
    "services": {"services", "projections", "domain"},
    "adapters": {"adapters", "services", "projections", "domain"},
}


def words(text: str) -> frozenset[str]:
    """Read a row: names with spaces between."""
    return frozenset(text.split())


# --- THE TABLE: what may be imported from outside, by module prefix -------------------------------
# The longest prefix that fits wins, so a new file in a listed package needs no row of its own. A
# new outside library gets a row for the one package or file that wraps it. Of the standard library
# `sqlite3` and `xml` count as outside libraries, since each is a door to the world.
MAY_IMPORT: Mapping[str, frozenset[str]] = {
    "domain": words("pydantic"),
    "projections": words(""),
    "services": words(""),
    "adapters": words(""),
    "adapters.backups": words("sqlite3"),
    "adapters.client": words("sqlite3"),
    "adapters.client.http_hub": words("httpx2"),
    "adapters.assembly.pages": words("starlette"),
    "adapters.assembly.witnesses": words("starlette"),
    "adapters.command_line": words("typer rich"),
    "adapters.command_line.serve": words("typer rich uvicorn"),
    "adapters.http": words("fastapi starlette"),
    "adapters.http.server": words("uvicorn"),
    "adapters.identity": words("joserfc"),
    "adapters.kafka": words("kafka"),
    "adapters.keys": words("cryptography psycopg sqlite3"),
    "adapters.keys.pkcs11_token": words("pkcs11"),
    "adapters.keys.transit": words("httpx2"),
    "adapters.ledger": words("eventsourcing psycopg sqlite3"),
    "adapters.pages": words("fastapi starlette"),
    "adapters.pages.rendering": words("jinja2"),
    "adapters.postgres_connections": words("psycopg"),
    "adapters.postgres_pool": words("psycopg"),
    "adapters.returns": words("xml"),
    "adapters.suppression": words("scipy"),
    "adapters.telemetry.metrics": words("prometheus_client"),
    "adapters.telemetry.tracing": words("opentelemetry"),
    "adapters.telemetry.webhook": words("httpx2"),
    "adapters.views": words("psycopg sqlite3"),
    "adapters.views.traits": words("cryptography"),
    "adapters.witnesses": words("sqlite3"),
    "adapters.witnesses.application": words("starlette"),
    "adapters.witnesses.http_witness": words("httpx2"),
}

# One outside library per adapter file. These come as one: the left is part of the right.
PART_OF = {
    "psycopg": "eventsourcing",
    "rich": "typer",
    "sqlite3": "eventsourcing",
    "starlette": "fastapi",
}
IN_EVERY_ADAPTER = {"pydantic"}  # the domain's own: its models are read and written at every edge

# Only the assembly names these; they may name themselves within their own package.
ASSEMBLY = "adapters.assembly"
_DRIVEN = "backups client identity kafka keys ledger suppression telemetry views witnesses"
DRIVEN = {f"adapters.{name}" for name in words(_DRIVEN)}

# The standard library that computes and does nothing else: all that domain and projections get.
# `zoneinfo` reads a table of the world that is as fixed as the calendar.
PURE = words("""
    __future__ abc base64 binascii bisect calendar collections contextlib copy dataclasses datetime
    decimal enum fractions functools graphlib hashlib heapq hmac ipaddress itertools json keyword
    math numbers operator re statistics string struct textwrap types typing unicodedata urllib.parse
    uuid zlib zoneinfo
""")
# The standard library that reaches the world: services have ports for that.
REACHING_OUT = words("""
    _sqlite3 ctypes dbm fcntl fileinput ftplib glob http imaplib importlib mmap multiprocessing os
    pathlib poplib pty pyexpat select selectors shelve shutil signal smtplib socket socketserver
    sqlite3 ssl subprocess tempfile urllib webbrowser xml xmlrpc
""")
STDLIB_DOORS = {"_sqlite3": "sqlite3", "pyexpat": "xml", "sqlite3": "sqlite3", "xml": "xml"}

# What needs no import to be impure: by layer, the name and what it is taken from.
DOING_THINGS = {"": {"__import__", "breakpoint", "eval", "exec", "input", "open", "print"}}
CLOCKS_AND_CHANCE = {
    "date": {"today"},
    "datetime": {"now", "today", "utcnow"},
    "uuid": {"uuid1", "uuid4"},
}
IMPURE_IN: Mapping[str, Mapping[str, set[str]]] = {
    "domain": DOING_THINGS | CLOCKS_AND_CHANCE,
    "projections": DOING_THINGS | CLOCKS_AND_CHANCE,
    "services": DOING_THINGS,
}

FOLDERS = {"domain", "adapters", "services", "projections", "tests"}
FILES = words(
    "Dockerfile Makefile Procfile Procfile.env README.md docker-compose.yml pyproject.toml"
    " requirements.lock runtime.lock"
)
LEFT_BEHIND = {"build", "dist", "__pycache__", "bhr_hub.egg-info"}  # by installing


def modules_of(tree: Path) -> dict[str, Path]:
    """Name every module of the four folders, with its file."""
    found = {}
    for layer in BELOW:
        for path in sorted((tree / layer).rglob("*.py")):
            parts = path.relative_to(tree).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(path: Path) -> Iterator[str]:
    """Give each imported name in full: `from a import b` is `a.b`, a relative one has its dots."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (f"{node.module}." if node.module else "")
            yield from (f"{origin}{alias.name}" for alias in node.names)


def imports_in(tree: Path) -> Iterator[tuple[str, str]]:
    """Pair every module of the tree with each name it imports absolutely."""
    for module, path in modules_of(tree).items():
        yield from ((module, name) for name in imports_of(path) if not name.startswith("."))


def within(name: str, prefix: str) -> bool:
    """Say whether a dotted name is the prefix or lies below it."""
    return name == prefix or name.startswith(f"{prefix}.")


def listed(name: str, names: frozenset[str]) -> bool:
    """Say whether the name, or a package it lies in, is one of those listed."""
    return any(within(name, one) for one in names)


def outside_library(name: str) -> str | None:
    """Name the outside library an import reaches, or nothing for the house and plain stdlib."""
    root = name.split(".", maxsplit=1)[0]
    if root in STDLIB_DOORS:
        return STDLIB_DOORS[root]
    return None if root in BELOW or root in sys.stdlib_module_names else root


def wrong_layers(tree: Path) -> list[str]:
    """Find imports that do not point downwards: adapters, services, projections, domain."""
    return [
        f"{module}: imports {name}, which is above it"
        for module, name in imports_in(tree)
        if (root := name.split(".")[0]) in BELOW and root not in BELOW[module.split(".")[0]]
    ]


def outside_imports(tree: Path) -> list[str]:
    """Find outside libraries that the module's row of the table does not allow."""
    findings = []
    for module, name in imports_in(tree):
        row = max((prefix for prefix in MAY_IMPORT if within(module, prefix)), key=len)
        allowed = MAY_IMPORT[row] | (IN_EVERY_ADAPTER if within(row, "adapters") else set())
        library = outside_library(name)
        if library is not None and library not in allowed:
            findings.append(f"{module}: imports {library}, which the row {row} does not allow")
    return findings


def crowded_adapters(tree: Path) -> list[str]:
    """Find adapter files that know more than one outside library."""
    findings = []
    for module, path in modules_of(tree).items():
        reached = {library for name in imports_of(path) if (library := outside_library(name))}
        libraries = {PART_OF.get(library, library) for library in reached - IN_EVERY_ADAPTER}
        if within(module, "adapters") and len(libraries) > 1:
            findings.append(f"{module}: knows more than one library: {sorted(libraries)}")
    return findings


def impure_stdlib(tree: Path) -> list[str]:
    """Find the world reached through the standard library, below the adapters."""
    findings = []
    for module, name in imports_in(tree):
        layer, root = module.split(".")[0], name.split(".")[0]
        if layer == "adapters" or root not in sys.stdlib_module_names or listed(name, PURE):
            continue
        if layer != "services" or listed(name, REACHING_OUT):
            findings.append(f"{module}: imports {name}, which is not for {layer}")
    return findings


def names_used(path: Path) -> Iterator[tuple[str, str]]:
    """Pair each attribute and each imported name with what it is taken from: `uuid`, `uuid4`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield "", node.func.id
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node.value).rpartition(".")[2], node.attr
    for name in imports_of(path):
        owner, _, attribute = name.rpartition(".")
        yield owner, attribute


def impure_calls(tree: Path) -> list[str]:
    """Find input, output, clocks and chance that need no forbidden import."""
    findings = []
    for module, path in modules_of(tree).items():
        layer = module.split(".")[0]
        for owner, name in names_used(path):
            if name in IMPURE_IN.get(layer, {}).get(owner, ()):
                findings.append(f"{module}: calls {name}, which is not for {layer}")
    return findings


def relative_imports(tree: Path) -> list[str]:
    """Find imports that hide the layer they reach for."""
    return [
        f"{module}: imports {name} relatively"
        for module, path in modules_of(tree).items()
        for name in imports_of(path)
        if name.startswith(".")
    ]


def concrete_adapters_named(tree: Path) -> list[str]:
    """Find concrete adapters named by another than the assembly and their own package."""
    return [
        f"{module}: names {package}, which only {ASSEMBLY} may"
        for module, name in imports_in(tree)
        for package in sorted(DRIVEN)
        if within(name, package) and not within(module, package) and not within(module, ASSEMBLY)
    ]


def cycles(tree: Path) -> list[str]:
    """Find modules that import each other, however long the way round."""
    modules = modules_of(tree)
    graph: dict[str, set[str]] = {module: set() for module in modules}
    for module, name in imports_in(tree):
        target = name if name in modules else name.rpartition(".")[0]
        if target in modules and target != module:
            graph[module].add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" -> ".join(reversed(error.args[1])) + ": a cycle"]
    return []


def wrong_top_level(tree: Path) -> list[str]:
    """Find folders and files that the fixed top level does not have, or lacks."""
    seen = {path.name for path in tree.iterdir() if not path.name.startswith(".")} - LEFT_BEHIND
    folders = {path.name for path in tree.iterdir() if path.is_dir()} & seen
    strange = (folders - FOLDERS) | (seen - folders - FILES)
    missing = (FOLDERS - folders) | (FILES - (seen - folders))
    return [f"{name}: not of the fixed top level" for name in sorted(strange)] + [
        f"{name}: missing from the fixed top level" for name in sorted(missing)
    ]


CHECKS: tuple[Callable[[Path], list[str]], ...] = (
    wrong_layers,
    outside_imports,
    crowded_adapters,
    impure_stdlib,
    impure_calls,
    relative_imports,
    concrete_adapters_named,
    cycles,
    wrong_top_level,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_architecture_holds(check: Callable[[Path], list[str]]) -> None:
    """The tree is the diagram: nothing in it points the wrong way or reaches too far."""
    assert check(ROOT) == []


def test_table_names_what_exists() -> None:
    """A row of the table whose package is gone would allow what nobody reads any more."""
    modules = modules_of(ROOT)
    assert [row for row in MAY_IMPORT if row not in modules] == []
