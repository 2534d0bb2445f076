"""`bhr trust`: the fingerprints that this body was given by other means than the hub."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly.borough import borough_client
from adapters.assembly.identities import WallClock, trust_file
from adapters.command_line.asked import well_formed
from domain.reference.body_keys import KeyPurpose
from domain.values import Bytes32, Instant, ParticipantCode, Strict, instant_of, to_bytes, to_text
from services.acknowledging import instant
from services.trust import FOREVER, Vouched

app = typer.Typer(
    no_args_is_help=True,
    help="Fingerprints of other bodies' keys, compared by telephone or in person.",
)
Borough = Annotated[
    str | None, typer.Option(help="whose trust file: a borough's; the hub's when left out")
]


class _Given(Strict):
    """What was read out, as far as a form can tell."""

    fingerprint: Bytes32
    participant: ParticipantCode


class _TakenBack(_Given):
    """What is not believed any more, and since when."""

    since: Instant | None = None


# One fingerprint in sixty-four begins with a hyphen: it is no option.
@app.command(context_settings={"ignore_unknown_options": True})
def add(
    participant: Annotated[str, typer.Argument(help="whose key it is, by code")],
    purpose: Annotated[KeyPurpose, typer.Argument(help="which of its keys")],
    fingerprint: Annotated[str, typer.Argument(help="as its owner read it out")],
    borough: Borough = None,
) -> None:
    """Believe a key from now on."""
    with well_formed():
        given = _Given(fingerprint=fingerprint, participant=participant)
    raw = to_bytes(given.fingerprint)
    trust_file(borough).add(Vouched(given.participant, purpose, raw))
    typer.echo(f"trusted: {participant} {purpose}")


@app.command(context_settings={"ignore_unknown_options": True})
def remove(
    participant: Annotated[str, typer.Argument(help="whose key it is, by code")],
    purpose: Annotated[KeyPurpose, typer.Argument(help="which of its keys")],
    fingerprint: Annotated[str, typer.Argument(help="as `bhr trust list` shows it")],
    *,
    since: Annotated[
        str | None,
        typer.Option(help="from when on it is not believed: an instant; now if left out"),
    ] = None,
    borough: Borough = None,
) -> None:
    """Take back belief in a key, from an instant on.

    What is recorded from then on is not believed of it, nor of keys that only it signed for. What
    was recorded before stays believed, and can be checked. A borough's sealing sessions are closed:
    the next part is sealed in another, to keys that are believed. What waits in its outbox is
    sealed already: it is listed, with what to do.
    """
    now_ms = WallClock().now_ms()
    with well_formed(since="--since"):
        given = _TakenBack(fingerprint=fingerprint, participant=participant, since=since)
    since_ms = now_ms if since is None else round(instant_of(since).timestamp() * 1000)
    if since_ms > now_ms:
        raise typer.BadParameter("belief is taken back from now on, or from a time that is past")
    words = settings.passphrase() if borough else ""
    raw = to_bytes(given.fingerprint)
    trust_file(borough).remove(Vouched(given.participant, purpose, raw, since_ms))
    if borough and settings.borough_home(borough).store.exists():
        with borough_client(borough, words) as client:
            client.close_sessions()
            waiting = client.waiting_for(participant) if purpose == "recipient" else []
        _say_what_waits(participant, borough, waiting)
    typer.echo(f"not trusted since {instant(since_ms)}: {participant} {purpose}")


def _say_what_waits(participant: str, borough: str, waiting: Sequence[uuid.UUID]) -> None:
    if waiting:
        typer.echo(
            f"{len(waiting)} submission(s) that wait in the outbox may be sealed to that key"
            f" already, and the next `bhr outbox send` sends them as they are. To take them back in"
            f" the same breath, so that {participant} is given none of them, and to seal them anew:"
            f"\n  bhr returns withdraw {' '.join(map(str, waiting))} --borough {borough}"
            "\n  and publish again what told them"
        )


@app.command("list")
def list_entries(borough: Borough = None) -> None:
    """Show whom this body believes, and until when it did."""
    for one in trust_file(borough).entries():
        until = "" if one.until_ms == FOREVER else f"  until {instant(one.until_ms)}"
        typer.echo(f"{one.participant:32} {one.purpose:10} {to_text(one.fingerprint)}{until}")
