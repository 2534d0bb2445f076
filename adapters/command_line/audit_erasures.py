"""`bhr audit erasures`: what was erased, who asked for it and who agreed; a line of JSON each."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import typer

from domain.canonical import JsonValue, canonical
from services.acknowledging import instant
from services.audit.erasures import ErasureSeen


def show_erasure(one: ErasureSeen) -> None:
    """Show one erasure in a few lines."""
    state = "asked for" if one.destroyed_ms is None else f"destroyed {instant(one.destroyed_ms)}"
    typer.echo(f"{one.ledger}  {one.request or '(no request)'}  {state}")
    if one.asked is not None:
        asked = one.asked
        typer.echo(
            f"  {one.subjects} subject(s), asked for by {asked.by_office} of "
            f"{asked.by_participant}, {asked.ground}, not before {instant(one.not_before_ms)}"
        )
    for body, stands in one.approvals.items():
        typer.echo(f"  approved by {body}: {'the signature holds' if stands else 'NOT believed'}")
    if one.destroyed_ms is not None:
        places = ", ".join(map(str, one.positions))
        typer.echo(f"  {one.keys} keys at {places}; the last backup lapses on {one.lapses}")
    if one.holds_unknown:
        typer.echo("  whether a legal hold stood: not checked, the request does not open")
    if one.told:
        typer.echo(f"  {one.told} copies at recipients, {one.confirmed} confirmed")
    if one.fault() is not None:
        typer.echo(f"  NOT AS IT SHOULD BE: {one.fault()}")


def write_erasure(one: ErasureSeen) -> None:
    """Write one erasure as a line of JSON."""
    approvals: Mapping[str, JsonValue] = dict(one.approvals)
    document: dict[str, JsonValue] = {
        "approvals": approvals,
        "confirmed": one.confirmed,
        "destroyed": None if one.destroyed_ms is None else instant(one.destroyed_ms),
        "fault": one.fault(),
        "holds_checked": not one.holds_unknown,
        "keys": one.keys,
        "lapses": one.lapses,
        "ledger": one.ledger,
        "positions": list(one.positions),
        "request": one.request,
        "subjects": one.subjects,
        "told": one.told,
    }
    sys.stdout.write(canonical(document).decode() + "\n")
