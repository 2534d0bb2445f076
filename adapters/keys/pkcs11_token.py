r"""A key-encryption key that never leaves a PKCS#11 token, by python-pkcs11.

    wrapped := nonce[12] ‖ AES-256-GCM(key[32]) ‖ tag[16]                        60 bytes

The bytes are those of a sealed file, under a key that the token makes and keeps. A process is
logged in to a token once, whatever keys it uses there, and asks one question at a time. Where the
token fails, the session is dropped, and the next question opens another.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final, Protocol, cast

import pkcs11
from pkcs11.exceptions import (
    EncryptedDataInvalid,
    EncryptedDataLenRange,
    GeneralError,
    NoSuchKey,
    NoSuchToken,
    PinIncorrect,
    PinLocked,
    PKCS11Error,
)

from adapters.custody_settings import TokenPlace
from adapters.keys.key_encryption import DOMAIN, refuse_strange, unwrapped
from adapters.keys.private_file import read_private
from domain.errors import HomeNotReady, Unavailable

TOKEN: Final = "the key token"  # noqa: S105 - what it is called in refusals
WRAPPED_BYTES: Final = 60
_NONCE, _TAG_BITS, _KEY_BITS = 12, 128, 256
_PIN_BYTES_MAX = 1024
_GCM: Final = pkcs11.Mechanism.AES_GCM
_DOES_NOT_OPEN = (EncryptedDataInvalid, EncryptedDataLenRange)


class _AesKey(Protocol):
    """What the library's key does, which its own types do not say."""

    @property
    def key_type(self) -> pkcs11.KeyType: ...
    @property
    def key_length(self) -> int: ...
    def __getitem__(self, attribute: pkcs11.Attribute) -> object: ...
    def encrypt(
        self, data: bytes, *, mechanism: pkcs11.Mechanism, mechanism_param: pkcs11.GCMParams
    ) -> bytes: ...
    def decrypt(
        self, data: bytes, *, mechanism: pkcs11.Mechanism, mechanism_param: pkcs11.GCMParams
    ) -> bytes: ...


class _LoggedIn:
    """This process's one session with a token, which its keys share."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.session: pkcs11.Session | None = None

    def opened(self, place: TokenPlace) -> pkcs11.Session:
        """Give the session, logging in where there is none."""
        if self.session is None:
            pin = _pin(Path(place.pin))
            token = pkcs11.lib(place.module).get_token(token_label=place.label)
            self.session = token.open(user_pin=pin)
        return self.session

    def drop(self) -> None:
        """Log out, as far as that is possible: the next who asks logs in."""
        if self.session is not None:
            with suppress(PKCS11Error):
                self.session.close()
        self.session = None


@cache
def _logged_in(module: str, label: str) -> _LoggedIn:  # noqa: ARG001 - which token it is
    return _LoggedIn()


class TokenKey:
    """The `KeyEncryption` port over a key of a token. Safe between threads."""

    def __init__(self, place: TokenPlace) -> None:
        """Ask a token for one key; nothing is opened yet."""
        self._place = place
        self._token = _logged_in(place.module, place.label)
        self._lock = self._token.lock
        self._found: tuple[pkcs11.Session, _AesKey] | None = None

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Wrap 32 bytes, bound to `context`; never the same bytes twice."""
        return self.wrap_all([(key, context)])[0]

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap; raises NotOpened when altered or bound to another context or key."""
        return unwrapped(self.unwrap_all([(wrapped, context)])[0])

    def wrap_all(self, keys: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Wrap many keys, each with its context, in order."""
        for key, _ in keys:
            refuse_strange(key)
        with self._lock:
            return [self._sealed(key, context) for key, context in keys]

    def unwrap_all(self, wrapped: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """Unwrap many, each with its context, in order; None for one that does not unwrap."""
        with self._lock:
            return [self._opened(one, context) for one, context in wrapped]

    def refuse_weak(self) -> None:
        """Raise HomeNotReady where the token's key could be taken out, or is of another kind."""
        with self._lock:
            key = self._key()
            try:
                bound = key[pkcs11.Attribute.SENSITIVE] and not key[pkcs11.Attribute.EXTRACTABLE]
                fits = key.key_type == pkcs11.KeyType.AES and key.key_length == _KEY_BITS
            except PKCS11Error:
                raise self._failed() from None
        if not fits:
            raise HomeNotReady("the token's key is not an AES key of 256 bits")
        if not bound:
            raise HomeNotReady("the token's key may be taken out: make another")

    def _sealed(self, key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        found = self._key()
        try:
            return nonce + bytes(
                found.encrypt(key, mechanism=_GCM, mechanism_param=_bound(nonce, context))
            )
        except PKCS11Error:
            raise self._failed() from None

    def _opened(self, wrapped: bytes, context: bytes) -> bytes | None:
        if len(wrapped) != WRAPPED_BYTES:
            return None
        nonce, sealed = wrapped[:_NONCE], wrapped[_NONCE:]
        found = self._key()
        try:
            return bytes(
                found.decrypt(sealed, mechanism=_GCM, mechanism_param=_bound(nonce, context))
            )
        except _DOES_NOT_OPEN:
            return None
        except GeneralError:
            # SoftHSM says so of altered bytes, others of a fault: one that works has refused them.
            self._prove_it_works(found)
            return None
        except PKCS11Error:
            raise self._failed() from None

    def _prove_it_works(self, key: _AesKey) -> None:
        bound = _bound(os.urandom(_NONCE), b"")
        try:
            sealed = key.encrypt(bytes(1), mechanism=_GCM, mechanism_param=bound)
            key.decrypt(sealed, mechanism=_GCM, mechanism_param=bound)
        except PKCS11Error:
            raise self._failed() from None

    def _key(self) -> _AesKey:
        """Give the key, found again where its session was dropped."""
        if self._found is None or self._found[0] is not self._token.session:
            self._found = self._looked_up()
        return self._found[1]

    def _looked_up(self) -> tuple[pkcs11.Session, _AesKey]:
        try:
            session = self._token.opened(self._place)
            found = session.get_key(
                object_class=pkcs11.ObjectClass.SECRET_KEY, label=self._place.key
            )
        except (NoSuchKey, NoSuchToken):
            raise HomeNotReady("no such key or token there: make it there first") from None
        except (PinIncorrect, PinLocked):
            raise HomeNotReady("the token refuses the PIN: a few more tries lock it") from None
        except (PKCS11Error, RuntimeError, OSError):
            raise self._failed() from None
        return session, cast("_AesKey", found)

    def _failed(self) -> Unavailable:
        self._token.drop()
        return Unavailable(TOKEN)


def _bound(nonce: bytes, context: bytes) -> pkcs11.GCMParams:
    return pkcs11.GCMParams(nonce, DOMAIN + context, _TAG_BITS)


def _pin(path: Path) -> str:
    raw = read_private(path, bytes_max=_PIN_BYTES_MAX)
    try:
        return raw.decode("utf-8").rstrip("\n")
    except UnicodeDecodeError:
        raise HomeNotReady(f"{path} holds no PIN") from None
