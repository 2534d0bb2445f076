"""Who is asking: the bearer token of a request, believed only after the identity port has.

The check is a dependency of every route, so that it comes before anything else is looked at: who is
not known is not told what is wrong with a parameter, nor is a body of theirs read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request

from domain.errors import NotAuthorised
from services.ports import Caller, Identity


def known_caller(identity: Identity) -> Callable[[Request], Awaitable[None]]:
    """Give the dependency that lets known callers in; it raises NotAuthorised, `token-…`."""

    async def let_in(request: Request) -> None:
        request.state.caller = identity.caller(_token(request))

    return let_in


def caller_of(request: Request) -> Caller:
    """Give the caller whom `known_caller` let in."""
    caller = request.state.caller
    if not isinstance(caller, Caller):
        raise NotAuthorised("token-missing")
    return caller


def _token(request: Request) -> str:
    """Give what stands after `Bearer`; of two such headers another reader might take the other."""
    sent = request.headers.getlist("authorization")
    scheme, _, token = sent[0].partition(" ") if len(sent) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthorised("token-missing")
    return token.strip()
