"""Making a pack of a hub's home: what proves its ledgers, and what each witness says of them.

Where the keys are at hand the registered reference documents go with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from adapters.assembly.audit import opened_by_keys
from adapters.assembly.identities import WallClock
from adapters.assembly.ledgers import HubLedger, ledgers_of
from adapters.assembly.witnesses import asked_witnesses, policy_of
from adapters.identity.trust_file import TrustFile
from adapters.keys import signing
from adapters.log_settings import origin_of
from adapters.pack_folder import PackFolder
from adapters.settings import HubHome
from domain.canonical import JsonValue, canonical
from domain.errors import HomeNotReady, NotFound, Unavailable
from domain.reference.participants import PARTNERSHIP
from services.audit.exporting import Exported, export
from services.audit.replaying import Prefix, Progress
from services.audit.showing_reference import show_reference
from services.registry import Registry
from services.trust import Belief

FORMAT = "bhr-pack/v1"


@dataclass(frozen=True, slots=True)
class Packed:
    """What is in a pack."""

    ledgers: tuple[Exported, ...]
    documents: int | None
    """Of reference; None where there was no key to open them with."""


def export_pack(
    folder: Path,
    out: Path,
    policy: Path | None,
    tell: Progress,
    *,
    passphrase: str | None = None,
) -> Packed:
    """Write a pack of every ledger that has a published checkpoint.

    Raises HomeNotReady where nothing can be written, or where no ledger has one; NotOpened for a
    passphrase that opens nothing; NotProven for a policy file that is none.
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
        documents = _put_reference(home, passphrase, ledgers, made, pack)
    if policy is not None:
        _put_claims(home, pack, policy, made)
    said: JsonValue = {
        "format": FORMAT,
        "ledgers": {one.ledger: one.size for one in made},
        "version": version("bhr-hub"),
    }
    pack.put("pack.json", canonical(said))
    return Packed(tuple(made), documents)


def _put_reference(
    home: HubHome,
    passphrase: str | None,
    ledgers: Mapping[str, HubLedger],
    made: Sequence[Exported],
    pack: PackFolder,
) -> int | None:
    """Write what was registered as far as the pack goes; None where nothing opens it."""
    size = next((one.size for one in made if one.ledger == PARTNERSHIP), 0)
    if passphrase is None or not home.key_files.is_dir() or not size:
        return None
    with ExitStack() as closing:
        whole = {PARTNERSHIP: ledgers[PARTNERSHIP]}
        opening = opened_by_keys(home, passphrase, whole, closing)[0][PARTNERSHIP]
        log = Prefix(ledgers[PARTNERSHIP], size)
        # Whose keys are believed is for who verifies to say; documents are documents.
        belief = Belief(TrustFile(home.trust), signing.verify)
        registry = Registry(log, opening, belief, WallClock())
        return show_reference(
            log, opening, registry, lambda path, raw: pack.put(f"{PARTNERSHIP}/{path}", raw)
        )


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
