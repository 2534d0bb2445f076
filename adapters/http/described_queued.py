"""What the OpenAPI says of the routes for who publishes by a queue, or lost its own store."""

from __future__ import annotations

from adapters.http.described import ACKNOWLEDGEMENT_TYPE, answered, described

_NOT_A_PUBLISHER = {403: "The token is not a publisher's", 503: "Not available"}
INTAKE_KEY = described(
    answered("The key, and the hub's signature", "PublishedIntakeKey"),
    {404: "This hub takes nothing in by queues", 503: "Not available"},
)
SUBMISSION = described(
    answered("What became of each event", "Acknowledgement", ACKNOWLEDGEMENT_TYPE),
    {404: "No answer: not taken in yet, or refused as a whole", **_NOT_A_PUBLISHER},
)
NUMBERS = described(
    answered("Which numbers the caller's source has used", "NumbersAnswer"), _NOT_A_PUBLISHER
)
QUEUE = described(answered("How far it is", "QueueAnswer"), _NOT_A_PUBLISHER)
