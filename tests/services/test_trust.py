"""Whom we believe: the fingerprints that we were given, and whoever these signed for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.keys import signing
from domain.reference.body_keys import BodyKeys, KeyPurpose, PublicKey
from domain.values import to_text
from services.trust import Belief, Vouched
from tests.hub_rig import MemoryTrust
from tests.key_chains import BOTH, Body

BODY = Body()
FIRST = BODY.first()
SECOND = BODY.rotated(FIRST, 1)
THIRD = BODY.rotated(SECOND, 2)


def belief(*given: tuple[KeyPurpose, int], body: Body = BODY) -> Belief:
    """Give what is believed by who was read out these keys of a body."""
    trust = MemoryTrust()
    for purpose, number in given:
        trust.add(Vouched(body.name, purpose, body.mark(purpose, number)))
    return Belief(trust, signing.verify)


def believed(found: Belief, keys: Sequence[PublicKey], name: str = BODY.name) -> set[str]:
    """Name the keys of a list that are believed: `signing 2`."""
    return {
        f"{purpose} {number}"
        for purpose in BOTH
        for number in range(3)
        if found.key(name, keys, purpose, BODY.mark(purpose, number)) is not None
    }


ALL = {f"{purpose} {number}" for purpose in BOTH for number in range(3)}


def test_a_chain_is_believed_from_the_key_that_was_given_on() -> None:
    """With the first keys all that follow are believed; with later ones, none that came before."""
    assert believed(belief(("recipient", 0), ("signing", 0)), THIRD.keys) == ALL
    later = {"recipient 1", "recipient 2", "signing 1", "signing 2"}
    assert believed(belief(("recipient", 1), ("signing", 1)), THIRD.keys) == later
    assert believed(belief(), THIRD.keys) == set()


def test_a_purpose_that_was_not_given_is_not_believed() -> None:
    """A recipient's key follows one that was given, by a signing key that is believed: both."""
    signing_alone = {"signing 0", "signing 1", "signing 2"}
    assert believed(belief(("signing", 0)), THIRD.keys) == signing_alone
    assert believed(belief(("recipient", 0)), THIRD.keys) == {"recipient 0"}


def test_another_body_s_chain_is_its_own() -> None:
    """A chain is bound to its body: in another's name it proves nothing."""
    found = belief(("recipient", 0), ("signing", 0), body=replace(BODY))
    assert believed(found, THIRD.keys, "redbridge") == set()
    trust = MemoryTrust()
    for purpose in BOTH:
        trust.add(Vouched("redbridge", purpose, BODY.mark(purpose, 0)))
    theirs = Belief(trust, signing.verify)
    assert believed(theirs, THIRD.keys, "redbridge") == {"recipient 0", "signing 0"}


def test_the_newest_is_the_last_that_follows() -> None:
    """Of what the hub lists, the end of the line is used; what it holds back cannot be used."""
    found = belief(("recipient", 0), ("signing", 0))
    for number, listed in enumerate((FIRST, SECOND, THIRD)):
        for purpose in BOTH:
            key = found.newest(BODY.name, listed.keys, purpose)
            assert key is not None
            assert key.fingerprint == to_text(BODY.mark(purpose, number))
    assert belief().newest(BODY.name, THIRD.keys, "signing") is None


def test_a_key_given_anew_is_used_before_an_older_line() -> None:
    """Keys that were lost are replaced by hand: the fingerprint that was given last leads."""
    other = Body("havering anew")
    stranger = PublicKey(
        fingerprint=to_text(other.mark("signing", 0)),
        public=to_text(other.public("signing", 0)),
        purpose="signing",
    )
    trust = MemoryTrust()
    trust.add(Vouched(BODY.name, "signing", BODY.mark("signing", 0)))
    trust.add(Vouched(BODY.name, "signing", other.mark("signing", 0)))
    found = Belief(trust, signing.verify)
    assert found.newest(BODY.name, (stranger, *THIRD.keys), "signing") == stranger


def changed(keys: Sequence[PublicKey], at: int, **link: str) -> list[PublicKey]:
    """Give the list with another word in one key's link."""
    key = keys[at]
    assert key.follows is not None
    follows = key.follows.model_copy(update=link)
    return [*keys[:at], key.model_copy(update={"follows": follows}), *keys[at + 1 :]]


@pytest.mark.parametrize("field", ["reason", "replaces", "signature", "signed_by"])
def test_a_link_that_was_altered_breaks_the_chain(field: str) -> None:
    """No word of a link can be changed: its key is not believed, nor is any that follows it."""
    other = {
        "reason": "compromised",
        "replaces": to_text(BODY.mark("signing", 2)),
        "signature": "A" * 86,
        "signed_by": to_text(BODY.mark("signing", 2)),
    }
    at = [key.fingerprint for key in THIRD.keys].index(to_text(BODY.mark("signing", 1)))
    keys = changed(THIRD.keys, at, **{field: other[field]})
    assert believed(belief(("signing", 0)), keys) == {"signing 0"}


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(range(6)), without=st.sets(st.integers(0, 5)))
def test_nothing_is_believed_of_a_list_but_what_is_signed_for(
    order: list[int], without: set[int]
) -> None:
    """However a list is ordered or cut, only what the whole list bears out is believed."""
    keys = [THIRD.keys[at] for at in order if at not in without]
    found = believed(belief(("recipient", 0), ("signing", 0)), keys)
    listed = {(key.purpose, key.fingerprint) for key in keys}
    for name in found:
        purpose, number = name.split()
        for before in range(int(number) + 1):
            mark = to_text(BODY.mark("signing" if purpose == "signing" else "recipient", before))
            assert (purpose, mark) in listed


def test_a_stranger_s_successor_is_nobody_s() -> None:
    """Whoever signs with a key of their own continues no chain, whatever they call it."""
    evil = Body("an operator")
    link = evil.replacing("signing", 1).listed(BODY.name, "due")
    assert link.follows is not None
    follows = link.follows.model_copy(
        update={
            "replaces": to_text(BODY.mark("signing", 0)),
            "signed_by": to_text(BODY.mark("signing", 0)),
        }
    )
    keys = (*FIRST.keys, link.model_copy(update={"follows": follows}))
    found = belief(("signing", 0))
    assert found.key(BODY.name, keys, "signing", evil.mark("signing", 1)) is None
    newest = found.newest(BODY.name, keys, "signing")
    assert newest is not None
    assert newest.fingerprint == to_text(BODY.mark("signing", 0))


def test_lists_in_turn_are_documents() -> None:
    """Each list is a later version with all keys of the one before, so that it is registered."""
    assert [one.version for one in (FIRST, SECOND, THIRD)] == [1, 2, 3]
    assert list(SECOND.drops(FIRST)) == list(THIRD.drops(SECOND)) == []
    assert isinstance(THIRD, BodyKeys)


@pytest.mark.parametrize("number", range(3))
def test_belief_that_was_taken_back_ends_for_all_who_follow(number: int) -> None:
    """What was recorded before stays believed of a key and of its line, and nothing later is."""
    trust = MemoryTrust()
    trust.add(Vouched(BODY.name, "signing", BODY.mark("signing", 0)))
    trust.remove(BODY.mark("signing", 0), 1_000)
    found = Belief(trust, signing.verify)
    mark = BODY.mark("signing", number)
    assert found.key(BODY.name, THIRD.keys, "signing", mark) is None
    key, until_ms = found.known(BODY.name, THIRD.keys, "signing", mark)
    assert (key is not None, until_ms) == (True, 1_000)
    assert found.newest(BODY.name, THIRD.keys, "signing") is None


def test_a_later_key_that_was_read_out_itself_stands_by_itself() -> None:
    """Whoever follows a key that is given up is believed again once its own mark was given."""
    trust = MemoryTrust()
    trust.add(Vouched(BODY.name, "signing", BODY.mark("signing", 0)))
    trust.remove(BODY.mark("signing", 0), 1_000)
    trust.add(Vouched(BODY.name, "signing", BODY.mark("signing", 1)))
    assert believed(Belief(trust, signing.verify), THIRD.keys) == {"signing 1", "signing 2"}
    newest = Belief(trust, signing.verify).newest(BODY.name, THIRD.keys, "signing")
    assert newest is not None
    assert newest.fingerprint == to_text(BODY.mark("signing", 2))
