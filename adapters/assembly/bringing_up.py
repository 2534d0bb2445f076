"""`bhr ledger init`: what stands on servers comes to this release's tables, what lacks is made."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.assembly.hub import open_hub, refuse_no_home
from adapters.assembly.key_stores import bring_up_key_store
from adapters.assembly.ledgers import bring_up_ledgers, init_ledger
from adapters.assembly.view_stores import prepare_views
from adapters.settings import HubHome
from domain.reference.participants import PARTNERSHIP, Participants


@dataclass(frozen=True, slots=True)
class Initiated:
    """The ledgers that were made, and those that were passed over since their server is away."""

    made: tuple[str, ...] = ()
    away: tuple[str, ...] = ()


def init_ledgers(home: HubHome, passphrase: str, *, demo: bool = False) -> Initiated:
    """Make the partnership's ledger and those of registered bodies, and bring up what stands.

    Raises HomeNotReady, NotOpened, Unavailable.
    """
    refuse_no_home(home)
    away = bring_up(home)
    made = [PARTNERSHIP] if init_ledger(home, PARTNERSHIP, demo=demo) else []
    wanted = _registered(home, passphrase, demo=demo) - away
    made += [name for name in sorted(wanted) if init_ledger(home, name, demo=demo)]
    return Initiated(tuple(made), tuple(sorted(away)))


def bring_up(home: HubHome) -> set[str]:
    """Bring key store and ledgers up, and make the roles that views are kept under.

    Only then can a hub of this release be opened. Gives the ledgers whose server is away. Views are
    not brought up: those of other projections are refused, and made anew by `bhr views rebuild`.
    Raises HomeNotReady, Unavailable.
    """
    prepare_views(home)
    bring_up_key_store(home)
    return bring_up_ledgers(home)


def _registered(home: HubHome, passphrase: str, *, demo: bool) -> set[str]:
    """Give the ledgers that registered bodies keep today."""
    with open_hub(home, passphrase, demo=demo) as rooms:
        registry = rooms.hub.registry
        if not registry.in_force(Participants):
            return set()
        return set(registry.participants().ledgers(registry.today()))
