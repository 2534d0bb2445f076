"""A source that lost its store hears which numbers it has used, and nobody else does."""

from __future__ import annotations

import json

from domain.vocabulary.hub import EntriesFetched
from services.ports import Caller
from tests.http_rig import HttpRig
from tests.hub_rig import HAVERING, REDBRIDGE
from tests.rig_publisher import Json

PATH = "/v1/numbers"
ANOTHER_SOURCE = Caller("redbridge", REDBRIDGE, None, "system")


def asked(door: HttpRig, who: dict[str, str]) -> Json:
    """Ask as one caller; gives the document."""
    answer = door.client.get(PATH, headers=who)
    assert answer.status_code == 200, answer.content
    told: Json = json.loads(answer.content)
    return told


def test_the_highest_is_that_of_what_is_recorded_or_refused(door: HttpRig) -> None:
    """A refusal fills a number too; asked again, what came since is counted on."""
    before = asked(door, door.publishing)
    assert (before["events"], before["highest"], before["source"]) == (0, 0, HAVERING)
    first, refused = door.publisher.event(), door.publisher.event(sequence="41")
    refused["time"] = "1970-01-01T00:00:00Z"
    assert door.post(door.publisher.submission(first)).status_code == 200
    door.post(door.publisher.submission(refused))
    told = asked(door, door.publishing)
    assert (told["events"], told["refused"], told["highest"]) == (1, 1, 41)
    assert door.post(door.publisher.submission(door.publisher.event(sequence="77"))).is_success
    assert asked(door, door.publishing)["highest"] == 77


def test_each_source_hears_of_its_own(door: HttpRig) -> None:
    """Others' numbers are not told; who publishes nothing is refused, and who is unknown."""
    door.post(door.publisher.submission(door.publisher.event()))
    other = asked(door, door.bearer(ANOTHER_SOURCE))
    assert (other["source"], other["ledger"], other["highest"]) == (REDBRIDGE, "redbridge", 0)
    assert door.client.get(PATH, headers=door.reading).status_code == 403
    assert door.client.get(PATH).status_code == 401


def test_who_asked_is_recorded(door: HttpRig) -> None:
    """As who fetches entries is: the entries that were counted, by the body of its own ledger."""
    told = asked(door, door.publishing)
    facts = door.rig.havering.opened()[-1].facts
    assert isinstance(facts, EntriesFetched.Facts)
    assert (facts.first, facts.count) == (0, told["size"])
    assert (facts.participant, facts.reader, facts.right) == ("havering", "system", "own")
