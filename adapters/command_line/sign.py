"""`bhr sign`: what a body decides, signed on its own machine and printed as a file for the hub."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, get_args

import typer

from adapters import settings
from adapters.assembly.deciding import Heading, sign_decision
from adapters.command_line.asked import well_formed
from adapters.reference.shipped import AGREEMENT, shipped_document
from domain import decisions
from domain.reference.agreements import Agreement
from domain.reference.documents import document_digest, read_as
from domain.values import Pseudonym, Strict, to_text
from domain.vocabulary.deciding import HoldGround

app = typer.Typer(
    no_args_is_help=True,
    help="Decisions of a body, signed with its own deciding key; hand the file to the hub.",
)
Body = Annotated[str, typer.Option("--borough", help="whose home: the deciding body's code")]
Office = Annotated[str, typer.Option(help="the office that decides")]
LedgerName = Annotated[str, typer.Argument(help="the ledger that it is about")]
Subject = Annotated[
    list[str] | None,
    typer.Option(help="a subject's pseudonym; may be given several times"),
]


@app.command()
def agreement(
    file: Annotated[
        Path | None,
        typer.Argument(help="the agreement as it is registered", exists=True, dir_okay=False),
    ] = None,
    *,
    borough: Body,
    office: Office,
    shipped: Annotated[
        bool, typer.Option("--shipped", help="the draft that the package ships")
    ] = False,
) -> None:
    """Bind this body to an agreement, by the exact text that it has read."""
    if (file is None) != shipped:
        raise typer.BadParameter("name the agreement's file, or say --shipped")
    raw = shipped_document(AGREEMENT).raw if file is None else file.read_bytes()
    text = read_as(Agreement, raw, called="agreement")
    about = decisions.AgreementBound(
        agreement=text.reference(), digest=to_text(document_digest(raw))
    )
    with well_formed(office="--office"):
        _print(borough, office, lambda one: decisions.AgreementDecision(about=about, **asdict(one)))


@app.command("erasure-approval", context_settings={"ignore_unknown_options": True})
def erasure_approval(
    ledger: LedgerName,
    request: Annotated[str, typer.Argument(help="the request's event id")],
    statement: Annotated[str, typer.Argument(help="its statement digest, as the hub shows it")],
    *,
    borough: Body,
    office: Office,
) -> None:
    """Approve an erasure: the request of this very statement, and no other."""
    with well_formed():
        about = decisions.ApprovedErasure(ledger=ledger, request=request, statement=statement)
        _print(borough, office, lambda one: decisions.ErasureApproval(about=about, **asdict(one)))


@app.command("legal-hold")
def legal_hold(  # noqa: PLR0913 - a hold says all of this
    ledger: LedgerName,
    *,
    borough: Body,
    office: Office,
    ground: Annotated[str, typer.Option(help=f"one of {', '.join(get_args(HoldGround))}")],
    subject: Subject = None,
    stream: Annotated[str | None, typer.Option(help="a stream's pseudonym")] = None,
    until: Annotated[str | None, typer.Option(help="its last day, YYYY-MM-DD")] = None,
) -> None:
    """Forbid that a subject, or a stream, is erased before the hold is lifted."""
    said = {"ground": ground, "ledger": ledger, "stream": stream, "until": until}
    with well_formed():
        about = decisions.Hold.model_validate({**said, "subjects": _marks(ledger, subject)})
        _print(borough, office, lambda one: decisions.LegalHold(about=about, **asdict(one)))


@app.command("legal-hold-lift")
def legal_hold_lift(
    ledger: LedgerName,
    hold: Annotated[str, typer.Argument(help="the id of the hold's decision")],
    *,
    borough: Body,
    office: Office,
) -> None:
    """End a hold that this body set."""
    with well_formed():
        about = decisions.LiftedHold(hold=hold, ledger=ledger)
        _print(borough, office, lambda one: decisions.LegalHoldLift(about=about, **asdict(one)))


@app.command()
def warrant(  # noqa: PLR0913 - a warrant says all of this
    ledger: LedgerName,
    auditor: Annotated[str, typer.Argument(help="who may see: a short name of theirs")],
    *,
    borough: Body,
    office: Office,
    power: Annotated[str, typer.Option(help="code of the power that the auditor acts under")],
    since: Annotated[str, typer.Option(help="first day of the events that it covers")],
    until: Annotated[str, typer.Option(help="last day of the events that it covers")],
    expires: Annotated[str, typer.Option(help="the instant at which it ends")],
    subject: Subject = None,
) -> None:
    """Let an auditor see what this body controls: everybody, or the subjects that are named."""
    with well_formed(period_start="--since", period_end="--until"):
        about = decisions.Warrant(
            auditor=auditor,
            expires=expires,
            ledger=ledger,
            period_end=until,
            period_start=since,
            power=power,
            subjects=_marks(ledger, subject),
        )
        _print(borough, office, lambda one: decisions.WarrantDecision(about=about, **asdict(one)))


class _Named(Strict):
    """Whom a decision names, as the body's own table calls them."""

    subject: tuple[Pseudonym, ...]


def _marks(ledger: str, subjects: list[str] | None) -> tuple[str, ...] | None:
    named = _Named(subject=tuple(subjects or ()))
    marks = {decisions.subject_mark(ledger, one) for one in named.subject}
    return tuple(sorted(marks)) or None


def _print(borough: str, office: str, decide: Callable[[Heading], decisions.Decision]) -> None:
    home = settings.borough_home(borough)
    signed = sign_decision(home, settings.passphrase(), office, decide)
    sys.stdout.write(signed.decode())
