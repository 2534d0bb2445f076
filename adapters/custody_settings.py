"""Where a home's keys are kept beside its key files: `custody.json`, a transit service or a token.

At the hub the key-encryption key itself is there, and never here. The other key files, a borough's
private keys among them, are sealed by their passphrase and by what is kept there, both. The file is
looked at when keys are made (`bhr keys init`, `rotate`, `rewrap`); each key file then says for
itself where its key is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import StringConstraints, ValidationError, model_validator

from domain.errors import HomeNotReady
from domain.values import Strict

KeyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Named = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class TransitPlace(Strict):
    """A key of the Transit engine of an OpenBao or Vault server."""

    address: Named
    """Its base address: https, or http on this machine."""
    authorities: Named | None = None
    """A file of certificates to believe in place of the machine's own."""
    key: KeyName
    mount: KeyName = "transit"
    token: Named
    """The file with the token to ask with, its owner's alone; read anew for each question."""


class TokenPlace(Strict):
    """A key on a PKCS#11 token: a hardware module, or one that plays it."""

    key: KeyName
    """The label of an AES-256 key that cannot be taken out."""
    label: Named
    """The token's own."""
    module: Named
    """The maker's library."""
    pin: Named
    """The file with the user's PIN, its owner's alone."""


class Place(Strict):
    """Where a key is kept: one of these."""

    pkcs11: TokenPlace | None = None
    transit: TransitPlace | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.pkcs11 is None) == (self.transit is None):
            raise ValueError("a key is in one place")
        return self


def place_of(settings: Path) -> Place | None:
    """Read where keys are to be kept; None where they are files alone. Raises HomeNotReady."""
    try:
        return Place.model_validate_json(settings.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        raise HomeNotReady(
            f"{settings} cannot be read, or does not say where keys are kept"
        ) from None
