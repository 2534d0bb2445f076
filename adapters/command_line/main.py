"""`bhr`: one command for the hub's operator, for a borough, and for the demonstration."""

from __future__ import annotations

import sys

import typer

from adapters.command_line import (
    audit,
    borough,
    decision,
    demo,
    erasing,
    erasure,
    keys,
    ledger,
    receipt,
    reference,
    release,
    returns,
    right,
    schema,
    serve,
    sign,
    signin,
    token,
    trust,
    views,
    witness,
)
from domain.errors import HubError, ReferenceRefused, SubmissionRefused

EXIT_REFUSED = 2
EXIT_UNEXPECTED = 70

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they show local variables, and those may hold anything
    help="The BHR safeguarding hub: publish, project, read and prove safeguarding events.",
)
app.add_typer(keys.app, name="keys")
app.add_typer(ledger.app, name="ledger")
app.add_typer(trust.app, name="trust")
app.add_typer(token.app, name="token")
app.add_typer(schema.app, name="schema")
app.add_typer(views.app, name="views")
app.add_typer(witness.app, name="witness")
app.add_typer(audit.app, name="audit")
app.add_typer(sign.app, name="sign")
app.add_typer(decision.app, name="decision")
app.add_typer(returns.app, name="returns")
app.add_typer(erasure.app, name="erasure")
erasure.app.command("status")(erasing.status)
erasure.app.command("due")(erasing.due)
erasure.app.command("carry-out")(erasing.carry_out)
erasure.app.command("certificate")(erasing.certify)
app.add_typer(right.app, name="right")
app.add_typer(receipt.app, name="receipt")
app.add_typer(release.app, name="release")
app.add_typer(borough.desk, name="borough")
app.add_typer(borough.part, name="part")
app.add_typer(borough.outbox, name="outbox")
app.command("register")(reference.register)
app.command("withdraw")(borough.withdraw)
app.command("canary")(borough.canary)
app.command("signin")(signin.signin)
app.command("serve")(serve.serve)
app.command("project")(serve.project)
app.command("demo")(demo.demo)


def run() -> None:
    """Run the command line; whatever goes wrong ends in one sentence, never in a traceback."""
    try:
        app()
    except HubError as error:
        typer.echo(f"bhr: {error}", err=True)
        if isinstance(error, ReferenceRefused | SubmissionRefused):
            for fault in error.faults:
                typer.echo(f"  {fault.place or '(whole document)'}: {fault.code}", err=True)
        sys.exit(EXIT_REFUSED)
    except Exception as error:  # noqa: BLE001 - its text may hold what was read: name its class alone
        typer.echo(
            f"bhr: unexpected fault ({type(error).__name__}); nothing more was done", err=True
        )
        sys.exit(EXIT_UNEXPECTED)


if __name__ == "__main__":
    run()
