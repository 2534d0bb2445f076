"""What a borough's desk does beside its returns: send, beat, open what is addressed to it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly.borough import borough_client
from adapters.assembly.going_on import go_on_with
from adapters.command_line.asked import new_file, well_formed
from domain.vocabulary.data_quality import RecordWithdrawn

part = typer.Typer(no_args_is_help=True, help="Restricted parts that are addressed to this body.")
outbox = typer.Typer()
desk = typer.Typer(no_args_is_help=True, help="A borough's own home.")
Borough = Annotated[str, typer.Option(help="whose home: the borough's code")]
EXIT_LEFT = 1
"""Something waits in the outbox still."""


@desk.command("init")
def init(
    name: Annotated[str, typer.Argument(help="the borough's code, such as havering")],
    *,
    authority: Annotated[str, typer.Option(help="its three-digit authority code, such as 311")],
    hub: Annotated[str, typer.Option(help="where the hub is: https://…")],
    agreement: Annotated[str, typer.Option(help="what it publishes under")] = "bhr-themes@1",
    purpose: Annotated[str, typer.Option(help="what for")] = "partnership-themes",
) -> None:
    """Say where a borough's hub is and what it publishes under; then `bhr keys init --borough`."""
    home = settings.borough_home(name)
    with well_formed(hub="--hub", authority="--authority"):
        said = settings.BoroughSettings(
            agreement=agreement,
            authority=authority,
            hub=hub,
            participant=name,
            purpose=purpose,
            source=f"/participants/{name}/children-social-care",
        )
    settings.write_borough(home, said)
    typer.echo(f"{home.folder}: next, `bhr keys init --borough {name}`")


@desk.command("go-on")
def go_on(
    name: Annotated[str, typer.Argument(help="the borough's code, such as havering")],
    *,
    feed: Annotated[str, typer.Option(help="which source of a body that has several")] = "",
) -> None:
    """Go on with an older copy of a lost store, or a new one: behind the highest number there is.

    The hub is asked which numbers it has; what lies in a queue may come to it yet. First look for
    the newest store: what this cannot know is gone with it.
    """
    source, went = go_on_with(name, feed)
    typer.echo(f"{source} goes on with number {went.next}")
    if not went.unknown:
        typer.echo("the hub has no number that this store did not give out")
        return
    numbers = f"{went.first_unknown} to {went.last_unknown}, {went.unknown} in all,"
    typer.echo(f"numbers {numbers} were given out by the store that is lost. Of what they told:")
    for one in _UNKNOWN:
        typer.echo(f"- {one}")


_UNKNOWN = (
    "who was first told of in them has another pseudonym from now on, and counts as another child",
    "what they told and is told again stands twice: a correction of it is a new fact here",
    "it cannot be withdrawn from here, nor an erasure of it be asked for: nobody has the names",
    "answers of the hub to them are not kept here; the ledger has the events",
)


@part.command("open")
def open_part(  # noqa: PLR0913 - what is asked for, and where it is kept
    event: Annotated[uuid.UUID, typer.Argument(help="the event's id")],
    number: Annotated[int, typer.Argument(help="the part's number, 2 for the first person")],
    *,
    borough: Borough,
    ledger: Annotated[str | None, typer.Option(help="another body's ledger")] = None,
    purpose: Annotated[str | None, typer.Option(help="what it is opened for")] = None,
    keep: Annotated[
        Path | None, typer.Option(help="a file to keep it in: `bhr part notices` deletes it")
    ] = None,
) -> None:
    """Fetch a part, open it here and print it. The hub records the fetch before it answers."""
    place = None if keep is None else str(keep.absolute())
    with borough_client(borough, settings.passphrase()) as client:
        opened = client.open_part(event, number, ledger=ledger, purpose=purpose, keep=place)
    if keep is None:
        typer.echo(opened.part.model_dump_json(exclude_unset=True, indent=2))
    else:
        typer.echo(f"{keep}: kept")


@part.command("waiting")
def waiting(borough: Borough) -> None:
    """List the parts that wait for us at the hub; `bhr part open` fetches one."""
    with borough_client(borough, settings.passphrase()) as client:
        found = client.waiting_parts()
    for one in found:
        typer.echo(f"part {one.part} of {one.event}, {one.ledger}")


@part.command("notices")
def notices(borough: Borough) -> None:
    """Ask what became of parts that were sent to us: taken back, erased, restricted.

    Files that `bhr part open --keep` wrote of what is taken back or erased are deleted, and that is
    confirmed. What was printed may stand in a record: `bhr part confirm` says what became of it.
    """
    with borough_client(borough, settings.passphrase()) as client:
        heard = client.copies.hear()
    for one in heard:
        told = one.notice
        done = "deleted and confirmed" if one.confirmed else _ASKED[told.what, told.fetched]
        typer.echo(f"{told.what}: part {told.part} of {told.event}, {told.ledger}; {done}")
        for place in one.missing:
            typer.echo(f"{place}: not there any more; delete it where it is now, or say what it is")
    if any(one.is_open() for one in heard):
        raise typer.Exit(EXIT_LEFT)


@part.command("confirm")
def confirm(
    event: Annotated[uuid.UUID, typer.Argument(help="the event's id")],
    number: Annotated[int, typer.Argument(help="the part's number")],
    *,
    outcome: Annotated[str, typer.Option(help="deleted, none-kept or in-own-record")],
    borough: Borough,
) -> None:
    """Say what became of our copy of a part that was taken back or erased; signed with our key."""
    with borough_client(borough, settings.passphrase()) as client, well_formed(outcome="--outcome"):
        confirmed = client.copies.confirm_part(event, number, outcome)
    typer.echo(f"confirmed: {confirmed}")


_ASKED = {
    ("erased", False): "never fetched",
    ("erased", True): "say what became of it: `bhr part confirm`",
    ("restricted", False): "not to be fetched",
    ("restricted", True): "not to be used until that is lifted",
    ("withdrawn", False): "never fetched",
    ("withdrawn", True): "say what became of it: `bhr part confirm`",
}
REASONS = "should-never-have-been-sent, wrong-file or wrong-key"


def withdraw(
    events: Annotated[list[uuid.UUID], typer.Argument(help="the events' ids; several at once")],
    *,
    reason: Annotated[str, typer.Option(help=REASONS)],
    borough: Borough,
    feed: Annotated[str, typer.Option(help="which source of a body that has several")] = "",
) -> None:
    """Take single events back, all of them or none; every recipient is told by the hub.

    What should never have been sent is never sent again, whatever a later return holds; where it
    must be gone from the hub as well, `bhr erasure request` the child with `--ground mis-sent`.
    A wrong file is taken back by `bhr returns withdraw`.
    """
    with well_formed(reason="--reason"):
        why = RecordWithdrawn.Facts.model_validate({"reason": reason}).reason
    with borough_client(borough, settings.passphrase(), feed=feed) as client:
        withdrawn = client.withdraw_events(events, why)
        sent = client.send()
    typer.echo(f"{withdrawn} events withdrawn, submissions left {sent.left}")
    if sent.left:
        raise typer.Exit(EXIT_LEFT)


@outbox.callback(invoke_without_command=True)
def of_the_hub(context: typer.Context) -> None:
    """Tell participants, at the hub; and at a borough, what waits to be sent to the hub.

    Alone it is the hub's: it tells each participant by Kafka of releases, of what is registered,
    and that something waits for it. Any number of these share the ledgers between them.
    """
    if context.invoked_subcommand is None:
        from adapters.command_line.outbox import tell  # noqa: PLC0415 - the hub's alone, and larger

        tell()


@outbox.command()
def send(borough: Borough) -> None:
    """Send what waits, in order, until the hub has answered or stays silent."""
    with borough_client(borough, settings.passphrase()) as client:
        sent = client.send()
    typer.echo(
        f"recorded {sent.recorded}, refused {sent.refused}, submissions left {sent.left}"
        f"{''.join(f', {code} {count}' for code, count in sorted(sent.codes.items()))}"
    )
    if sent.left:
        raise typer.Exit(EXIT_LEFT)


@outbox.command()
def answers(
    borough: Borough, out: Annotated[Path, typer.Option(help="a new file to write them to")]
) -> None:
    """Write the hub's signed answers to a file, one a line, for an auditor to hold it to."""
    many = 0
    with borough_client(borough, settings.passphrase()) as client, new_file(out) as file:
        for answer in client.acknowledgements():
            file.write(answer + b"\n")
            many += 1
    typer.echo(f"{out}: {many} answers; `bhr audit verify --acknowledgements` takes it")


@outbox.command()
def status(borough: Borough) -> None:
    """Show what waits, what stands at the hub, and when the last canary was acknowledged."""
    with borough_client(borough, settings.passphrase()) as client:
        found = client.status()
    typer.echo(f"waiting: {found.waiting} submissions; last canary: {found.canary or 'never'}")
    for (scope, kind, state), count in sorted(found.counts.items()):
        typer.echo(f"  {scope or '(own)':16} {kind:32} {state:9} {count:>8}")


def canary(borough: Borough) -> None:
    """Send a canary when the last one is older than an hour: run it from a timer."""
    with borough_client(borough, settings.passphrase()) as client:
        due = client.beat()
        sent = client.send()
    if sent.left:
        typer.echo(f"the hub has not answered; submissions left {sent.left}")
        raise typer.Exit(EXIT_LEFT)
    typer.echo("canary sent" if due else "no canary was due")
