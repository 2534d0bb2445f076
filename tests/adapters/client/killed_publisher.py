"""A publisher to be killed: publishes its source over and over, as a process of its own.

Run as a module with the folder of its store and of the hub's log; says `ready` before it begins.
"""

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from adapters.client.borough_store import SqliteBoroughStore
from domain.vocabulary.assessment import AssessmentStarted
from domain.vocabulary.catalogue import Catalogue
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.hub import Canary, ErasureRequested, SealingSessionOpened
from domain.wire import Wire
from services.borough.drafting import Draft
from services.borough.reconciling import Gone, Returning
from tests.adapters.client.hub_on_disk import HubOnDisk
from tests.services.borough.boroughs import Borough, referral
from tests.services.borough.fake_hub import FakeHub

SOURCE = "/participants/havering/social-care"
ROUNDS = 20
CHILDREN = 12
CODES = ("1A", "1B", "1C", "1D")


@cache
def few_models() -> Wire:
    """Give the models of the kinds that are published here: all of them would take a second."""
    told = (AssessmentStarted, ReferralReceived)
    own = (Canary, ErasureRequested, RecordWithdrawn, SealingSessionOpened)
    return Wire(Catalogue((*told, *own)))


def drafts(turn: int) -> Iterator[Draft]:
    """Give what the source says in a round: some children changed, some new."""
    for number in range(CHILDREN + turn):
        changed = CODES[(turn + number) % len(CODES)] if number % 3 == 0 else "6"
        yield referral(f"C{number}", source_code=changed)


def open_hub(folder: Path) -> HubOnDisk:
    """Open the hub as it was left."""
    hub = HubOnDisk(folder / "hub.log", FakeHub(models=few_models))
    borough_of(hub)  # the hub knows its signing key
    hub.replay()
    return hub


def borough_of(hub: HubOnDisk, store: SqliteBoroughStore | None = None) -> Borough:
    """Give the borough, with its store if there is one."""
    if store is None:
        return Borough(hub.hub, door=hub)
    return Borough(hub.hub, store=store, door=hub)


def told(_: Gone) -> None:
    """Note nothing."""


def silent() -> None:
    """Tell nobody."""


def publish_all(folder: Path, ready: Callable[[], None] = silent) -> HubOnDisk:
    """Publish every round from the first, and send after each."""
    hub = open_hub(folder)
    ready()
    with SqliteBoroughStore(folder / "borough.sqlite", SOURCE) as store:
        client = borough_of(hub, store).client()
        for turn in range(ROUNDS):
            client.publish(drafts(turn), Returning("cin-census", lambda _: True, told))
            client.send()
    return hub


def say_ready() -> None:
    """Say that the killing may begin."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    publish_all(Path(sys.argv[1]), say_ready)
