"""What the OpenAPI says of the routes of notices and confirmations."""

from __future__ import annotations

from adapters.http.bodies import JSON_TYPE
from adapters.http.described import Node, answered, described, schema

NOTICES = described(
    answered("What is to be told of parts that were sent to the caller's body", "NoticesAnswer"),
    {503: "Not available"},
)
WAITING = described(
    answered("Parts that the caller's body has not fetched yet", "WaitingAnswer"),
    {503: "Not available"},
)
CONFIRMING = described(
    answered("It stands", "ConfirmedAnswer"),
    {
        400: "The body is not JSON in UTF-8",
        403: "Of another body, or not signed by a key that is registered and vouched for",
        404: "Nothing that was to be confirmed",
        408: "The body did not arrive in time",
        413: "Too large",
        415: "Another content type or coding",
        422: "Not a confirmation; or a parameter",
        503: "Not available: nothing was recorded",
    },
)
CONFIRMING_BODY: Node = {
    "required": True,
    "description": "The facts of `erasure-confirmed`, signed (`bhr schema show`).",
    "content": {JSON_TYPE: {"schema": schema("Confirmation")}},
}
