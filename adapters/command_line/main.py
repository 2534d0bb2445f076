"""`bhr`: one command for the hub's operator, for a borough, and for the demonstration."""

from __future__ import annotations

import sys

import typer

from adapters.command_line.on_demand import on_demand
from domain.errors import HubError, ReferenceRefused, SubmissionRefused

EXIT_REFUSED = 2
EXIT_UNEXPECTED = 70

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they show local variables, and those may hold anything
    help="The BHR safeguarding hub: publish, project, read and prove safeguarding events.",
)


@app.callback()
def top() -> None:
    """Stand above the commands, each of which is loaded when it is asked for."""


def run() -> None:
    """Run the command line; whatever goes wrong ends in one sentence, never in a traceback."""
    try:
        on_demand(app)()
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
