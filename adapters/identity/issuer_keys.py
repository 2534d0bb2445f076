"""The public keys of a configured issuer, from a JWK Set file (RFC 7517, RFC 8037)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from domain.canonical import JsonValue, NotCanonical, strict_json
from domain.errors import HomeNotReady
from domain.values import to_bytes

KEY_BYTES = 32


def issuer_keys(path: Path) -> dict[str, bytes]:
    """Give each Ed25519 key of a JWK Set by its kid; keys of other kinds are left out.

    Raises HomeNotReady for a file that cannot be read, is no JWK Set, or has no such key.
    """
    try:
        document = strict_json(path.read_bytes())
    except (OSError, NotCanonical):
        raise HomeNotReady(f"{path}: the issuer's keys cannot be read") from None
    listed = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise HomeNotReady(f"{path}: not a JWK Set")
    keys = dict(_key(one, path) for one in listed if _is_ed25519(one))
    if not keys:
        raise HomeNotReady(f"{path}: no Ed25519 key with a kid in it")
    return keys


def _is_ed25519(one: JsonValue) -> bool:
    return (
        isinstance(one, Mapping)
        and (one.get("kty"), one.get("crv")) == ("OKP", "Ed25519")
        and isinstance(one.get("kid"), str)
        and isinstance(one.get("x"), str)
        and one.get("use", "sig") == "sig"
    )


def _key(one: JsonValue, path: Path) -> tuple[str, bytes]:
    found = one if isinstance(one, Mapping) else {}
    if "d" in found:
        raise HomeNotReady(f"{path}: a private key stands among the issuer's public keys")
    try:
        public = to_bytes(str(found["x"]))
    except ValueError:
        raise HomeNotReady(f"{path}: a key is not spelled as a key") from None
    if len(public) != KEY_BYTES:
        raise HomeNotReady(f"{path}: a key has another length")
    return str(found["kid"]), public
