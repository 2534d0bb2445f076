"""Bearer tokens: JWTs (RFC 7519) signed with Ed25519, in the shape of RFC 9068 access tokens.

    header: alg "Ed25519" (or "EdDSA", its older name), typ "at+jwt", kid; nothing else
    claims: iss, aud (text, or a list with us in it), exp, iat, nbf (if given), in whole seconds;
            sub (an opaque id), participant, and exactly one of source and office; others ignored
            (a jti tells two tokens of one second apart, where each must be another)

Nothing of a token is believed before its signature, and what the library is given was read strictly
before: it takes duplicate keys, and answers some headers with exceptions that are none of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NoReturn

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from domain.canonical import JsonValue, canonical, strict_json
from domain.errors import HomeNotReady, NotAuthorised
from domain.values import to_bytes, to_text
from services.ports import Caller, Clock

TOKEN_BYTES_MAX: Final = 4 * 1024
LIFE_SECONDS_MAX: Final = 24 * 60 * 60
LEEWAY_SECONDS: Final = 60
"""How far an issuer's clock may be ahead of ours. A token that has expired has expired."""

_TOKEN = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*")
_PERSON = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,62}")
_SOURCE = re.compile(r"/participants/([a-z][a-z0-9-]{0,62})/[a-z][a-z0-9-]{0,62}")
_ALGORITHMS = frozenset({"Ed25519", "EdDSA"})
_TYPE = "at+jwt"


class _Ed25519Alone(JWSRegistry):
    """Both names of the one algorithm, and no other; by the older name Ed448 would pass as well."""

    algorithms = dict.fromkeys(_ALGORITHMS, JWSRegistry.algorithms["Ed25519"])


_REGISTRY = _Ed25519Alone(algorithms=_ALGORITHMS)


class TokenVerifier:
    """The `Identity` port over the keys of one issuer. Safe to share between threads."""

    def __init__(
        self, issuer: str, audience: str, *, keys: Mapping[str, bytes], clock: Clock
    ) -> None:
        """Believe tokens of `issuer` for `audience`; `keys` are its 32-byte public keys by kid."""
        self._issuer = issuer
        self._audience = audience
        self._keys = {kid: _public_key(public) for kid, public in keys.items()}
        self._clock = clock

    def caller(self, token: str) -> Caller:
        """Check signature, issuer, audience and expiry; raises NotAuthorised.

        Its reasons: token-missing, token-malformed, token-signature, token-claims, token-issuer,
        token-audience, token-expired, token-not-yet-valid.
        """
        claims = self._signed_claims(token)
        if claims.get("iss") != self._issuer:
            _refuse("token-issuer")
        audience = claims.get("aud")
        if audience != self._audience and not (
            isinstance(audience, list) and self._audience in audience
        ):
            _refuse("token-audience")
        _check_times(claims, self._clock.now_ms() / 1000)
        return _caller(claims)

    def _signed_claims(self, token: str) -> Mapping[str, JsonValue]:
        if not token:
            _refuse("token-missing")
        segments = _TOKEN.fullmatch(token) if len(token) <= TOKEN_BYTES_MAX else None
        if segments is None:
            _refuse("token-malformed")
        header = _document(segments[1])
        if header.keys() != {"alg", "typ", "kid"} or header["typ"] != _TYPE:
            _refuse("token-malformed")
        algorithm, kid = header["alg"], header["kid"]
        if not isinstance(algorithm, str) or not isinstance(kid, str):
            _refuse("token-malformed")
        if algorithm not in _ALGORITHMS or kid not in self._keys:
            _refuse("token-signature")
        try:
            jws.deserialize_compact(token, self._keys[kid], registry=_REGISTRY)
        except (JoseError, ValueError):
            _refuse("token-signature")
        return _document(segments[2])


class EmbeddedIssuer:
    """Mints tokens where there is no identity provider: the demonstration, a single machine."""

    def __init__(self, private: bytes, issuer: str, audience: str, clock: Clock) -> None:
        """Sign as `issuer` for `audience` with the 32-byte seed of an Ed25519 key."""
        self._key = _private_key(private)
        self._kid = self._key.thumbprint()
        self._issuer = issuer
        self._audience = audience
        self._clock = clock

    @property
    def keys(self) -> dict[str, bytes]:
        """Give the public key by its kid (the RFC 7638 thumbprint): what a verifier is given."""
        public = self._key["x"]
        return {self._kid: to_bytes(str(public))}

    def mint(self, caller: Caller, *, life_seconds: int, jti: str | None = None) -> str:
        """Sign a token for a caller; raises NotAuthorised for one that nobody would take."""
        now = self._clock.now_ms() // 1000
        claims: dict[str, JsonValue] = {
            "aud": self._audience,
            "exp": now + life_seconds,
            "iat": now,
            "iss": self._issuer,
            "participant": caller.participant,
            "sub": caller.person,
        }
        if caller.source is not None:
            claims["source"] = caller.source
        if caller.office is not None:
            claims["office"] = caller.office
        if jti is not None:
            claims["jti"] = jti
        _check_times(claims, now)
        _caller(claims)
        header = {"alg": "Ed25519", "kid": self._kid, "typ": _TYPE}
        return jws.serialize_compact(header, canonical(claims), self._key, registry=_REGISTRY)


def _refuse(reason: str) -> NoReturn:
    raise NotAuthorised(reason) from None


def _document(segment: str) -> Mapping[str, JsonValue]:
    try:
        document = strict_json(to_bytes(segment))
    except ValueError:
        _refuse("token-malformed")
    if not isinstance(document, dict):
        _refuse("token-malformed")
    return document


def _check_times(claims: Mapping[str, JsonValue], now: float) -> None:
    issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
    not_before = _seconds(claims, "nbf") if "nbf" in claims else issued
    if not 0 < expires - issued <= LIFE_SECONDS_MAX:
        _refuse("token-claims")
    if expires <= now:
        _refuse("token-expired")
    if max(issued, not_before) > now + LEEWAY_SECONDS:
        _refuse("token-not-yet-valid")


def _seconds(claims: Mapping[str, JsonValue], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        _refuse("token-claims")
    return value


def _caller(claims: Mapping[str, JsonValue]) -> Caller:
    person = _matching(_PERSON, claims.get("sub"))
    participant = _matching(_SLUG, claims.get("participant"))
    if ("source" in claims) == ("office" in claims):
        _refuse("token-claims")
    if "office" in claims:
        return Caller(participant, None, _matching(_SLUG, claims["office"]), person)
    source = _matching(_SOURCE, claims["source"])
    if not source.startswith(f"/participants/{participant}/"):
        _refuse("token-claims")
    return Caller(participant, source, None, person)


def _matching(pattern: re.Pattern[str], value: JsonValue) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        _refuse("token-claims")
    return value


def _public_key(public: bytes) -> OKPKey:
    if len(public) != 32:  # noqa: PLR2004 - the bytes of an Ed25519 key
        raise HomeNotReady("a public key of the token issuer is not 32 bytes")
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": to_text(public)})


def _private_key(private: bytes) -> OKPKey:
    if len(private) != 32:  # noqa: PLR2004 - the bytes of an Ed25519 key
        raise HomeNotReady("the token issuer's key is not 32 bytes: restore its key file")
    # The library wants the public part beside the private one, and then works it out by itself.
    half = OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "d": to_text(private), "x": to_text(bytes(32))}
    )
    return OKPKey.import_key(half.raw_value)
