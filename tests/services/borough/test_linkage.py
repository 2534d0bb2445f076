"""Linkage tokens: the same number under the same key meets, and shows nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.values import to_text
from services.borough.linkage import Basis, LinkageKey, is_a_number, tokens

THIS_YEAR = LinkageKey.of(bytes(range(32)))
LAST_YEAR = LinkageKey.of(bytes(32))


def test_token_vector() -> None:
    """The bytes are those of the format: HMAC-SHA-256 of the basis, a colon and the number."""
    (token,) = tokens([("upn", "A123456789012")], [THIS_YEAR])
    assert token.basis == "upn"
    assert token.key == "CMu2ZXGRBOD2ZVrDulqdO7pJFJkGQ1b_Kb15Lqo_xQI"
    assert token.token == "2YzZGKSDlGWeTrbRYXBHGZrbLYTA8v9ud5bCNz1sz10"


def test_tokens_go_out_under_both_years() -> None:
    """Records meet over the turn of the year: each number under this year's key and last year's."""
    found = tokens([("upn", "A123456789012"), ("nhs", "9434765919")], [THIS_YEAR, LAST_YEAR])
    assert [(one.basis, one.key) for one in found] == [
        ("upn", THIS_YEAR.key_id),
        ("upn", LAST_YEAR.key_id),
        ("nhs", THIS_YEAR.key_id),
        ("nhs", LAST_YEAR.key_id),
    ]
    assert len({one.token for one in found}) == 4


def test_without_a_key_or_number_there_is_none() -> None:
    """Who has no linkage key publishes all the same, and is shown as not linkable."""
    assert tokens([("nhs", "9434765919")], []) == ()
    assert tokens([], [THIS_YEAR]) == ()


def test_a_number_given_twice_is_one_token() -> None:
    """A repeated number does not fill the entry."""
    assert len(tokens([("nhs", "9434765919")] * 2, [THIS_YEAR])) == 1


@given(st.text(max_size=15))
def test_a_number_is_taken_as_it_is_spelled_or_not_at_all(text: str) -> None:
    """Nothing is stripped or guessed: two spellings of one number would be two tokens."""
    ten_digits = len(text) == 10 and all(sign in "0123456789" for sign in text)
    assert is_a_number(("nhs", text)) == ten_digits


@pytest.mark.parametrize(
    ("basis", "number", "takes"),
    [
        ("upn", "A123456789012", True),
        ("upn", "A12345678901B", True),
        ("upn", "a123456789012", False),
        ("upn", "A12345678901", False),
        ("upn", "A123456789012\n", False),
        ("nhs", "٩٤٣٤٧٦٥٩١٩", False),
    ],
)
def test_numbers_of_both_kinds(basis: Basis, number: str, takes: bool) -> None:  # noqa: FBT001 - what is expected
    """Capitals, ASCII digits and lengths are as the schemes have them."""
    assert is_a_number((basis, number)) is takes


def test_a_key_never_shows_its_secret() -> None:
    """A key that ends up in a log shows the id that tokens name it by, and no more."""
    assert to_text(THIS_YEAR.secret) not in repr(THIS_YEAR)
    assert THIS_YEAR.secret.hex() not in repr(THIS_YEAR)
