"""`bhr audit`: replay, compare and look back, over files that are opened for reading alone.

Exit status: 0 nothing differs, 1 something differs, 2 refused or not to be opened.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly.audit import AuditRoom, Opener, open_audit
from adapters.assembly.replaying import Replayed, replayed
from adapters.command_line import audit_tables as tables
from adapters.command_line import openings as handing_over
from adapters.command_line import verify
from adapters.command_line.asked import recorded_time
from adapters.command_line.audit_answers import replay_answer
from adapters.command_line.audit_erasures import show_erasure, write_erasure
from adapters.settings import HubHome
from domain.canonical import JsonValue, canonical
from domain.values import to_bytes
from services.audit.access import accesses
from services.audit.asking import answers
from services.audit.comparing import causes, compare, whole_against_live
from services.audit.erasures import erasures
from services.audit.history import Unopened, history
from services.audit.replaying import Moment, moment_of
from services.querying import FACTORS

app = typer.Typer(
    no_args_is_help=True,
    help="Verify, export, replay and look back, from a hub or a copy; nothing is written there.",
)
app.command("openings")(handing_over.openings)
app.command("verify")(verify.verify)
app.command("export")(verify.export)
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
Openings = Annotated[
    list[Path] | None,
    typer.Option(help="an openings pack in place of keys; one for each ledger"),
]
Answer = Annotated[
    Path | None,
    typer.Option(help="a stored answer, JSON or CSV: asked again as of what it was made from"),
]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document in place of tables")]


@app.command()
def replay(  # noqa: PLR0913 - as much as a person may want to say
    *,
    as_of: AsOf = None,
    theme: Theme = None,
    positions: Positions = None,
    home: Home = None,
    answer: Answer = None,
    openings: Openings = None,
    as_json: AsJson = False,
) -> None:
    """Fold the ledgers again as of a date, show the themes, and compare with the live views.

    With --answer, fold them to what a past answer was made from, ask what it was asked, and say
    whether all of it is equal.
    """
    if answer is not None:
        if as_of or theme or positions:
            raise typer.BadParameter("an answer says itself of which view and as of when it is")
        with _room(home, openings) as room:
            differs = replay_answer(room, answer, as_json=as_json)
        raise typer.Exit(EXIT_DIFFERS if differs else 0)
    given = _given(positions)
    with (
        _room(home, openings) as room,
        tables.progress() as tell,
        replayed(room, _moment(room, as_of, given), tell) as found,
    ):
        given_again = answers(found.querying, theme or _codes(found))
        comparison = whole_against_live(found.store, room.live, found.moment.sizes)
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
            tables.show_parked(found.store, found.moment)
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
    openings: Openings = None,
) -> None:
    """Show which lines of the themes moved between two dates, and why."""
    earlier, later = recorded_time(then), recorded_time(now)
    if later < earlier:
        raise typer.BadParameter("the later date comes second")
    with (
        _room(home, openings) as room,
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


# A pseudonym may begin with a hyphen: it is no option.
@app.command("history", context_settings={"ignore_unknown_options": True})
def show_history(
    what: Annotated[str, typer.Argument(help="a stream's or subject's pseudonym, or an event id")],
    *,
    home: Home = None,
    openings: Openings = None,
) -> None:
    """Show the entries of a stream, a subject or an event, in order; never what they say."""
    if not (EVENT.match(what) or _is_pseudonym(what)):
        raise typer.BadParameter("neither an event id nor a pseudonym")
    with _room(home, openings) as room, tables.progress() as tell:
        found = list(history(room.readable(), room.openings, what, tell))
    tables.show_history([one for one in found if not isinstance(one, Unopened)])
    _say_unopened([one for one in found if isinstance(one, Unopened)])


@app.command()
def access(
    *,
    borough: Annotated[
        str | None, typer.Option(help="what of this borough's was looked at")
    ] = None,
    home: Home = None,
    openings: Openings = None,
) -> None:
    """Show who read views, fetched parts and was given openings, from the ledgers themselves."""
    with _room(home, openings) as room, tables.progress() as tell:
        ledger = None if borough is None else room.ledger_of(borough, recorded_time(None))
        found = list(accesses(room.readable(), room.openings, tell))
    looks = [one for one in found if not isinstance(one, Unopened)]
    tables.show_accesses([one for one in looks if ledger is None or ledger in one.concerned])
    _say_unopened([one for one in found if isinstance(one, Unopened)])


@app.command("erasures")
def show_erasures(*, home: Home = None, openings: Openings = None, as_json: AsJson = False) -> None:
    """Show what was erased, who asked for it, and whose signatures allow it, from end to end."""
    with _room(home, openings) as room, tables.progress() as tell:
        readable = room.readable()
        found = list(erasures(readable, room.openings, room.deciding(), tell))
    seen = [one for one in found if not isinstance(one, Unopened)]
    for one in seen:
        (write_erasure if as_json else show_erasure)(one)
    _say_unopened([one for one in found if isinstance(one, Unopened)])
    if any(one.fault() for one in seen):
        raise typer.Exit(EXIT_DIFFERS)


@contextmanager
def _room(folder: Path | None, openings: Sequence[Path] | None) -> Iterator[AuditRoom]:
    """Open a home by its keys where there are any to be opened, else by openings alone."""
    home = settings.hub_home() if folder is None else HubHome(folder)
    passphrase = settings.given_passphrase() if home.key_files.is_dir() else None
    with open_audit(Opener(home, passphrase, tuple(openings or ()))) as room:
        yield room


def _moment(room: AuditRoom, as_of: str | None, given: Mapping[str, int]) -> Moment:
    """Give what is asked for; where nothing is, how far the live views or the packs go."""
    positions = given if as_of or given else room.reach()
    return moment_of(room.ledgers, recorded_time(as_of), positions)


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
