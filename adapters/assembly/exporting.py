"""Making a pack of a hub's home: what proves its ledgers, and what each witness says of them."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from adapters.assembly.ledgers import ledgers_of
from adapters.assembly.witnesses import asked_witnesses, policy_of
from adapters.log_settings import origin_of
from adapters.pack_folder import PackFolder
from adapters.settings import HubHome
from domain.canonical import JsonValue, canonical
from domain.errors import HomeNotReady, NotFound, Unavailable
from services.audit.exporting import Exported, export
from services.audit.replaying import Progress

FORMAT = "bhr-pack/v1"


def export_pack(folder: Path, out: Path, policy: Path | None, tell: Progress) -> list[Exported]:
    """Write a pack of every ledger that has a published checkpoint.

    Raises HomeNotReady where nothing can be written, or where no ledger has one; NotProven for a
    policy file that is none.
    """
    home = HubHome(folder)
    try:
        out.mkdir(parents=True)
    except OSError:
        raise HomeNotReady(f"{out} is there already, or cannot be made") from None
    pack, made = PackFolder(out), list[Exported]()
    with ledgers_of(home, reading=True) as ledgers:
        for ledger in ledgers.values():
            try:
                made.append(export(ledger, pack.put, tell))
            except NotFound:
                continue
    if not made:
        raise HomeNotReady("no checkpoint was published yet: let `bhr serve` run for a moment")
    if policy is not None:
        _put_claims(home, pack, policy, made)
    said: JsonValue = {
        "format": FORMAT,
        "ledgers": {one.ledger: one.size for one in made},
        "version": version("bhr-hub"),
    }
    pack.put("pack.json", canonical(said))
    return made


def _put_claims(home: HubHome, pack: PackFolder, policy: Path, made: list[Exported]) -> None:
    """Write what each witness that answers saw last, so that the pack shows it without them."""
    with asked_witnesses(policy_of(policy)) as witnesses:
        for exported in made:
            for one in witnesses:
                try:
                    latest = one.witness.latest(origin_of(home, exported.ledger))
                except Unavailable:
                    continue
                if latest is not None:
                    pack.put(f"{exported.ledger}/witnesses/{one.name}", latest)
