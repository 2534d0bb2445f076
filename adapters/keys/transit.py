r"""A key-encryption key that never leaves the Transit engine of an OpenBao or Vault server: httpx2.

    wrapped := version[4] ‖ nonce[12] ‖ AES-256-GCM(key[32]) ‖ tag[16]           64 bytes

The server's own spelling, `vault:v1:…`, has the same in text; the bytes have one spelling alone.
The context is associated data, as in a sealed file. Keys that the server rotates go on unwrapping
what each of their versions wrapped, for as long as it keeps the version.

The token is read from its file for each question, so whoever renews it writes the file; neither
the token nor anything that the server says is ever told on.
"""

from __future__ import annotations

import base64
import re
import ssl
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx2
from pydantic import BaseModel, ValidationError

from adapters.custody_settings import TransitPlace
from adapters.keys.key_encryption import DOMAIN, refuse_strange, unwrapped
from adapters.keys.private_file import read_private
from adapters.safe_address import safe_address
from domain.errors import HomeNotReady, Unavailable

KEY_SERVICE: Final = "the key service"
AT_ONCE: Final = 200
"""The server refuses questions of more than a thousand pieces of text."""
WRAPPED_BYTES: Final = 64
_TIMEOUT_S = 10.0
_TOKEN_BYTES_MAX = 16 * 1024
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_ANSWER_BYTES_MAX = 1024 * 1024
_SPELT = re.compile(r"vault:v([1-9][0-9]{0,8}):([A-Za-z0-9+/]+={0,2})")
_OK, _BAD_REQUEST, _NOT_FOUND = 200, 400, 404


class _One(BaseModel):
    ciphertext: str = ""
    error: str = ""
    plaintext: str = ""


class _Many(BaseModel):
    batch_results: list[_One]


class _Answer(BaseModel):
    data: _Many


class _Kept(BaseModel):
    allow_plaintext_backup: bool
    deletion_allowed: bool
    derived: bool
    exportable: bool
    type: str


class _Shown(BaseModel):
    data: _Kept


class TransitKey:
    """The `KeyEncryption` port over a key of a Transit engine. Safe between threads."""

    def __init__(self, place: TransitPlace) -> None:
        """Speak to the server about one key; raises HomeNotReady for an address that is no good."""
        address = safe_address(place.address, "the key service's")
        self._base = f"{address}/v1/{place.mount}"
        self._key = place.key
        self._token = Path(place.token)
        verify: ssl.SSLContext | bool = True
        if place.authorities is not None:
            try:
                verify = ssl.create_default_context(cafile=place.authorities)
            except OSError:
                raise HomeNotReady(f"{place.authorities}: no certificates to be read") from None
        self._client = httpx2.Client(
            verify=verify, trust_env=False, follow_redirects=False, timeout=_TIMEOUT_S
        )
        # Whoever wraps keys hands this on and on; its connections go with the last who has it.
        weakref.finalize(self, self._client.close)

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
        asked = [{"associated_data": _bound(of), "plaintext": _text(key)} for key, of in keys]
        found = [_bytes_of(one.ciphertext) for one in self._ask("encrypt", asked)]
        if not all(found):
            raise Unavailable(KEY_SERVICE)
        return found

    def unwrap_all(self, wrapped: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """Unwrap many, each with its context, in order; None for one that does not unwrap."""
        found: list[bytes | None] = [None] * len(wrapped)
        ours = [at for at, (one, _) in enumerate(wrapped) if _is_ours(one)]
        asked = [
            {"associated_data": _bound(wrapped[at][1]), "ciphertext": _spelling(wrapped[at][0])}
            for at in ours
        ]
        for at, one in zip(ours, self._ask("decrypt", asked), strict=True):
            found[at] = None if one.error else _key_of(one.plaintext)
        return found

    def refuse_weak(self) -> None:
        """Raise HomeNotReady where the server has no such key, or one that could be taken out."""
        status, body = self._answer("GET", f"keys/{self._key}", None)
        if status == _NOT_FOUND:
            raise HomeNotReady("the key service has no such key: make it there first")
        try:
            kept = _Shown.model_validate_json(body).data
        except ValidationError:
            raise Unavailable(KEY_SERVICE) from None
        if kept.type != "aes256-gcm96" or kept.derived:
            raise HomeNotReady("the key service's key is not of type aes256-gcm96, not derived")
        if kept.exportable or kept.allow_plaintext_backup or kept.deletion_allowed:
            raise HomeNotReady("the key service's key may be taken out or deleted: make another")

    def _ask(self, what: str, asked: list[dict[str, str]]) -> list[_One]:
        found: list[_One] = []
        for at in range(0, len(asked), AT_ONCE):
            found += self._ask_some(what, asked[at : at + AT_ONCE])
        return found

    def _ask_some(self, what: str, asked: list[dict[str, str]]) -> list[_One]:
        """Ask in one question; where some cannot be answered the server says which."""
        said = {"batch_input": asked, "partial_failure_response_code": _OK}
        status, body = self._answer("POST", f"{what}/{self._key}", said)
        try:
            found = _Answer.model_validate_json(body).data.batch_results
        except ValidationError:
            raise Unavailable(KEY_SERVICE) from None
        if status not in {_OK, _BAD_REQUEST} or len(found) != len(asked):
            raise Unavailable(KEY_SERVICE)
        return found

    def _answer(self, method: str, path: str, said: object) -> tuple[int, bytes]:
        headers = {"accept-encoding": "identity", "x-vault-token": self._fresh_token()}
        try:
            with self._client.stream(
                method, f"{self._base}/{path}", headers=headers, json=said
            ) as response:
                body = bytearray()
                for piece in response.iter_raw():
                    body += piece
                    if len(body) > _ANSWER_BYTES_MAX:
                        raise Unavailable(KEY_SERVICE)
                return response.status_code, bytes(body)
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL):
            raise Unavailable(KEY_SERVICE) from None

    def _fresh_token(self) -> str:
        raw = read_private(self._token, bytes_max=_TOKEN_BYTES_MAX)
        token = raw.decode("ascii", "replace").strip()
        if not _TOKEN.fullmatch(token):
            raise HomeNotReady(f"{self._token} holds no token")
        return token


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bound(context: bytes) -> str:
    return _text(DOMAIN + context)


def _bytes_of(spelt: str) -> bytes:
    """Give the bytes of the server's spelling; none where it is no spelling known here."""
    match = _SPELT.fullmatch(spelt)
    if match is None:
        return b""
    found = int(match.group(1)).to_bytes(4, "big") + base64.b64decode(match.group(2))
    return found if len(found) == WRAPPED_BYTES else b""


def _is_ours(wrapped: bytes) -> bool:
    """Say whether it may be what the server gave: it takes a version 0 for its first."""
    return len(wrapped) == WRAPPED_BYTES and wrapped[:4] != bytes(4)


def _spelling(wrapped: bytes) -> str:
    return f"vault:v{int.from_bytes(wrapped[:4], 'big')}:{_text(wrapped[4:])}"


def _key_of(plaintext: str) -> bytes:
    try:
        return base64.b64decode(plaintext, validate=True)
    except ValueError:
        raise Unavailable(KEY_SERVICE) from None
