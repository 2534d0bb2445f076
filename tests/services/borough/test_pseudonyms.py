"""Pseudonyms: random, lasting, one for each natural key, and renewed after a fence."""

from hypothesis import given
from hypothesis import strategies as st

from domain.values import to_bytes
from services.borough.pseudonyms import Pseudonyms, renew, spelled, unspelled
from services.client_ports import Name
from tests.fakes_borough import MemoryPseudonyms

KEYS = st.lists(st.text(max_size=12), max_size=4).map(tuple)
CHILD: Name = ("person", spelled(("C1",)))


@given(KEYS)
def test_a_key_can_be_read_back(key: tuple[str, ...]) -> None:
    """What is reported as gone is named in the source's own words."""
    assert unspelled(spelled(key)) == key


@given(KEYS, KEYS)
def test_two_keys_never_spell_alike(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Two things of the source never share a pseudonym because of how they are written."""
    assert (spelled(one) == spelled(other)) == (one == other)


def test_the_same_key_keeps_its_pseudonym() -> None:
    """The same child in next year's return is the same subject."""
    table = MemoryPseudonyms()
    this_year = Pseudonyms(table, [CHILD])
    given_out = this_year.of(CHILD)
    this_year.keep()
    assert Pseudonyms(table, [CHILD]).of(CHILD) == given_out
    assert Pseudonyms(table, []).of(CHILD) == given_out
    assert len(to_bytes(given_out)) == 32


def test_classes_are_apart() -> None:
    """A person and a stream of the same key have nothing in common."""
    names = Pseudonyms(MemoryPseudonyms(), [])
    key = spelled(("C1",))
    given_out = {
        names.of(("person", key)),
        names.of(("stream", key)),
        names.of(("episode", key)),
        names.of(("own", key)),
    }
    assert len(given_out) == 4


def test_they_are_derived_from_nothing() -> None:
    """Another borough, or the same one with an empty table, makes another pseudonym."""
    assert Pseudonyms(MemoryPseudonyms(), []).of(CHILD) != Pseudonyms(MemoryPseudonyms(), []).of(
        CHILD
    )


def test_after_a_fence_there_is_a_new_one() -> None:
    """A destroyed pseudonym is never used again, and what happens later can still be shared."""
    table = MemoryPseudonyms()
    names = Pseudonyms(table, [CHILD])
    before = names.of(CHILD)
    names.keep()
    renew(table, CHILD)
    after = Pseudonyms(table, [CHILD]).of(CHILD)
    assert after != before
    assert Pseudonyms(table, [CHILD]).of(CHILD) == after
