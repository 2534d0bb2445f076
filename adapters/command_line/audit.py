"""`bhr audit`: replay, compare and look back, over files that are opened for reading alone.

Exit status: 0 nothing differs, 1 something differs, 2 refused or not to be opened.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly.audit import AuditRoom, Replayed, open_audit, replayed
from adapters.command_line import audit_tables as tables
from adapters.settings import HubHome
from domain.canonical import JsonValue, canonical
from domain.values import to_bytes
from services.audit.access import accesses
from services.audit.asking import FACTORS, answers
from services.audit.comparing import against_live, causes, compare
from services.audit.history import Unopened, history
from services.audit.replaying import Moment, moment_of
from services.filters import as_of_ms

app = typer.Typer(
    no_args_is_help=True,
    help="Replay and look back, from a live hub or a copy of it; nothing is written there.",
)
EXIT_DIFFERS = 1
POSITION = re.compile(r"([a-z][a-z0-9-]{0,62})=([0-9]{1,15})\Z")
EVENT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")

Home = Annotated[
    Path | None, typer.Option(help="the hub's home or a copy of it; BHR_HOME's when left out")
]
AsOf = Annotated[str | None, typer.Option(help="a recorded date or instant; now when left out")]
Theme = Annotated[
    list[str] | None, typer.Option(help="a theme's code, or factors; all when left out")
]
Positions = Annotated[
    str | None, typer.Option(help="ledger=n,…: as of these in place of the date's own")
]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document in place of tables")]


@app.command()
def replay(
    *,
    as_of: AsOf = None,
    theme: Theme = None,
    positions: Positions = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Fold the ledgers again as of a date, show the themes, and compare with the live views."""
    given = _given(positions)
    with (
        open_audit(_home(home), settings.passphrase()) as room,
        tables.progress() as tell,
        replayed(room, _moment(room, as_of, given), tell) as found,
    ):
        given_again = answers(found.querying, theme or _codes(found))
        comparison = against_live(found.store, room.live(), found.moment.sizes)
        if as_json:
            document: dict[str, JsonValue] = {
                "comparison": tables.compared(comparison),
                "positions": dict(found.moment.sizes),
                "views": {code: dict(answer) for code, answer in given_again.items()},
            }
            sys.stdout.write(canonical(document).decode() + "\n")
        else:
            tables.show_answers(given_again)
            tables.show_moment(found.moment)
            tables.show_comparison(comparison)
    if comparison.differing:
        raise typer.Exit(EXIT_DIFFERS)


@app.command()
def diff(
    then: Annotated[str, typer.Argument(help="the earlier recorded date or instant")],
    now: Annotated[str, typer.Argument(help="the later one")],
    *,
    theme: Theme = None,
    home: Home = None,
) -> None:
    """Show which lines of the themes moved between two dates, and why."""
    earlier, later = _recorded(then), _recorded(now)
    if later < earlier:
        raise typer.BadParameter("the later date comes second")
    with (
        open_audit(_home(home), settings.passphrase()) as room,
        tables.progress() as tell,
        replayed(room, moment_of(room.ledgers, later, {}), tell) as found,
    ):
        before = moment_of(room.ledgers, earlier, {}).sizes
        answers(found.querying, theme or _codes(found))
        comparison = compare(found.store, found.store.store, before)
        why = causes(found.store, before, found.moment.sizes)
        tables.show_movement(comparison, why)
    if comparison.differing:
        raise typer.Exit(EXIT_DIFFERS)


@app.command("history")
def show_history(
    what: Annotated[str, typer.Argument(help="a stream's or subject's pseudonym, or an event id")],
    *,
    home: Home = None,
) -> None:
    """Show the entries of a stream, a subject or an event, in order; never what they say."""
    if not (EVENT.match(what) or _is_pseudonym(what)):
        raise typer.BadParameter("neither an event id nor a pseudonym")
    with open_audit(_home(home), settings.passphrase()) as room, tables.progress() as tell:
        found = list(history(room.ledgers, room.openings, what, tell))
    tables.show_history([one for one in found if not isinstance(one, Unopened)])
    _say_unopened([one for one in found if isinstance(one, Unopened)])


@app.command()
def access(
    *,
    borough: Annotated[
        str | None, typer.Option(help="what of this borough's was looked at")
    ] = None,
    home: Home = None,
) -> None:
    """Show who read views, fetched parts and was given openings, from the ledgers themselves."""
    with open_audit(_home(home), settings.passphrase()) as room, tables.progress() as tell:
        ledger = None if borough is None else room.ledger_of(borough, _recorded(None))
        found = list(accesses(room.ledgers, room.openings, tell))
    looks = [one for one in found if not isinstance(one, Unopened)]
    tables.show_accesses([one for one in looks if ledger is None or ledger in one.concerned])
    _say_unopened([one for one in found if isinstance(one, Unopened)])


def _home(folder: Path | None) -> HubHome:
    return settings.hub_home() if folder is None else HubHome(folder)


def _moment(room: AuditRoom, as_of: str | None, given: Mapping[str, int]) -> Moment:
    """Give what is asked for; where nothing is, how far the live views have come by now."""
    positions = given if as_of or given else room.folded()
    return moment_of(room.ledgers, _recorded(as_of), positions)


def _recorded(text: str | None) -> int:
    if text is None:
        return time.time_ns() // 1_000_000
    try:
        return as_of_ms(text)
    except ValueError:
        raise typer.BadParameter("neither a date (YYYY-MM-DD) nor an instant") from None


def _given(text: str | None) -> dict[str, int]:
    found = [POSITION.match(one) for one in text.split(",")] if text else []
    if not all(found):
        raise typer.BadParameter("positions are given as ledger=n,…")
    return {one[1]: int(one[2]) for one in found if one}


def _is_pseudonym(text: str) -> bool:
    try:
        return len(to_bytes(text)) == 32  # noqa: PLR2004 - bytes of a pseudonym
    except ValueError:
        return False


def _codes(found: Replayed) -> Sequence[str]:
    return [FACTORS, *(theme.code for theme in found.registry.mapping()[0].themes)]


def _say_unopened(unopened: Sequence[Unopened]) -> None:
    for one in unopened:
        typer.echo(f"does not open: {one.ledger} {one.position}", err=True)
