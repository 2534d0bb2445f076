"""What is proven at the end of the demonstration: sizes, one receipt, and every step verified."""

from __future__ import annotations

import time
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly.evidence import Held
from adapters.assembly.ledgers import ledgers_of
from adapters.assembly.openers import Asked
from adapters.assembly.receipts import check_receipt
from adapters.assembly.verifying import Outcome, verify
from adapters.demonstration.stage import Stage
from adapters.settings import borough_home, hub_home
from domain.errors import Unavailable
from domain.logged_checkpoint import checkpoint_in
from domain.record import leaf_of
from services.audit.receipt_checking import Proven
from services.log_ports import ProvenLedger

COVERING_S = 60.0
POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of one ledger is under a published checkpoint."""

    ledger: str
    published: int
    size: int


def covered(stage: Stage) -> list[Covered]:
    """Wait until all that the boroughs published is covered; gives how each ledger stands.

    Raises Unavailable when the witnesses do not come so far.
    """
    slugs = {one.slug for one in stage.authorities}
    deadline = time.monotonic() + COVERING_S
    with ledgers_of(hub_home(), demo=True) as ledgers:
        while True:
            found = [_covered(one) for one in ledgers.values()]
            # The partnership's own grows with every read; the last entry may be a checkpoint.
            if all(one.published >= one.size - 1 for one in found if one.ledger in slugs):
                return found
            if time.monotonic() > deadline:
                raise Unavailable("the witnesses of the demonstration")
            time.sleep(POLL_S)


def _covered(ledger: ProvenLedger) -> Covered:
    published = ledger.checkpoints.latest_published()
    return Covered(ledger.name, published.size if published else 0, ledger.head().size)


def receipt_of_newest(stage: Stage) -> Proven:
    """Fetch the receipt of the newest event of a borough's own source, and check it by files alone.

    Raises Unavailable.
    """
    slug = stage.authorities[0].slug
    file = stage.folder / "receipt.json"
    file.write_bytes(_fetched(stage, _newest_event(slug)))
    return check_receipt(file, stage.policy, [borough_home(slug).public_keys])


def _newest_event(slug: str) -> uuid.UUID:
    source = f"/participants/{slug}/children-social-care"
    with ledgers_of(hub_home(), demo=True) as ledgers:
        ledger = ledgers[slug]
        at = _covered(ledger).published
        while at > 0:
            at -= 1
            (entry,) = ledger.read(at, 1)
            if checkpoint_in(entry.record) is None:
                leaf = leaf_of(entry.record)
                if leaf.source == source:
                    return leaf.event_id
    raise Unavailable("an event of the demonstration")


def _fetched(stage: Stage, event: uuid.UUID) -> bytes:
    token = borough_home(stage.authorities[0].slug).token.read_text(encoding="ascii")
    request = urllib.request.Request(  # noqa: S310 - the scheme is ours
        f"{stage.url()}/v1/receipts/{event}", headers={"authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            document: bytes = answer.read()
    except OSError:
        raise Unavailable("the hub of the demonstration") from None
    return document


def verified(stage: Stage, *, by_keys: bool) -> Outcome:
    """Verify every ledger from its bytes, and with the hub's keys what is sealed in them."""
    return verify(
        Asked(
            Held(home=Path(hub_home().folder), demo=True),
            stage.policy,
            stage.passphrase if by_keys else None,
        ),
        lambda *_: None,
    )
