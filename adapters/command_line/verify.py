"""`bhr audit verify` and `export`: the proof of every ledger, step by step, and a pack of it.

Exit status of `verify`: 0 nothing was found, 1 something is wrong, 2 there was nothing to verify or
what was given to verify it with is no good. What was not checked is said, and changes no status.
"""

from __future__ import annotations

import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from adapters import settings
from adapters.assembly.evidence import Held
from adapters.assembly.exporting import export_pack
from adapters.assembly.openers import Asked
from adapters.assembly.verifying import Outcome
from adapters.assembly.verifying import verify as verified
from adapters.command_line.asked import new_file
from adapters.command_line.audit_tables import progress
from adapters.log_settings import witness_policy
from domain.canonical import canonical
from services.acknowledging import instant
from services.audit.verifying.certificate import certificate

EXIT_FOUND = 1
FINDINGS_SHOWN = 20
_MARKS = {"found": "FOUND", "not-checked": "not checked", "ok": "ok"}

Policy = Annotated[
    Path | None, typer.Option(help="whose logs and witnesses are believed; BHR_WITNESS_POLICY's")
]


def verify(  # noqa: PLR0913 - as much as an auditor may bring
    *,
    home: Annotated[Path | None, typer.Option(help="a hub's home, or a copy of it")] = None,
    pack: Annotated[Path | None, typer.Option(help="a folder that `export` made")] = None,
    hub: Annotated[str | None, typer.Option(help="a served hub: https://…")] = None,
    token: Annotated[Path | None, typer.Option(help="a file with a token for it")] = None,
    ledger: Annotated[list[str] | None, typer.Option(help="which of a served hub's")] = None,
    policy: Policy = None,
    openings: Annotated[
        list[Path] | None, typer.Option(help="an openings pack in place of keys")
    ] = None,
    trust: Annotated[Path | None, typer.Option(help="the auditor's own trust file")] = None,
    acknowledgements: Annotated[
        list[Path] | None, typer.Option(help="a publisher's, as `bhr outbox answers` gives them")
    ] = None,
    ask_witnesses: Annotated[bool, typer.Option(help="ask each what it saw last")] = True,
    certify: Annotated[Path | None, typer.Option(help="write a page for an inspector")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON document")] = False,
) -> None:
    """Verify every ledger from its bytes: leaves, tiles, roots, signatures, witnesses, contents."""
    held = _held(home, pack, hub, token, tuple(ledger or ()))
    by_keys = held.home is not None and (held.home / "key-files").is_dir() and not openings
    asked = Asked(
        held,
        policy or witness_policy(),
        settings.given_passphrase() if by_keys else None,
        tuple(openings or ()),
        trust,
        ask_witnesses,
        tuple(acknowledgements or ()),
    )
    with progress() as tell:
        outcome = verified(asked, tell)
    if as_json:
        sys.stdout.write(canonical(outcome.report.document()).decode() + "\n")
    else:
        _show(outcome)
    if certify is not None:
        _write(certify, outcome)
    if outcome.report.findings:
        raise typer.Exit(EXIT_FOUND)


def export(
    out: Annotated[Path, typer.Argument(help="a new folder")],
    *,
    home: Annotated[Path | None, typer.Option(help="a hub's home, or a copy of it")] = None,
    policy: Policy = None,
) -> None:
    """Write a pack: entries, tiles, checkpoints of hub and witnesses, reference documents.

    Another machine verifies it with nothing but the pack and the policy file. Nothing in it opens
    what is sealed, but the entries that registered the documents.
    """
    folder = settings.hub_home().folder if home is None else home
    with progress() as tell:
        made = export_pack(
            folder, out, policy or witness_policy(), tell, passphrase=settings.given_passphrase()
        )
    for one in made.ledgers:
        typer.echo(f"{one.ledger:32} {one.size:>10} entries, {one.checkpoints} checkpoints")
    if made.documents is None:
        typer.echo("without the reference documents: they are sealed, and no key is here")
    else:
        typer.echo(f"{made.documents} reference documents")


def _held(
    home: Path | None,
    pack: Path | None,
    hub: str | None,
    token: Path | None,
    ledgers: tuple[str, ...],
) -> Held:
    given = [one for one in (home, pack, hub) if one is not None]
    if len(given) > 1:
        raise typer.BadParameter("one of --home, --pack and --hub")
    if pack is not None:
        return Held(folder=pack)
    if hub is not None:
        return Held(hub=hub, token=token, served=ledgers)
    return Held(home=settings.hub_home().folder if home is None else home)


def _show(outcome: Outcome) -> None:
    for name, one in outcome.ledgers.items():
        seen = one.newest_quorum or "none"
        typer.echo(f"{name:32} {one.size:>10} entries, {seen} seen by enough witnesses")
    for step in outcome.report.steps:
        mark = _MARKS[step.state]
        typer.echo(f"{step.number:>2}  {mark:12} {step.title} ({step.looked_at})")
        for why in step.not_checked:
            typer.echo(f"      not checked: {why}")
        for finding in step.findings[:FINDINGS_SHOWN]:
            typer.echo(f"      {finding.place()}: {finding.code}")
        if len(step.findings) > FINDINGS_SHOWN:
            typer.echo(f"      and {len(step.findings) - FINDINGS_SHOWN} more")


def _write(path: Path, outcome: Outcome) -> None:
    made = instant(time.time_ns() // 1_000_000)
    page = certificate(outcome.report, outcome.ledgers, made=made, version=version("bhr-hub"))
    with new_file(path) as file:
        file.write(page.encode())
