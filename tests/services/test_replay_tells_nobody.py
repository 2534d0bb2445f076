"""Folding, rebuilding and replaying tell nobody anything: they have nothing to tell by."""

from functools import cache
from pathlib import Path

import pytest

from tests.test_architecture import ROOT, imports_of, modules_of, within

WITHOUT = ("rebuilding", "replaying", "verifying", "folding", "audit", "restoring", "hub")
"""What is put together without an outbox."""
TELLS = ("adapters.kafka", "adapters.assembly.outbox", "services.outbox", "services.telling")


MODULES = modules_of(ROOT)


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Give what a file imports, read once for all of these."""
    return tuple(imports_of(path))


def within_reach(begin: str) -> set[str]:
    """Give every module of ours that one imports, at once or later, itself or through others."""
    found, waiting = {begin}, [begin]
    while waiting:
        for name in imported(MODULES[waiting.pop()]):
            module = name if name in MODULES else name.rpartition(".")[0]
            if module in MODULES and module not in found:
                found.add(module)
                waiting.append(module)
    return found


def telling(reached: set[str]) -> set[str]:
    """Give those of some modules that could tell anybody anything."""
    return {one for one in reached for prefix in TELLS if within(one, prefix)}


@pytest.mark.parametrize("name", WITHOUT)
def test_nothing_that_tells_is_within_reach(name: str) -> None:
    """Whatever imports these ever run, none is of an outbox or of Kafka."""
    reached = within_reach(f"adapters.assembly.{name}")
    assert len(reached) > 20
    assert telling(reached) == set()


def test_the_outbox_itself_is_found() -> None:
    """What is looked for is there, where it belongs."""
    reached = within_reach("adapters.assembly.outbox")
    assert {"services.outbox", "services.telling", "adapters.kafka.outgoing"} <= telling(reached)
