"""An erasure from end to end, as tests of it go through one."""

import uuid

from domain.values import to_text
from services.borough.drafting import Draft
from services.borough.erasing import Wish
from services.borough.reconciling import Gone, Returning
from tests.services.borough.boroughs import Borough
from tests.services.borough.fake_hub import FakeHub

WISH = Wish("objection", "head-of-service", "2023-11-14T00:00:00Z")
DESTROYED = "2023-11-14"
NEWER = "2023-12-01"


def returned(borough: Borough, *drafts: Draft) -> dict[str, int]:
    """Publish a return and send it; gives how many drafts came to each change."""
    told: list[Gone] = []
    queued = borough.client().publish(drafts, Returning("cin", lambda _: True, told.append))
    borough.client().send()
    counts = {"gone": queued.gone_in_period + queued.gone_out_of_period}
    for (_, change), count in queued.counts.items():
        counts[change] = counts.get(change, 0) + count
    assert len(told) == counts["gone"]
    return {name: count for name, count in counts.items() if count}


def erased(borough: Borough, *persons: str, wish: Wish = WISH) -> uuid.UUID:
    """Ask for erasure, have the hub carry it out, and tidy up."""
    request = asked(borough, *persons, wish=wish)
    borough.hub.destroy(request)
    (told,) = borough.client().tidy()
    assert told.tidied
    return request


def asked(borough: Borough, *persons: str, wish: Wish = WISH) -> uuid.UUID:
    """Ask for erasure, and send that."""
    request = borough.client().request_erasure(persons or ("C1",), wish)
    borough.client().send()
    return request


def pseudonyms(hub: FakeHub) -> list[str]:
    """Give the pseudonyms of persons that stand, event by event."""
    return [one.pseudonym for event in hub.standing() for one in event.data.subjects]


def waiting_in(borough: Borough) -> list[bytes]:
    """Give what waits in a borough's outbox, and what waited there is sent in order."""
    with borough.store.transaction():
        return [one.document for one in borough.store.erasures.unanswered(['"submission"'])]


def pseudonyms_here(borough: Borough, person: str) -> tuple[str, ...]:
    """Give the pseudonyms that a borough keeps of a person."""
    with borough.store.transaction():
        found = borough.store.pseudonyms.generations([("person", person)])
    return tuple(to_text(one) for every in found.values() for one in every)
