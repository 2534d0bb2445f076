"""What is said of a child: sealed under the view key, and as values that figures are cut by.

Sealed as one short document for each combination that was ever met: a few thousand, not one a row.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import Unavailable
from domain.keyed import hmac_sha256
from projections.projection import Traits
from services.views import Cut

UNKNOWN: Final = "unknown"
_NONCE_BYTES: Final = 12
_LABEL: Final = b"bhr-views/traits"


class TraitSeal:
    """Seals and opens combinations under a key of their own, made of the view key."""

    def __init__(self, key: bytes) -> None:
        """Make the key of 32 bytes of the view key."""
        self._cipher = AESGCM(hmac_sha256(key, _LABEL))

    def seal(self, traits: Traits) -> bytes:
        """Seal one combination; gives nonce ‖ ciphertext ‖ tag."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, json.dumps(traits).encode(), _LABEL)

    def open(self, sealed: bytes) -> Traits:
        """Open one; raises Unavailable for what was not sealed under this key."""
        try:
            opened = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _LABEL)
        except (InvalidTag, ValueError):
            raise Unavailable("the view store") from None
        return Traits(*json.loads(opened))


def value_of(traits: Traits, cut: Cut) -> str:
    """Give what is said of one attribute, as `services.views.Counted.value` has it."""
    said = _ATTRIBUTE[cut](traits)
    if said is None:
        return UNKNOWN
    if isinstance(said, bool):
        return "yes" if said else "no"
    return said


_ATTRIBUTE: Final[Mapping[Cut, Callable[[Traits], str | bool | None]]] = {
    "age-band": lambda one: one.age_band,
    "disabled": lambda one: one.disabled,
    "ethnic-group": lambda one: one.ethnic_group,
    "looked-after": lambda one: one.looked_after,
    "sex": lambda one: one.sex,
    "ward": lambda one: one.ward,
}
