"""`bhr trust`: the fingerprints that this body was given by other means than the hub."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.assembly.identities import trust_file
from adapters.command_line.asked import well_formed
from domain.reference.body_keys import KeyPurpose
from domain.values import Bytes32, ParticipantCode, Strict, to_bytes, to_text
from services.trust import Vouched

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


@app.command("list")
def list_entries(borough: Borough = None) -> None:
    """Show whom this body believes."""
    for one in trust_file(borough).entries():
        typer.echo(f"{one.participant:32} {one.purpose:10} {to_text(one.fingerprint)}")
