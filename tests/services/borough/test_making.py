"""Events as they are made: what the hub reads and spells again is what was signed."""

import json
import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.canonical import canonical
from domain.envelope import header_bytes, shared_bytes
from domain.statement import commit
from domain.values import Day, to_bytes
from domain.vocabulary.catalogue import STANDARD
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.hub import Canary
from domain.vocabulary.parts import Kind, _models
from domain.vocabulary.persons import EpisodeFacts
from domain.wire import AnySigned
from services.borough.drafting import Draft, SubjectDraft, Tagged, Tagging, part_bytes
from services.borough.linkage import LinkageKey
from services.borough.making import Made, Maker, OwnEvent, Slot, with_episode
from services.borough.pseudonyms import Pseudonyms
from services.borough.sealing import PartPlace, SealedContent, SessionName, SessionSeal
from services.preparing import from_signed
from tests.fakes_borough import MemoryPseudonyms
from tests.services.borough.boroughs import Borough, child, referral
from tests.services.borough.fake_hub import FakeHub, wire

BOROUGH = Borough(FakeHub())
SPEAKER = BOROUGH.speaker
SEAL = SessionSeal(
    SessionName("havering", SPEAKER.source, bytes(32), ("havering", "redbridge")),
    bytes(32),
    BOROUGH.means.cipher,
)
SLOT = Slot(uuid.UUID("018bcfe5-6800-7000-8000-000000000001"), 41)
KEYS = (LinkageKey.of(b"1" * 32), LinkageKey.of(b"2" * 32))


def made(draft: Draft, slot: Slot = SLOT) -> Made:
    """Make the event of a draft."""
    tagged = Tagging(b"k" * 32, SPEAKER.source).tagged(0, draft)
    assert isinstance(tagged, Tagged), tagged
    return Maker(SPEAKER, KEYS).event(tagged, slot, Pseudonyms(MemoryPseudonyms(), []), SEAL)


def read(event: Made) -> AnySigned:
    """Read an event as the hub does."""
    (found,) = wire().signed_submission(in_a_submission(event)).events
    assert not isinstance(found, tuple), found
    return found


def in_a_submission(event: Made) -> bytes:
    """Put an event into a document that says nothing true of itself."""
    head = {
        "id": str(event.event),
        "key": "A" * 43,
        "ledger": "havering",
        "signature": "A" * 86,
        "source": SPEAKER.source,
        "statements": ["A" * 43],
    }
    return b'{"events":[%b],"submission":%b}' % (event.document, json.dumps(head).encode())


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(TEXTS, TEXTS, st.sampled_from([None, "female", "male"]), st.booleans())
def test_the_hub_comes_to_the_same_statement(
    narrative: str,
    address: str,
    sex: str | None,
    with_restricted: bool,  # noqa: FBT001 - hypothesis hands it over
) -> None:
    """Whatever the texts, what the hub recomputes from the document is what the client signed."""
    restricted = ReferralReceived.Restricted(narrative=narrative, address=address[:200])
    subject = SubjectDraft(
        "C1",
        "child",
        ReferralReceived.Shared.model_validate({} if sex is None else {"sex": sex}),
        restricted if with_restricted else None,
        (("nhs", "9434765919"), ("upn", "A123456789012")),
    )
    event = made(replace(referral(), subjects=(subject, child("C2"))))
    assert from_signed(read(event)).digest == event.statement


def test_the_header_says_what_was_asked() -> None:
    """Numbers, times, agreement and purpose are the client's own unless the draft has its own."""
    event = read(made(referral()))
    assert (event.agreement, event.purpose) == ("bhr-themes@1", "partnership-themes")
    assert (event.sequence, event.source, event.time) == ("41", SPEAKER.source, referral().time)
    assert event.sealingsession == SEAL.text
    own = replace(referral(), agreement="other@2", purpose="case-work", residencela="311")
    event = read(made(own, replace(SLOT, supersedes=uuid.UUID(int=SLOT.event.int + 1))))
    assert (event.agreement, event.purpose, event.residencela) == ("other@2", "case-work", "311")
    assert event.supersedes == str(uuid.UUID(int=SLOT.event.int + 1))


def test_the_facts_name_the_episode_by_its_pseudonym() -> None:
    """No natural key leaves the borough: the episode is named like everything else."""
    event = read(made(referral("SECRET-ID")))
    assert isinstance(event.data.facts, ReferralReceived.Facts)
    assert event.data.facts.episode is not None
    assert len(to_bytes(event.data.facts.episode)) == 32
    assert b"SECRET-ID" not in made(referral("SECRET-ID")).document


def test_what_is_restricted_is_nowhere_in_the_document() -> None:
    """The hub is never sent a restricted value: neither date of birth nor number in the clear."""
    subject = replace(child(), linkage=(("nhs", "9434765919"),))
    document = made(replace(referral(), subjects=(subject,))).document
    for value in (b"2016-05-04", b"9434765919", b"date_of_birth"):
        assert value not in document


def test_every_part_has_a_salt_of_its_own() -> None:
    """Equal contents are not seen to be equal: header, facts and persons are salted apart."""
    event = read(made(replace(referral(), subjects=(child("C1"), child("C2")))))
    salts = {event.data.salts.facts, event.data.salts.header}
    salts |= {subject.salt for subject in event.data.subjects}
    assert len(salts) == 4


def test_a_recipient_opens_what_was_committed_to() -> None:
    """The sealed part is the restricted part's canonical bytes, at its own number."""
    event = read(made(replace(referral(), subjects=(child("C1"), child("C2")))))
    for at, subject in enumerate(event.data.subjects):
        assert subject.restricted is not None
        assert subject.restricted.recipients == ("havering", "redbridge")
        sealed = SealedContent(
            to_bytes(subject.restricted.envelope), to_bytes(subject.restricted.commitment)
        )
        content = SEAL.open(PartPlace(SLOT.event, 2 + 2 * at), sealed)
        expected = child(f"C{at + 1}").restricted
        assert expected is not None
        assert content == expected.canonical()


def test_bytes_are_those_of_the_models() -> None:
    """Header and shared part are written by hand, and are what the models would write."""
    event = made(replace(referral(), subjects=(replace(child(), linkage=(("nhs", "9" * 10),)),)))
    found = read(event)
    (subject,) = found.data.subjects
    assert event.document.startswith(header_bytes(found)[:-1])
    assert shared_bytes(subject)[:-1] in event.document


def test_own_events_are_about_nobody() -> None:
    """A canary is an event like any other, without persons."""
    stream = "A" * 43
    facts = Canary.Facts(beat=1, sent_at="2023-04-03T09:00:00Z")
    own = OwnEvent(Canary, stream, "2023-04-03T09:00:00Z", facts)
    event = Maker(SPEAKER, ()).own(own, SLOT)
    found = read(event)
    assert found.data.subjects == ()
    assert found.data.facts == facts
    assert from_signed(found).digest == event.statement
    assert from_signed(found).header_commitment == commit(
        to_bytes(found.data.salts.header), header_bytes(found)
    )


@pytest.mark.parametrize(
    "kind", [one for one in STANDARD.kinds if "episode" in one.Facts.model_fields]
)
def test_facts_that_name_an_episode_hold_no_object(kind: type[Kind]) -> None:
    """In which a field might be named like one of theirs, and be taken for it."""
    fields = kind.Facts.model_fields.values()
    assert not [model for field in fields for model in _models(field.annotation)]


class DatedFacts(EpisodeFacts):
    """Facts with fields on both sides of the episode's place."""

    due: Day | None = None
    held: Day | None = None


@given(
    st.dictionaries(
        st.sampled_from(sorted({*DatedFacts.model_fields} - {"episode", "family_view_recorded"})),
        st.sampled_from(["2024-02-29", None]),
    )
)
def test_an_episode_is_named_where_the_canonical_form_has_it(said: dict[str, str | None]) -> None:
    """Whatever else the facts say, and be it nothing, they read as if spelt with the episode."""
    facts = DatedFacts.model_validate_json(json.dumps(said))
    told = {name: value for name, value in said.items() if value is not None}
    assert part_bytes(facts) == canonical(told)
    named = with_episode(facts, part_bytes(facts), "E")
    assert named == canonical({**told, "episode": "E"})
