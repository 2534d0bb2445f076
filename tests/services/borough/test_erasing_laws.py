"""The law of erasure at a borough, over invented histories of returns, erasures and restores."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.values import to_text
from domain.vocabulary.catalogue import Catalogue
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.hub import Canary, ErasureRequested, SealingSessionOpened
from domain.vocabulary.parts import FactsPart
from domain.wire import Wire
from services.borough.drafting import Draft
from services.borough.reconciling import Returning
from tests.fakes_borough_store import MemoryBoroughStore
from tests.services.borough.boroughs import Borough, child, referral
from tests.services.borough.erasures import WISH, waiting_in
from tests.services.borough.fake_hub import FakeHub, events_in

PERSONS = ("C0", "C1", "C2")
DAYS = tuple(f"2023-10-{number:02}" for number in range(1, 10))
"""A fact is a day, and day n is told of person n modulo 3: an event's day says whose it is."""
CODES = ("1A", "1B")

Fact = tuple[str, bool]
"""A day, and whether the next person is told of beside its own."""

facts = st.lists(
    st.tuples(st.sampled_from(DAYS), st.booleans()),
    min_size=2,
    max_size=6,
    unique_by=lambda f: f[0],
)
returns = st.tuples(st.just("return"), facts, st.sampled_from(CODES))
operations = st.one_of(
    returns,
    st.tuples(st.just("erase"), st.sampled_from(PERSONS), st.sampled_from(DAYS)),
    returns,
    st.tuples(st.just("silence"), st.integers(1, 2), st.none()),
    st.tuples(st.sampled_from(["keep", "restore"]), st.none(), st.none()),
)


Step = tuple[str, object, object]


@cache
def few_models() -> Wire:
    """Give the models of the kinds that are published here."""
    kinds = (Canary, ErasureRequested, RecordWithdrawn, ReferralReceived, SealingSessionOpened)
    return Wire(Catalogue(kinds))


def persons_of(fact: Fact) -> tuple[str, ...]:
    """Give whom a fact is told of."""
    at = int(fact[0][-2:]) % len(PERSONS)
    return (PERSONS[at], PERSONS[(at + 1) % len(PERSONS)]) if fact[1] else (PERSONS[at],)


def day_in(facts: FactsPart) -> str:
    """Give the day that the facts of a referral name; empty for facts of anything else."""
    return facts.referral_date or "" if isinstance(facts, ReferralReceived.Facts) else ""


def told_in(event: Mapping[str, object]) -> list[tuple[str, str]]:
    """Give the day of an event as it was sent, with the pseudonym of each person it tells of."""
    data = event["data"]
    assert isinstance(data, dict)
    day = data["facts"].get("referral_date", "")
    return [(day, one["pseudonym"]) for one in data.get("subjects", [])]


def draft(fact: Fact, code: str) -> Draft:
    """Tell a fact."""
    told = persons_of(fact)
    return replace(
        referral(told[0], fact[0], source_code=code), subjects=tuple(child(one) for one in told)
    )


@dataclass
class History:
    """One history as it goes, and what was erased in it: of each person day and published days."""

    hub: FakeHub = field(default_factory=lambda: FakeHub(models=few_models))
    erased: list[tuple[str, str, frozenset[str]]] = field(default_factory=list)
    kept: tuple[MemoryBoroughStore, int] | None = None
    known: set[str] = field(default_factory=lambda: set(PERSONS))
    """Of whom the store knows all that was sent: one that was put back knows it of who was erased
    since it was kept, and so is forgotten."""

    def __post_init__(self) -> None:
        """Begin with a borough that has published nothing."""
        self.store = MemoryBoroughStore()
        self.borough = Borough(self.hub, store=self.store)

    def past(self, person: str, day: str) -> bool:
        """Say whether what happened to a person on a day is erased."""
        return any(
            one == person and (day < since or day in told) for one, since, told in self.erased
        )

    def do(self, what: str, first: object, second: object) -> None:
        """Take one step."""
        match what, first, second:
            case "return", list(), str():
                self.publish(first, second)
            case "erase", str(), str():
                self.erase(first, second)
            case "silence", int(), _:
                self.hub.silent = first
                self.borough.patience.often = 0
            case "keep", _, _:
                self.kept = copied(self.store), len(self.erased)
            case "restore", _, _ if self.kept is not None:
                store, erased = self.kept
                self.store = self.borough.store = copied(store)
                self.known = {person for person, _, _ in self.erased[erased:]}
                self.borough.client().send()

    def publish(self, told: list[Fact], code: str) -> None:
        """Publish a return, and look whether everything newer is there once it was sent."""
        client = self.borough.client()
        client.publish(
            sorted((draft(one, code) for one in told), key=lambda one: one.person()),
            Returning("cin", lambda _: True, lambda _: None),
        )
        sent = client.send()
        assert sent.refused == 0
        if sent.left:
            return
        standing = {day_in(event.data.facts) for event in self.hub.standing()}
        for fact in told:
            if self.known.issuperset(persons_of(fact)) and not all(
                self.past(person, fact[0]) for person in persons_of(fact)
            ):
                assert fact[0] in standing

    def erase(self, person: str, day: str) -> None:
        """Erase a person at the hub on a day, and tidy up."""
        client = self.borough.client()
        with self.store.transaction():
            known = ("person", person) in self.store.pseudonyms.generations([("person", person)])
        if not known:
            return
        request = client.request_erasure((person,), WISH)
        self.hub.silent = 0
        client.send()
        published = frozenset(self.recorded(person))
        self.hub.destroy(request, at=f"{day}T12:00:00Z")
        self.erased.append((person, day, published))
        self.known.add(person)
        assert all(one.tidied for one in client.tidy())

    def recorded(self, person: str) -> Iterator[str]:
        """Give the days that the hub holds of a person, of what this store knows to have sent.

        One that was put back from before knows less; what it never sent is told as news.
        """
        with self.store.transaction():
            known = {str(row.event) for row in self.store.erasures.about([person])}
        for name, event in self.hub.events.items():
            if name in known and (day := day_in(event.data.facts)):
                yield day

    def check(self, after: int) -> None:
        """Look at what waits, and at what was sent after the first `after` submissions."""
        with self.store.transaction():
            found = self.store.pseudonyms.generations([("person", one) for one in PERSONS])
        persons = {to_text(one): key for (_, key), every in found.items() for one in every}
        for document in (*waiting_in(self.borough), *self.hub.received[after:]):
            for event in events_in(document):
                told = told_in(event)
                assert all(one in persons for _, one in told)
                assert not [one for day, one in told if day and self.past(persons[one], day)]


def copied(store: MemoryBoroughStore) -> MemoryBoroughStore:
    """Copy a store, as a backup does."""
    made = MemoryBoroughStore()
    for name in ("pseudonyms", "sessions", "published", "outbox"):
        vars(getattr(made, name)).update(copy.deepcopy(vars(getattr(store, name))))
    made.erasures.said = copy.deepcopy(store.erasures.said)
    return made


@settings(max_examples=60, deadline=None)
@given(returns, st.lists(operations, min_size=4, max_size=10))
def test_nothing_erased_is_told_again_and_everything_newer_is(
    first: Step, steps: list[Step]
) -> None:
    """Whatever was returned, erased and put back: the past stays away, later risks do not."""
    history = History()
    for what, one, other in (first, *steps):
        seen = len(history.hub.received)
        history.do(what, one, other)
        history.check(len(history.hub.received) if what == "erase" else seen)
