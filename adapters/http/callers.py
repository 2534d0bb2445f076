"""Who is asking: the bearer token of a request, believed only after the identity port has."""

from __future__ import annotations

from fastapi import Request

from domain.errors import NotAuthorised
from services.ports import Caller, Identity


def caller_of(request: Request, identity: Identity) -> Caller:
    """Give the caller; raises NotAuthorised with a `token-…` reason."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthorised("token-missing")
    return identity.caller(token.strip())
