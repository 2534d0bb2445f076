"""Tokens put together by hand, right or however wrong, and the verifier they are shown to."""

import json
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.identity.tokens import TokenVerifier
from domain.values import to_bytes, to_text

ISSUER, AUDIENCE, KID = "https://issuer.example", "bhr-hub", "key-1"
NOW = 1_795_000_000
# The key of RFC 8037, appendix A.
PRIVATE = to_bytes("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
PUBLIC = to_bytes("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")

Claims = dict[str, object]
Sign = Callable[[bytes], bytes]


class Clock:
    """A clock that stands where a test puts it."""

    def __init__(self, seconds: float = NOW) -> None:
        """Stand at a time."""
        self.seconds = seconds

    def now_ms(self) -> int:
        """Give that time."""
        return int(self.seconds * 1000)


def signed(message: bytes) -> bytes:
    """Sign as the issuer does."""
    return Ed25519PrivateKey.from_private_bytes(PRIVATE).sign(message)


def claims(**changed: object) -> Claims:
    """Give the claims of a good token of an office; `...` takes one away."""
    good: Claims = {
        "iss": ISSUER, "aud": AUDIENCE, "iat": NOW, "exp": NOW + 600, "nbf": NOW,
        "sub": "person-1", "participant": "havering", "office": "analyst",
    }  # fmt: skip
    return {name: value for name, value in (good | changed).items() if value is not ...}


def header(**changed: object) -> Claims:
    """Give a good header; `...` takes a parameter away."""
    good: Claims = {"alg": "Ed25519", "typ": "at+jwt", "kid": KID}
    return {name: value for name, value in (good | changed).items() if value is not ...}


def token(head: object, body: object, sign: Sign = signed) -> str:
    """Put a token together from documents or raw bytes, however wrong, and sign it."""
    raws = (part if isinstance(part, bytes) else json.dumps(part).encode() for part in (head, body))
    signing_input = ".".join(to_text(raw) for raw in raws)
    return f"{signing_input}.{to_text(sign(signing_input.encode()))}"


def verifier(clock: Clock | None = None, keys: Mapping[str, bytes] | None = None) -> TokenVerifier:
    """Give the hub's verifier."""
    return TokenVerifier(ISSUER, AUDIENCE, keys=keys or {KID: PUBLIC}, clock=clock or Clock())
