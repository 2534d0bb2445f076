"""The client as a borough's own system imports it, in a few lines."""

import threading
import uuid
from dataclasses import replace

import pytest

from domain.errors import NotFound
from domain.vocabulary.front_door import ReferralReceived
from services.borough.client import BoroughClient
from services.borough.drafting import Draft, SubjectDraft
from tests.services.borough.boroughs import Borough, assessment, referral
from tests.services.borough.fake_hub import FakeHub


def test_a_few_lines_publish_an_event(hub: FakeHub, borough: Borough) -> None:
    """A case system says what happened in its own words; the client does all the rest."""
    client: BoroughClient = borough.client()
    client.publish(
        [
            Draft(
                kind=ReferralReceived,
                key=("case-4711", "2023-04-03"),
                stream=("case-4711",),
                episode=("case-4711",),
                time="2023-04-03T08:30:00Z",
                precision="instant",
                facts=ReferralReceived.Facts(referral_date="2023-04-03", source_code="6"),
                subjects=(
                    SubjectDraft(
                        person="child-815",
                        role="child",
                        shared=ReferralReceived.Shared(age_band="5-9", sex="female"),
                        restricted=ReferralReceived.Restricted(name="Ada", local_id="815"),
                        linkage=(("nhs", "9434765919"),),
                    ),
                ),
            )
        ]
    )
    sent = client.send()
    assert (sent.left, sent.refused) == (0, 0)
    (referred,) = hub.standing()
    assert client.open_part(uuid.UUID(referred.id), 2).part == ReferralReceived.Restricted(
        name="Ada", local_id="815"
    )


def test_status_counts_by_scope_kind_and_state(borough: Borough) -> None:
    """An operator sees what waits and what is recorded."""
    client = borough.client()
    client.publish([referral("C1"), assessment("C1")])
    before = client.status()
    assert (before.waiting, before.counts["events", "referral-received", "pending"]) == (2, 1)
    client.send()
    after = client.status()
    assert (after.waiting, after.counts["events", "assessment-started", "recorded"]) == (0, 1)


def test_an_acknowledgement_that_is_not_there_is_said_to_be_missing(borough: Borough) -> None:
    """Nothing is made up for a submission that was not answered yet."""
    client = borough.client()
    (submission,) = client.publish([referral()]).submissions
    with pytest.raises(NotFound, match="acknowledgement"):
        client.acknowledgement(submission)


def test_a_sibling_is_the_same_person_in_every_event(hub: FakeHub, borough: Borough) -> None:
    """A person has one pseudonym, whichever place of an event they stand in."""
    client = borough.client()
    first, second = referral("C1"), referral("C2")
    both = replace(referral("C3"), subjects=(*second.subjects, *first.subjects))
    client.publish([first, second, both])
    client.send()
    pseudonyms = [[one.pseudonym for one in event.data.subjects] for event in hub.standing()]
    assert pseudonyms[2] == [*pseudonyms[1], *pseudonyms[0]]


def test_threads_share_a_client(hub: FakeHub, borough: Borough) -> None:
    """Several threads of a case system publish at once: every event once, no number twice."""
    client = borough.client()

    def publish(thread: int) -> None:
        for number in range(20):
            client.publish([referral(f"T{thread}-{number}")])

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.send().left == 0
    assert len(hub.standing()) == 80
    numbers = [int(event.sequence) for event in hub.events.values()]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
