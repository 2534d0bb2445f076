"""Publishing against a model: whatever happens on the way, the hub ends with what the source says.

The model is the source itself. Between its changes the hub may be silent, do what it is asked and
not be heard, refuse values or whole submissions; the client may be restarted, and submissions taken
back. Once the hub behaves again and the return is published, what stands there is each of the
source's facts once, with its latest value, and beside them what was reported as gone.
"""

import uuid
from collections import Counter
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.canonical import canonical
from domain.values import to_text
from domain.vocabulary.assessment import AssessmentStarted
from domain.wire import AnySigned
from services.borough.drafting import Draft
from services.borough.pseudonyms import unspelled
from services.borough.reconciling import Gone, Returning
from services.borough.stretch import EVENTS_SCOPE
from services.client_ports import State
from services.hub_door import HubAnswer
from tests.fakes_borough_store import MemoryBoroughStore
from tests.services.borough.boroughs import HOUR_MS, Borough, assessment
from tests.services.borough.fake_hub import FakeHub, events_in, takes_all

SCOPE = "assessments"
DAYS = tuple(f"2023-05-{day:02d}" for day in range(1, 6))
REVIEWS = (None, "2023-06-01", "2023-06-02", "2023-06-03")
REFUSED_REVIEW = "2023-06-02"
PERSONS = ("C1", "C2")
REFUSAL = HubAnswer(
    403, canonical({"status": 403, "type": "urn:bhr:problem:source-not-registered"})
)

Key = tuple[str, str, int]


def refuses_a_review(event: AnySigned) -> str | None:
    """Refuse events with one of the values."""
    facts = event.data.facts
    assert not isinstance(facts, AssessmentStarted.Facts) or facts.episode is not None
    refused = getattr(facts, "internal_review_date", None) == REFUSED_REVIEW
    return "not-valid" if refused else None


class Publishing(RuleBasedStateMachine):
    """One borough, its source, and a hub that is not always well."""

    def __init__(self) -> None:
        """Begin with an empty source."""
        super().__init__()
        self.hub = FakeHub()
        self.store = MemoryBoroughStore()
        self.borough = Borough(self.hub, store=self.store)
        self.client = self.borough.client()
        self.source: dict[Key, str | None] = {}
        self.moved: set[Key] = set()
        self.gone: list[Gone] = []

    @rule(
        person=st.sampled_from(PERSONS),
        day=st.sampled_from(DAYS),
        number=st.integers(1, 2),
        review=st.sampled_from(REVIEWS),
    )
    def say(self, person: str, day: str, number: int, review: str | None) -> None:
        """The source has a fact, or has it with another value."""
        self.source[person, day, number] = review

    @precondition(lambda self: self.source)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """The source no longer has a fact."""
        del self.source[data.draw(st.sampled_from(sorted(self.source)))]

    @precondition(lambda self: self.source)
    @rule(data=st.data(), day=st.sampled_from(DAYS))
    def rename(self, data: st.DataObject, day: str) -> None:
        """The source has found that a fact's day was another."""
        person, old, number = data.draw(st.sampled_from(sorted(self.source)))
        if (person, day, number) not in self.source:
            self.source[person, day, number] = self.source.pop((person, old, number))

    @precondition(lambda self: self.source)
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        """A fact turns out to belong to another stream."""
        self.moved ^= {data.draw(st.sampled_from(sorted(self.source)))}

    @rule()
    def publish_return(self) -> None:
        """The whole return is published."""
        self.gone = []
        returning = Returning(SCOPE, lambda _: True, self.gone.append)
        self.client.publish(self._drafts(), returning)

    @precondition(lambda self: self.source)
    @rule(data=st.data(), review=st.sampled_from(REVIEWS), apart=st.booleans())
    def publish_changes(self, data: st.DataObject, review: str | None, *, apart: bool) -> None:
        """The source tells two values of one fact, one after another, outside any return."""
        key = data.draw(st.sampled_from(sorted(self.source)))
        told = [self._draft(key, self.source[key]), self._draft(key, review)]
        self.source[key] = review
        for drafts in [[one] for one in told] if apart else [told]:
            self.client.publish(drafts)

    @rule(silent=st.integers(0, 3), unheard=st.integers(0, 2))
    def send(self, silent: int, unheard: int) -> None:
        """What is queued is sent, now and then without an answer."""
        self.hub.silent, self.hub.unheard = silent, unheard
        self.borough.patience.waited.clear()
        self.borough.patience.often = 2
        self.client.send()
        self.hub.silent = self.hub.unheard = 0

    @rule(taken=st.integers(1, 2))
    def send_to_a_hub_that_goes(self, taken: int) -> None:
        """The hub takes some of what is queued, and the rest stays in the outbox."""
        self.hub.until_gone = taken
        self.borough.patience.often = 2
        self.client.send()
        self.hub.until_gone = None

    @rule()
    def send_to_a_hub_that_refuses_a_value(self) -> None:
        """Events with one of the values are refused."""
        self.hub.judge = refuses_a_review
        self.client.send()
        self.hub.judge = takes_all

    @rule()
    def send_to_a_hub_that_refuses_everything(self) -> None:
        """Submissions are refused as a whole, sealing sessions among them."""
        self.hub.problem = REFUSAL
        self.client.send()
        self.hub.problem = None

    @precondition(lambda self: self.hub.answers)
    @rule(at=st.integers(0, 20))
    def take_back(self, at: int) -> None:
        """A submission turns out to have been the wrong file."""
        known = list(self.hub.answers)
        self.client.withdraw(uuid.UUID(known[at % len(known)]), "wrong-file")

    @rule(hours=st.sampled_from((1, 30)))
    def restart(self, hours: int) -> None:
        """The client is started again some time later."""
        self.borough.clock.now += hours * HOUR_MS
        self.client = self.borough.client()

    @rule()
    def settle(self) -> None:
        """With a hub that is well, one publication brings both together."""
        self.client.send()
        self.publish_return()
        sent = self.client.send()
        assert (sent.left, sent.refused) == (0, 0)
        standing = Counter(map(self._said, self.hub.standing()))
        held = Counter((self._stream(key), review) for key, review in self.source.items())
        assert standing & held == held
        beside = {stream[:3] for stream, _ in (standing - held).elements()}
        gone = {one.held.stream[:3] for one in self.gone}
        assert beside - gone <= self._keys(EVENTS_SCOPE) - {stream[:3] for stream, _ in held}
        assert gone - beside <= self._keys(SCOPE, "adrift")
        unchanged = self.client.publish(
            self._drafts(), Returning(SCOPE, lambda _: True, lambda _: None)
        )
        assert unchanged.total("unchanged") == len(self.source)
        assert self.client.send().recorded == 0

    @invariant()
    def numbers_have_no_gap_and_no_double(self) -> None:
        """Each event has its own number, in the order of sending, none skipped."""
        documents = dict.fromkeys(self.hub.received)
        numbers = [int(one["sequence"]) for sent in documents for one in events_in(sent)]
        assert numbers == list(range(1, len(numbers) + 1))

    def _drafts(self) -> list[Draft]:
        return [self._draft(key, review) for key, review in sorted(self.source.items(), key=_key)]

    def _draft(self, key: Key, review: str | None) -> Draft:
        person, day, number = key
        facts = {} if review is None else {"internal_review_date": review}
        draft = assessment(person, day, number, **facts)
        return replace(draft, stream=self._stream(key))

    def _stream(self, key: Key) -> tuple[str, ...]:
        person, day, number = key
        return (person, day, str(number), "other" if key in self.moved else "assessment")

    def _said(self, event: AnySigned) -> tuple[tuple[str, ...], str | None]:
        """Give what an event says, and its stream by the natural key."""
        facts = event.data.facts
        assert isinstance(facts, AssessmentStarted.Facts)
        names = {
            to_text(pseudonym): unspelled(key)
            for (name_class, key), given in self.store.pseudonyms.rows.items()
            for pseudonym in given
            if name_class == "stream"
        }
        return names[event.subject], facts.internal_review_date

    def _keys(self, scope: str, *states: State) -> set[tuple[str, ...]]:
        """Give the keys of standing rows: facts first told outside the return, or in doubt."""
        with self.store.transaction():
            rows = self.store.published.standing_of(scope, PERSONS)
        return {unspelled(row.key) for row in rows if row.state in (states or (row.state,))}


def _key(item: tuple[Key, str | None]) -> Key:
    return item[0]


TestStanding = Publishing.TestCase
TestStanding.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
