"""A hub's signs are what its stores say: lag, gaps, ages, and what cannot be read."""

from collections.abc import Iterator

import pytest

from adapters.ledger.memory import MemoryLedger
from domain.errors import Unavailable
from projections.feed_health import FEED_HEALTH
from services.intake_ports import Advance
from services.outbox_ports import FOLLOWED
from services.restoring import Claim, Heard, RestoreGuard
from services.views import FoldedLedger
from services.vital_signs import Examination, FeedSigns, LedgerSigns, samples
from tests.http_rig import HttpRig, open_door
from tests.hub_rig import HAVERING
from tests.rig_publisher import inner

LAG = ("bhr_views_lag_seconds", (("ledger", "havering"),))


@pytest.fixture
def door() -> Iterator[HttpRig]:
    """Give a served hub."""
    with open_door() as opened:
        yield opened


def ledgers_of(door: HttpRig) -> dict[str, MemoryLedger]:
    """Give the hub's ledgers."""
    found = {name: stand.ledger for name, stand in door.rig.stands.items()}
    return {name: one for name, one in found.items() if isinstance(one, MemoryLedger)}


def examined(door: HttpRig, *claims: Claim, is_told: bool = False) -> Examination:
    """Give what reads the signs; `claims` are what others saw of Havering's ledger."""
    ledgers = ledgers_of(door)

    def folded(ledger: str) -> FoldedLedger | None:
        if ledger == "redbridge":
            raise Unavailable("the view store")
        return door.views.folded(ledger, FEED_HEALTH.name)

    heard = Heard(claims, len(claims))
    guards = {name: RestoreGuard(one, lambda: heard) for name, one in ledgers.items()}
    if claims:
        guards["havering"].ask()
    clock = door.rig.clock
    return Examination(ledgers, guards, folded, clock, is_mirrored=False, is_told=is_told)


def havering(examination: Examination) -> LedgerSigns:
    """Give the signs of Havering's ledger."""
    return next(one for one in examination.signs().ledgers if one.name == "havering")


def lag_told(door: HttpRig) -> int:
    """Give the age that monitoring is told for Havering's ledger."""
    return {(one.measure, one.of): one.value for one in samples(examined(door).signs())}[LAG]


def test_lag_gaps_and_canaries(door: HttpRig) -> None:
    """What is not folded, not numbered and not heard of lately is counted, by ledger and source."""
    canary = door.publisher.event("canary")
    inner(canary, "data").update(facts={"beat": 1, "sent_at": "2024-05-01T00:00:00Z"}, subjects=[])
    door.publisher.sequence += 2
    raw = door.publisher.submission(canary, door.publisher.event())
    assert door.post(raw).status_code == 200
    examination = examined(door)
    before = havering(examination)
    assert before.lag == before.entries > 0
    assert before.unpublished == before.entries
    assert (before.checkpoint_age_s, before.cosignature_age_s) == (None, None)
    door.project()
    door.rig.clock.at_ms += 90_000
    after = havering(examination)
    assert (after.lag, after.behind) == (0, False)
    assert after.feeds == (FeedSigns(HAVERING, missing=2, canary_age_s=90),)


def test_what_stands_still_has_the_age_of_its_first_entry(door: HttpRig) -> None:
    """However few entries wait, since when they do is known; where none waits there is no age."""
    assert door.post(door.publisher.submission(door.publisher.event())).status_code == 200
    door.rig.clock.at_ms += 400_000
    assert door.post(door.publisher.submission(door.publisher.event())).status_code == 200
    assert havering(examined(door)).lag_age_s == 400
    assert lag_told(door) == 400
    door.project()
    assert havering(examined(door)).lag_age_s is None
    assert lag_told(door) == 0


def test_an_outbox_that_never_began_is_one_that_waits(door: HttpRig) -> None:
    """Where participants are to be told, what nobody was told of has an age from the first on."""
    assert door.post(door.publisher.submission(door.publisher.event())).status_code == 200
    door.rig.clock.at_ms += 400_000
    without, found = havering(examined(door)), havering(examined(door, is_told=True))
    assert (without.untold, without.untold_age_s) == (None, None)
    assert (found.untold, found.untold_age_s) == (found.entries, 400)
    ledger = ledgers_of(door)["havering"]
    ledger.offsets.advance(Advance(FOLLOWED, 0, found.entries))
    after = havering(examined(door))
    assert (after.untold, after.untold_age_s) == (0, None)


def test_what_cannot_be_read_is_named(door: HttpRig) -> None:
    """A ledger that is away is a hindrance by its name, and the others are read all the same."""
    signs = examined(door).signs()
    assert signs.unread == ("redbridge",)
    assert signs.hindrances == ("unread redbridge",)
    assert len(signs.ledgers) == len(ledgers_of(door)) - 1
    found = {one.measure: one.value for one in samples(signs)}
    assert (found["bhr_ledgers_unread"], found["bhr_keys_unmirrored"]) == (1, 1)


def test_a_ledger_that_is_behind_hinders(door: HttpRig) -> None:
    """Where others saw more, the hub is not ready, and says of which ledger."""
    examination = examined(door, Claim("witness", 10_000, None, ours=True))
    assert havering(examination).behind
    assert "behind havering" in examination.signs().hindrances


def test_checkpoints_and_cosignatures_have_an_age(door: HttpRig) -> None:
    """Ages are of the newest published checkpoint, and of the last line that a witness gave it."""
    assert door.post(door.publisher.submission(door.publisher.event())).status_code == 200
    ledger = ledgers_of(door)["havering"]
    size, now = ledger.head().size, door.rig.clock.now_ms()
    ledger.checkpoints.keep(size, ledger.tiles.root(size), b"note", now_ms=now)
    ledger.checkpoints.publish(size, b"note", now_ms=now)
    ledger.checkpoints.cosign(size, [b"line"], now_ms=now + 10_000)
    door.rig.clock.at_ms += 60_000
    found = havering(examined(door))
    assert (found.unpublished, found.checkpoint_age_s, found.cosignature_age_s) == (0, 60, 50)
