"""What the OpenAPI says of the routes of decisions and erasures."""

from __future__ import annotations

from adapters.http.bodies import JSON_TYPE
from adapters.http.described import Node, answered, described, schema

DECIDING = described(
    answered("Where the decision stands", "DecisionAnswer"),
    {
        400: "The body is not JSON in UTF-8",
        403: "Not signed by a key that is registered and vouched for, or not this body's to decide",
        404: "What it is about is not here",
        408: "The body did not arrive in time",
        409: "Its id is recorded with another content",
        413: "Too large",
        415: "Another content type or coding",
        422: "Not a signed decision: what is wrong, by field; or a parameter",
        503: "Not available: nothing was recorded",
    },
)
DECIDING_BODY: Node = {
    "required": True,
    "description": "The file that `bhr sign` prints.",
    "content": {JSON_TYPE: {"schema": schema("SignedDecisionFile")}},
}
_NOT_READ = {
    403: "A request that nobody may carry out",
    404: "No such request",
    503: "Not available",
}
ERASURE = described(answered("How far it is", "ErasureAnswer"), _NOT_READ)
ERASURES = described(
    answered("Those that concern the caller's body", "ErasuresAnswer"), {503: "Not available"}
)
