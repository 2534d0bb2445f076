"""What is answered to who publishes by a queue, as the OpenAPI shows it."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from adapters.http.documents import Count
from domain.values import Strict

QueueId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
]


class QueueAnswer(Strict):
    """How far a queue is taken in."""

    queue: QueueId
    reached: Count
