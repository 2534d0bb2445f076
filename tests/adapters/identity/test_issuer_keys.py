"""A configured issuer's keys, from a JWK Set file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.identity.issuer_keys import issuer_keys
from adapters.keys import signing
from domain.errors import HomeNotReady
from domain.values import to_text

PUBLIC = signing.generate()[1]
GOOD = {"kty": "OKP", "crv": "Ed25519", "kid": "one", "x": to_text(PUBLIC), "use": "sig"}


def written(folder: Path, document: object) -> Path:
    """Write a document as the issuer's key file."""
    path = folder / "jwks.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_ed25519_keys_are_found_by_kid(tmp_path: Path) -> None:
    """Keys that sign with Ed25519 are taken; others in the set do no harm."""
    other = {"kty": "EC", "crv": "P-256", "kid": "two", "x": "AA", "y": "AA"}
    encrypting = {**GOOD, "kid": "three", "use": "enc"}
    assert issuer_keys(written(tmp_path, {"keys": [GOOD, other, encrypting]})) == {"one": PUBLIC}


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"keys": {}},
        {"keys": []},
        {"keys": [{**GOOD, "x": "AAAA"}]},
        {"keys": [{**GOOD, "x": "?"}]},
        {"keys": [{**GOOD, "d": to_text(bytes(32))}]},
    ],
)
def test_what_is_no_set_of_public_keys_is_refused(tmp_path: Path, document: object) -> None:
    """A file without a usable public key, or with a private one, stops the hub from starting."""
    with pytest.raises(HomeNotReady):
        issuer_keys(written(tmp_path, document))


def test_a_missing_or_broken_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there or not JSON is named, and nothing of it is shown."""
    broken = tmp_path / "jwks.json"
    broken.write_bytes(b"{marker")
    for path in (broken, tmp_path / "none.json"):
        with pytest.raises(HomeNotReady) as refused:
            issuer_keys(path)
        assert "marker" not in str(refused.value)
