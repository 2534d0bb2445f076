"""Commands that are loaded when they are asked for: each `bhr` imports what its own command needs.

Everything that the hub can do takes two seconds to import, and a borough that looks at its outbox
needs a fifth of it. Help of the whole command line loads all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module

import typer
from typer._click import Command  # Typer's own name for what a group holds is in no other place
from typer.core import TyperGroup
from typer.main import get_command, get_group

PLACES: Mapping[str, str] = {
    "keys": "keys:app",
    "ledger": "ledger:app",
    "trust": "trust:app",
    "token": "token:app",
    "schema": "schema:app",
    "views": "views:app",
    "witness": "witness:app",
    "audit": "audit:app",
    "sign": "sign:app",
    "decision": "decision:app",
    "returns": "returns:app",
    "erasure": "erasing:app",
    "right": "right:app",
    "receipt": "receipt:app",
    "release": "release:app",
    "borough": "borough:desk",
    "part": "borough:part",
    "outbox": "borough:outbox",
    "register": "reference:register",
    "withdraw": "borough:withdraw",
    "canary": "borough:canary",
    "signin": "signin:signin",
    "serve": "serve:serve",
    "project": "serve:project",
    "health": "health:health",
    "intake": "intake:app",
    "kafka": "intake:broker",
    "demo": "demo:demo",
}
"""By the first word of a command, in the order of the help: its file here, and its name there."""


def on_demand(top: typer.Typer) -> TyperGroup:
    """Give the top of the command line with every command below it; none is loaded yet."""
    group = get_group(top)
    group.params += get_command(top).params  # those that install completion
    group.commands = _OnDemand()
    return group


def load(name: str) -> Command:
    """Import a command, or a group of them."""
    module, _, attribute = PLACES[name].partition(":")
    found = getattr(import_module(f"adapters.command_line.{module}"), attribute)
    if isinstance(found, typer.Typer):
        group = get_group(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return get_command(alone)


class _OnDemand(MutableMapping[str, Command]):
    """The commands by their first word; those that nobody asked for are not loaded."""

    def __init__(self) -> None:
        self._loaded: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._loaded:
            self._loaded[name] = load(name)
        return self._loaded[name]

    def __setitem__(self, name: str, command: Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __len__(self) -> int:
        return len(PLACES)

    def __contains__(self, name: object) -> bool:
        return name in PLACES
