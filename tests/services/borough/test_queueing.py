"""Publishing a return: what changed is queued, what is gone is told, and memory stays bounded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.errors import Fault
from domain.vocabulary.figures import FigureReported
from services.borough.drafting import Draft
from services.borough.queueing import STRETCH, Watch
from services.borough.reconciling import Gone, Held, Returning
from tests.services.borough.boroughs import Borough, assessment, referral
from tests.services.borough.fake_hub import FakeHub


class Return:
    """A return of one scope, and what was told to be gone."""

    def __init__(self, since: str = "2023-04-01") -> None:
        """Have a period that begins on a day."""
        self.gone: list[Gone] = []
        self._since = since

    def asked(self) -> Returning:
        """Give what the client is told of it."""
        return Returning("cin-census", self._holds, self.gone.append)

    def _holds(self, fact: Held) -> bool:
        return fact.time >= self._since


def test_what_is_published_again_changes_nothing(hub: FakeHub, borough: Borough) -> None:
    """The same return twice is one."""
    client = borough.client()
    drafts = [referral("C1"), assessment("C1"), referral("C2")]
    first = client.publish(drafts, Return().asked())
    client.send()
    again = client.publish(drafts, Return().asked())
    assert (first.total("new"), again.total("new"), again.total("unchanged")) == (3, 0, 3)
    assert again.submissions == []
    assert client.send().recorded == 0
    assert len(hub.standing()) == 3


def test_children_and_facts_that_are_gone_are_told_and_kept(hub: FakeHub, borough: Borough) -> None:
    """Nothing is deleted because a return leaves it out; it is told, by whether it was due."""
    client = borough.client()
    early = referral("C1", day="2022-06-01")
    client.publish([early, referral("C1"), assessment("C1"), referral("C2")], Return().asked())
    client.send()
    this_year = Return()
    queued = client.publish([referral("C1")], this_year.asked())
    assert (queued.gone_in_period, queued.gone_out_of_period) == (2, 1)
    told = {
        (one.held.kind, one.held.person, one.in_period): one.person_gone for one in this_year.gone
    }
    assert told == {
        ("referral-received", "C1", False): False,
        ("assessment-started", "C1", True): False,
        ("referral-received", "C2", True): True,
    }
    assert client.send().recorded == 0
    assert len(hub.standing()) == 4


def test_what_is_outside_the_period_is_not_taken_for_another_key(
    hub: FakeHub, borough: Borough
) -> None:
    """Last year's assessment is not this year's under a wrong day, however alike they are."""
    client = borough.client()
    client.publish([assessment("C1", "2022-06-01")], Return().asked())
    queued = client.publish([assessment("C1", "2023-06-01")], Return().asked())
    assert queued.total("new") == 1
    client.send()
    assert len(hub.standing()) == 2


def test_a_changed_key_is_taken_back_and_told_anew(hub: FakeHub, borough: Borough) -> None:
    """A day that was wrong in the key leaves one fact, with its replacement named."""
    client = borough.client()
    client.publish([assessment("C1", "2023-06-01")], Return().asked())
    client.send()
    corrected = Return()
    queued = client.publish([assessment("C1", "2023-06-02")], corrected.asked())
    assert (queued.total("rekeyed"), corrected.gone) == (1, [])
    client.send()
    (stands,) = hub.standing()
    withdrawal = next(one for one in hub.events.values() if one.kind_name() == "record-withdrawn")
    told = withdrawal.data.facts.model_dump()
    assert (told["reason"], told["replacement"]) == ("wrong-key", stands.id)


def test_scopes_do_not_miss_each_other_s_facts(borough: Borough) -> None:
    """What another return or a single event told is not gone from this one."""
    client = borough.client()
    client.publish([referral("C1")])
    client.publish([referral("C2")], replace(Return().asked(), scope="annex-a"))
    this = Return()
    client.publish([referral("C3")], this.asked())
    assert this.gone == []


def test_a_correction_told_singly_stays_in_the_return(borough: Borough) -> None:
    """A fact of a return that a single event corrected is still missed by the return."""
    client = borough.client()
    client.publish([referral("C1")], Return().asked())
    client.publish([referral("C1", source_code="1A")])
    next_year = Return()
    client.publish([], next_year.asked())
    assert [one.held.person for one in next_year.gone] == ["C1"]


def test_a_key_met_twice_is_the_same_fact_or_refused(hub: FakeHub, borough: Borough) -> None:
    """In one return a key stands once: with another content nobody can say which is right."""
    client = borough.client()
    refused: list[tuple[int, tuple[Fault, ...]]] = []
    watch = Watch(refused=lambda number, faults: refused.append((number, faults)))
    drafts = [referral("C1"), referral("C1"), referral("C1", source_code="1A")]
    queued = client.publish(drafts, Return().asked(), watch=watch)
    assert [queued.total(change) for change in ("new", "unchanged", "repeated")] == [1, 1, 1]
    assert refused == [(2, (Fault(2, "subject", "key-met-twice"),))]
    client.send()
    assert len(hub.standing()) == 1


def test_a_key_met_again_much_later_is_met_again(hub: FakeHub, borough: Borough) -> None:
    """Also over stretches: a child that stands twice in a file is told, not told twice."""
    client = borough.client()
    others = [referral(f"K{number}") for number in range(STRETCH)]
    drafts = [referral("C1"), *others, referral("C1"), referral("C1", source_code="1A")]
    queued = client.publish(drafts, Return().asked())
    assert [queued.total(change) for change in ("unchanged", "repeated")] == [1, 1]


def test_scattered_drafts_of_a_person_all_stand(hub: FakeHub, borough: Borough) -> None:
    """A person whose drafts stand far apart in a file ends with every fact, old and new."""
    client = borough.client()
    near, far = assessment("C1", "2023-06-01"), assessment("C1", "2023-06-02")
    others = [referral(f"K{number}") for number in range(STRETCH)]
    client.publish([far], Return().asked())
    this = Return()
    client.publish([near, *others, far], this.asked())
    client.send()
    starts = {one.data.facts.model_dump().get("start_date") for one in hub.standing()}
    assert starts == {None, "2023-06-01", "2023-06-02"}
    assert (len(hub.standing()), this.gone) == (STRETCH + 2, [])


def test_outside_a_return_values_come_one_after_another(hub: FakeHub, borough: Borough) -> None:
    """A system that replays its changes publishes each: the last one stands."""
    client = borough.client()
    queued = client.publish([referral(source_code=code) for code in ("1A", "1B", "1A", "1A")])
    assert [queued.total(one) for one in ("new", "corrected", "unchanged")] == [1, 2, 1]
    client.send()
    (stands,) = hub.standing()
    assert stands.data.facts.model_dump()["source_code"] == "1A"


def test_a_draft_that_does_not_hold_together_is_told_and_not_gone(borough: Borough) -> None:
    """It is in the return, so it is not reported as gone; its neighbours go on."""
    client = borough.client()
    client.publish([referral("C1"), referral("C2")], Return().asked())
    told: list[int] = []
    this = Return()
    broken = replace(referral("C1"), time="2023-02-30T00:00:00Z")
    queued = client.publish(
        [broken, referral("C2")], this.asked(), watch=Watch(refused=lambda at, _: told.append(at))
    )
    assert (queued.counts["referral-received", "refused"], told, this.gone) == (1, [0], [])


def test_what_cannot_be_sent_is_not_taken_for_a_changed_key(borough: Borough) -> None:
    """A fact that is in the return, but wrong in it, is not missing: another is not its heir."""
    client = borough.client()
    client.publish([assessment("C1", "2023-06-01")], Return().asked())
    broken = replace(assessment("C1", "2023-06-01"), time="never")
    queued = client.publish([broken, assessment("C1", "2023-06-02")], Return().asked())
    assert (queued.total("refused"), queued.total("new")) == (1, 1)


def test_a_broken_key_is_refused_like_anything_else(borough: Borough) -> None:
    """Half a character in a key of the source does not stop the rest."""
    queued = borough.client().publish(
        [replace(referral(), key=("\ud800",)), referral("C2")], Return().asked()
    )
    assert (queued.total("refused"), queued.total("new")) == (1, 1)


def test_progress_is_told_when_it_is_durable(borough: Borough) -> None:
    """Whoever watches is told numbers that a crash cannot take back."""
    client = borough.client()
    seen: list[tuple[int, int]] = []

    def queued(drafts: int) -> None:
        seen.append((drafts, client.status().waiting))

    client.publish(
        (referral(f"C{number}") for number in range(STRETCH + 7)), watch=Watch(queued=queued)
    )
    assert [drafts for drafts, _ in seen] == [STRETCH, STRETCH + 7]
    assert all(waiting for _, waiting in seen)


def test_a_crash_between_stretches_is_picked_up(hub: FakeHub, borough: Borough) -> None:
    """What was durable is found as published, and the rest is queued by beginning again."""

    class Crash(Exception):
        """The machine stops."""

    def stopping() -> Iterator[Draft]:
        yield from (referral(f"C{number}") for number in range(STRETCH + 1))
        raise Crash

    with pytest.raises(Crash):
        borough.client().publish(stopping(), Return().asked())
    client = borough.client()
    queued = client.publish(
        (referral(f"C{number}") for number in range(STRETCH + 5)), Return().asked()
    )
    assert (queued.total("unchanged"), queued.total("new")) == (STRETCH, 5)
    client.send()
    assert len(hub.standing()) == STRETCH + 5


def test_events_about_nobody_are_published_too(hub: FakeHub, borough: Borough) -> None:
    """Figures have no persons: in a return they are held against what was published alike."""
    client = borough.client()
    facts = {
        "area": "E09000016",
        "measure": "first-time-entrants",
        "numerator": 12,
        "period_end": "2023-06-30",
        "period_start": "2023-04-01",
        "published_source": "Youth justice, quarterly sheet",
    }
    figures = [
        Draft(
            FigureReported,
            ("first-time-entrants", quarter),
            ("first-time-entrants",),
            "2023-06-30T00:00:00Z",
            FigureReported.Facts.model_validate(facts),
        )
        for quarter in ("q1", "q2")
    ]
    client.publish(figures, Return().asked())
    later = Return()
    assert client.publish(figures[:1], later.asked()).total("unchanged") == 1
    assert [(one.held.person, one.person_gone) for one in later.gone] == [("", False)]
    sent = client.send()
    assert (sent.recorded, sent.refused) == (3, 0)


def test_counts_are_by_kind(borough: Borough) -> None:
    """A load report needs each kind's own numbers."""
    queued = borough.client().publish([referral("C1"), assessment("C1"), assessment("C2")])
    assert queued.counts == Counter(
        {("referral-received", "new"): 1, ("assessment-started", "new"): 2}
    )
