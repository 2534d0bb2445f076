r"""Linkage tokens: how two boroughs' records of one child may meet and neither show a number.

    token  := HMAC-SHA-256(linkage key of a year, "upn:" ‖ UPN  |  "nhs:" ‖ NHS number)
    key id := SHA-256("bhr-secret/v1\nlinkage\n" ‖ linkage key)

The boroughs hold the keys and the hub must not. Each year has its own key; tokens go out under this
year's and, where it is held, last year's, so that records meet over the turn of the year.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from domain.keyed import hmac_sha256
from domain.values import to_text
from domain.vocabulary.parts import LinkageToken

Basis = Literal["upn", "nhs"]
Numbered = tuple[Basis, str]
"""A number and what kind of number it is."""

_PATTERNS = {"nhs": re.compile(r"[0-9]{10}"), "upn": re.compile(r"[A-Z][0-9]{11}[0-9A-Z]")}


@dataclass(frozen=True, slots=True)
class LinkageKey:
    """The linkage key of one year, and the id that tokens name it by (base64url)."""

    secret: bytes = field(repr=False)
    key_id: str

    @classmethod
    def of(cls, secret: bytes) -> LinkageKey:
        """Give the key of a 32-byte secret."""
        digest = hashlib.sha256(b"bhr-secret/v1\nlinkage\n" + secret).digest()
        return cls(secret, to_text(digest))


def is_a_number(numbered: Numbered) -> bool:
    """Say whether a number is spelled as its kind is: nothing is stripped or guessed."""
    basis, number = numbered
    pattern = _PATTERNS.get(basis)
    return pattern is not None and pattern.fullmatch(number) is not None


def tokens(numbers: Iterable[Numbered], keys: Sequence[LinkageKey]) -> tuple[LinkageToken, ...]:
    """Give the tokens of one person's numbers under each key."""
    return tuple(
        LinkageToken(basis=basis, key=key.key_id, token=_token(key.secret, basis, number))
        for basis, number in dict.fromkeys(numbers)
        for key in keys
    )


@functools.lru_cache(maxsize=256)  # a child's events come one after another
def linkage_bytes(numbers: tuple[Numbered, ...], keys: tuple[LinkageKey, ...]) -> bytes:
    """Give the tokens of one person's numbers as they stand in a shared part."""
    return b"[%b]" % b",".join([token.canonical() for token in tokens(numbers, keys)])


def _token(secret: bytes, basis: Basis, number: str) -> str:
    return to_text(hmac_sha256(secret, f"{basis}:{number}".encode()))
