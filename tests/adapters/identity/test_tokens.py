"""Bearer tokens: who they speak for, and every way in which one must not be believed."""

import hmac
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NotAuthorised
from domain.values import to_text
from services.ports import Caller
from tests.adapters.identity.hand_made_tokens import (
    AUDIENCE,
    ISSUER,
    KID,
    NOW,
    PUBLIC,
    Claims,
    Clock,
    Sign,
    claims,
    header,
    token,
    verifier,
)


def refusal(given: str, clock: Clock | None = None) -> str:
    """Give the reason for which a token is refused; a token that is taken fails the test."""
    with pytest.raises(NotAuthorised) as refused:
        verifier(clock).caller(given)
    assert refused.value.__cause__ is None
    assert str(refused.value) == f"not authorised: {refused.value.reason}"
    return refused.value.reason


def test_speaks_for_an_office() -> None:
    """A good token speaks for one office of one participant, and other claims say nothing."""
    given = token(header(), claims(name="MARKER", scope="everything"))
    assert verifier().caller(given) == Caller("havering", None, "analyst", "person-1")


def test_speaks_for_a_source() -> None:
    """A publishing token speaks for one source of its participant."""
    source = "/participants/havering/liquidlogic"
    given = token(header(), claims(office=..., source=source))
    assert verifier().caller(given) == Caller("havering", source, None, "person-1")


def test_both_names_of_the_algorithm() -> None:
    """Issuers that still use the older name of the algorithm are understood."""
    assert verifier().caller(token(header(alg="EdDSA"), claims())).office == "analyst"


def test_one_of_several_audiences() -> None:
    """A token may be for others as well."""
    assert verifier().caller(token(header(), claims(aud=["other", AUDIENCE]))).office == "analyst"


def test_missing() -> None:
    """No token is a reason of its own."""
    assert refusal("") == "token-missing"


@pytest.mark.parametrize(
    "given",
    [
        "MARKER",
        "a.b",
        "a.b.c.d",
        "..",
        "a.b.c",
        " " + token(header(), claims()),
        token(header(), claims()) + "\n",
        token(header(), claims()) + "=",
        token(header(), claims(name="x" * 4096)),
        "é.é.é",
        token(b"\xff", claims()),
        token([], claims()),
        token("MARKER", claims()),
        token(b"[" * 1000, claims()),
        token(header(), b"[" * 1000),
        token(header(), b"\xff"),
        token(header(), []),
        token(header(), b'{"iat": 1.5}'),
        token(header(), b'{"iat": NaN}'),
    ],
)
def test_malformed(given: str) -> None:
    """What is no token is refused as such, whatever it is."""
    assert refusal(given) == "token-malformed"


@pytest.mark.parametrize(
    "head",
    [
        header(crit=["exp"], exp=NOW + 600),
        header(crit=["b64"], b64=False),
        header(crit=5),
        header(crit=[[]]),
        header(b64=False),
        header(jwk={"kty": "OKP", "crv": "Ed25519", "x": to_text(PUBLIC)}),
        header(jku="https://attacker.example/keys"),
        header(x5u="https://attacker.example/chain"),
        header(zip="DEF"),
        header(typ=...),
        header(typ="JWT"),
        header(typ=["at+jwt"]),
        header(kid=...),
        header(kid=7),
        header(kid=[]),
        header(alg=...),
        header(alg=["Ed25519"]),
        header(alg=None),
    ],
)
def test_headers_that_say_more_or_less(head: Claims) -> None:
    """Critical, embedded or remote keys, another type: nothing is negotiated with a token."""
    assert refusal(token(head, claims())) == "token-malformed"


def test_duplicate_keys() -> None:
    """A header or claim that stands twice says two things to two readers: refused."""
    twice = b'{"alg": "none", "alg": "Ed25519", "typ": "at+jwt", "kid": "key-1"}'
    assert refusal(token(twice, claims())) == "token-malformed"
    body = json.dumps(claims()).encode()
    later = body.replace(b'"exp"', b'"exp": 1, "exp"')
    assert json.loads(later) == claims()
    assert refusal(token(header(), later)) == "token-malformed"


def test_algorithm_confusion() -> None:
    """Unsigned, signed by HMAC under our public key, or by another curve's key: all refused."""

    def by_hmac(key: bytes) -> Sign:
        return lambda message: hmac.digest(key, message, "sha256")

    for name in ("none", "None", "NONE", ""):
        assert refusal(token(header(alg=name), claims(), lambda _: b"")) == "token-signature"
        assert refusal(token(header(alg=name), claims())) == "token-signature"
    pem = b"-----BEGIN PUBLIC KEY-----"
    for key in (PUBLIC, to_text(PUBLIC).encode(), pem, b""):
        for name in ("HS256", "HS512", "Ed25519", "EdDSA"):
            assert refusal(token(header(alg=name), claims(), by_hmac(key))) == "token-signature"
    for name in ("Ed448", "EdDSA", "Ed25519"):
        other = Ed448PrivateKey.generate()
        assert refusal(token(header(alg=name), claims(), other.sign)) == "token-signature"
    for name in ("RS256", "ES256", "PS512", "ed25519", "dir"):
        assert refusal(token(header(alg=name), claims())) == "token-signature"


def test_signed_by_another() -> None:
    """Another key, under our key's name or its own, is not the issuer's."""
    other = Ed25519PrivateKey.generate()
    assert refusal(token(header(), claims(), other.sign)) == "token-signature"
    assert refusal(token(header(kid="key-2"), claims())) == "token-signature"
    both = {KID: PUBLIC, "key-2": other.public_key().public_bytes_raw()}
    given = token(header(kid="key-2"), claims(), other.sign)
    assert verifier(keys=both).caller(given).office == "analyst"
    with pytest.raises(NotAuthorised, match="token-signature"):
        verifier(keys=both).caller(token(header(kid="key-2"), claims()))


def test_no_letter_can_be_altered() -> None:
    """A good token with any one letter changed is refused."""
    good = token(header(), claims())
    for at, letter in enumerate(good):
        altered = good[:at] + ("A" if letter != "A" else "B") + good[at + 1 :]
        assert refusal(altered) in {"token-malformed", "token-signature"}


@pytest.mark.parametrize("value", [..., "", "https://issuer.example/", None, [ISSUER], 5])
def test_another_issuer(value: object) -> None:
    """A token of another issuer is refused, even signed with a key we know."""
    assert refusal(token(header(), claims(iss=value))) == "token-issuer"


@pytest.mark.parametrize(
    "value", [..., "", "bhr", None, [], ["other"], [[AUDIENCE]], {AUDIENCE: 1}]
)
def test_another_audience(value: object) -> None:
    """A token for another service is refused."""
    assert refusal(token(header(), claims(aud=value))) == "token-audience"


def test_lives_from_issue_to_expiry() -> None:
    """A token is taken from a minute before its issue until the moment of its expiry."""
    given = token(header(), claims())
    for seconds in (NOW - 60, NOW, NOW + 599.999):
        assert verifier(Clock(seconds)).caller(given).office == "analyst"
    assert refusal(given, Clock(NOW - 61)) == "token-not-yet-valid"
    assert refusal(given, Clock(NOW + 600)) == "token-expired"
    assert refusal(given, Clock(NOW + 10**6)) == "token-expired"


def test_not_before() -> None:
    """A token for later is refused until a minute before; without the claim it is for now."""
    later = token(header(), claims(nbf=NOW + 61))
    assert refusal(later) == "token-not-yet-valid"
    assert verifier(Clock(NOW + 1)).caller(later).office == "analyst"
    assert verifier().caller(token(header(), claims(nbf=...))).office == "analyst"


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": ...},
        {"iat": ...},
        {"exp": "1795000600"},
        {"exp": True},
        {"iat": None},
        {"nbf": None},
        {"nbf": "now"},
        {"exp": NOW},
        {"exp": NOW + 86_401},
        {"sub": ...},
        {"sub": ""},
        {"sub": "Jane Marker"},
        {"sub": "jane.marker@havering.example"},
        {"sub": 5},
        {"sub": "a" * 64},
        {"sub": "person-1\n"},
        {"participant": ...},
        {"participant": "Havering"},
        {"participant": ["havering"]},
        {"participant": "havering\n"},
        {"office": ...},
        {"office": None},
        {"office": "the boss"},
        {"source": "/participants/havering/liquidlogic"},
        {"source": None},
        {"office": ..., "source": None},
        {"office": ..., "source": "/participants/redbridge/liquidlogic"},
        {"office": ..., "source": "/participants/havering"},
        {"office": ..., "source": "/participants/havering/"},
        {"office": ..., "source": "/participants/havering/../redbridge/x"},
        {"office": ..., "source": "/participants/havering/a/b"},
        {"office": ..., "source": "participants/havering/liquidlogic"},
        {"office": ..., "source": "/participants/havering-b/liquidlogic"},
    ],
)
def test_claims_that_do_not_hold(changed: Claims) -> None:
    """A token must say for whom it speaks: whole, in our forms, one source or one office."""
    assert refusal(token(header(), claims(**changed))) == "token-claims"


def test_longest_life() -> None:
    """A day is as long as a token may live."""
    assert verifier().caller(token(header(), claims(exp=NOW + 86_400))).office == "analyst"


def test_nothing_is_said_of_unsigned_claims() -> None:
    """Before its signature holds, a token is told nothing about what is wrong inside."""
    unsigned = token(header(), claims(iss="other", exp=1), lambda _: bytes(64))
    assert refusal(unsigned) == "token-signature"


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*"))
def test_never_another_error(given_token: str) -> None:
    """Whatever comes as a token, the answer is one of ours."""
    assert refusal(given_token).startswith("token-")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.sampled_from([*header(), "crit", "b64"]), JSON_VALUES)
def test_any_value_in_the_header(name: str, value: object) -> None:
    """Any JSON value in any header parameter is refused, never an error."""
    if header().get(name) != value:
        assert refusal(token(header(**{name: value}), claims())).startswith("token-")


@given(st.sampled_from([*claims(), "source"]), JSON_VALUES)
def test_any_value_in_the_claims(name: str, value: object) -> None:
    """Any JSON value in any claim is refused, or says no more than a good token would."""
    given_token = token(header(), claims(**{name: value}))
    try:
        caller = verifier().caller(given_token)
    except NotAuthorised:
        assert refusal(given_token).startswith("token-")
    else:
        assert name in {"nbf", "iat", "exp", "sub", "participant", "office"}
        assert (caller.source, caller.office is None) == (None, False)


def test_refusals_hold_nothing() -> None:
    """A refusal and a repr hold nothing of a token."""
    with pytest.raises(NotAuthorised) as refused:
        verifier().caller(token(header(kid="MARKER"), claims(sub="MARKER")))
    assert "MARKER" not in f"{refused.value!r}{verifier()!r}"
