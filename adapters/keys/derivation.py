"""How a passphrase becomes the key of a key file: scrypt (RFC 7914).

Files that are made together have one salt, and what is derived of it is kept while the process
runs: whoever opens all keys of a home waits once. What the files hold is in its memory as well.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Annotated, Final, Literal, Self

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import Field, model_validator

from domain.errors import HomeNotReady
from domain.values import Bytes32, Strict, to_bytes

COST: Final = 2**17
"""scrypt's n: with r = 8, one guess takes 128 MiB."""
_MEMORY_BYTES_MAX = 256 * 1024 * 1024
_KEPT = 4
"""Salts of a home whose keys were made at so many times."""


class Derivation(Strict):
    """How the passphrase becomes a key, bounded: a file may come from a hostile hand."""

    n: Annotated[int, Field(ge=2**10, le=2**20)]
    name: Literal["scrypt"]
    p: Annotated[int, Field(ge=1, le=4)]
    r: Annotated[int, Field(ge=1, le=16)]
    salt: Bytes32

    @model_validator(mode="after")
    def _affordable(self) -> Self:
        if self.n & (self.n - 1) or 128 * self.n * self.r > _MEMORY_BYTES_MAX:
            raise ValueError("not a power of two, or too much memory")
        return self

    def key(self, passphrase: str) -> bytes:
        """Derive 32 bytes from one spelling of the passphrase, whichever keyboard made it.

        What a terminal could not decode stays as it is: an encoding error would quote it.
        """
        spelt = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
        return _derived(spelt, self)


@lru_cache(maxsize=_KEPT)
def _derived(spelt: bytes, how: Derivation) -> bytes:
    scrypt = Scrypt(salt=to_bytes(how.salt), length=32, n=how.n, r=how.r, p=how.p)
    try:
        return scrypt.derive(spelt)
    except MemoryError:
        raise HomeNotReady("not enough memory to try the passphrase of a key file") from None
